/*
 * meta.c: see meta.h.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "access/generic_xlog.h"
#include "ivf/disk/meta.h"
#include "math/rabitq.h"
#include "math/rotate.h"
#include "math/sketch.h"
#include "math/space.h"
#include "utils/rel.h"

/* Reading ---------------------------------------------------------------- */

/* Why a point of the curve cannot follow the one before it, or NULL. */
static const char *
point_fault(const IvfCalibration *calibration, uint32 i)
{
	float least_recall = i > 0 ? calibration->recall[i - 1] : 0;
	float most_density = i > 0 ? calibration->density[i - 1] : FLT_MAX;
	float least_share = i > 0 ? calibration->share[i - 1] : 0;

	/* Negated, so that they hold for NaN. */
	if (!(calibration->recall[i] > least_recall && calibration->recall[i] <= 1))
		return "calibration has an impossible recall";
	if (!(calibration->density[i] <= most_density &&
		  calibration->density[i] >= -FLT_MAX))
		return "calibration has an impossible density";
	if (!(calibration->share[i] >= least_share && calibration->share[i] <= 1))
		return "calibration has an impossible share";
	return NULL;
}

const char *
ivf_calibration_fault(const IvfCalibration *calibration)
{
	const char *fault = NULL;

	if (calibration->points != 0 && calibration->points != IVF_CURVE_POINTS)
		return "calibration has an impossible number of points";
	/* What divides distances must be above zero. */
	if (!(calibration->residual2 >= 0 && calibration->residual2 <= FLT_MAX) ||
		(calibration->points > 0 && calibration->residual2 == 0))
		return "calibration has an impossible unit of distances";
	for (int i = 0; i < IVF_FEATURES; i++)
		if (!isfinite(calibration->coefficient[i]))
			return "calibration has an impossible coefficient";
	for (uint32 i = 0; i < calibration->points && fault == NULL; i++)
		fault = point_fault(calibration, i);
	return fault;
}

const char *
ivf_dim_fault(const IvfMetaPage *meta, uint32 *value)
{
	uint32 most = meta->sketch > 0 ? IVF_MAX_DIM : IVF_MAX_VIEW;

	*value = meta->dim;
	if (meta->dim < 1 || meta->dim > most)
		return "impossible number of dimensions";
	*value = meta->sketch;
	if (meta->sketch > IVF_MAX_VIEW || meta->sketch > meta->dim ||
		meta->sketch % VDB_SKETCH_BLOCKS != 0)
		return "impossible dimensions of sketches";
	*value = meta->padded;
	if (meta->padded != vdb_padded_dim(ivf_view_dim(meta)))
		return "impossible number of padded dimensions";
	return NULL;
}

/* What cannot be in a metapage of our version, or NULL. */
static const char *
meta_fault(const IvfMetaPage *meta)
{
	uint32 value;

	if (meta->magic != IVF_MAGIC)
		return "metapage has a wrong magic number";
	if (ivf_dim_fault(meta, &value))
		return "metapage has impossible dimensions";
	if (vdb_code_format(meta->bits) == NULL)
		return "metapage has an impossible number of bits";
	if (vdb_space_numbered(meta->metric) == NULL)
		return "metapage has an unknown metric";
	if (meta->height > 1)
		return "metapage has an impossible height";
	if (!isfinite(meta->scale) || meta->scale < 0 ||
		!isfinite(meta->mean_norm2) || meta->mean_norm2 < 0 ||
		!isfinite(meta->stretch) || meta->stretch < 0)
		return "metapage has impossible figures";
	/* With numbers that are none, a search would read all lists, or one. */
	return ivf_calibration_fault(&meta->calibration);
}

/*
 * Copy the metapage, of whatever version; returns what is wrong with it, or
 * NULL.  *version is that of its format, or 0 where there is no page of ours.
 */
static const char *
copy_meta(Relation index, IvfMetaPage *meta, uint32 *version)
{
	Buffer buffer = ReadBuffer(index, IVF_META_BLOCK);
	Page page = BufferGetPage(buffer);
	const char *fault;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	*version = ivf_page_version(page);
	fault = ivf_page_fault(page, IVF_META, IVF_META_BLOCK, 0);
	if (fault == NULL)
	{
		*meta = *ivf_meta(page);
		*version = meta->version;
		fault = meta_fault(meta);
	}
	UnlockReleaseBuffer(buffer);
	return fault;
}

/* Nothing is wrong with an index that another version made. */
static void
refuse_version(Relation index, uint32 version)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("index \"%s\" has format version %u, which this version "
					"of vecdb does not read",
					RelationGetRelationName(index), version),
			 errdetail("It reads format version %d.", IVF_VERSION),
			 errhint("Use REINDEX to build the index anew.")));
}

void
ivf_meta_read(Relation index, IvfMetaPage *meta)
{
	uint32 version;
	const char *fault = copy_meta(index, meta, &version);

	if (version != 0 && version != IVF_VERSION)
		refuse_version(index, version);
	if (fault)
		ivf_page_corrupted(index, IVF_META_BLOCK, fault);
}

bool
ivf_meta_peek(Relation index, IvfMetaPage *meta)
{
	uint32 version;

	return RelationGetNumberOfBlocks(index) > IVF_META_BLOCK &&
		   copy_meta(index, meta, &version) == NULL && version == IVF_VERSION;
}

/* Writing ---------------------------------------------------------------- */

/* In an index that is being built, which its end logs whole. */
void
ivf_meta_write(Relation index, ForkNumber fork, const IvfMetaPage *meta)
{
	Buffer buffer =
		ReadBufferExtended(index, fork, IVF_META_BLOCK, RBM_NORMAL, NULL);

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	ivf_page_init(BufferGetPage(buffer), IVF_META, IVF_META_BLOCK, 0,
				  InvalidBlockNumber);
	*ivf_meta(BufferGetPage(buffer)) = *meta;
	MarkBufferDirty(buffer);
	UnlockReleaseBuffer(buffer);
}

/*
 * Several inserts may come first at a time: the lock decides whose scale it is,
 * and all of them use that one before they code their rows.
 */
void
ivf_meta_set_scale(Relation index, float scale)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_EXCLUSIVE,
								  IVF_META, IVF_META_BLOCK, 0);

	Assert(scale > 0);
	if (ivf_meta(BufferGetPage(buffer))->scale == 0)
	{
		GenericXLogState *wal = GenericXLogStart(index);

		ivf_meta(GenericXLogRegisterBuffer(wal, buffer, 0))->scale = scale;
		GenericXLogFinish(wal);
	}
	UnlockReleaseBuffer(buffer);
}
