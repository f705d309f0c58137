/*
 * meta.c: see meta.h.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "access/generic_xlog.h"
#include "access/transam.h"
#include "ivf/disk/meta.h"
#include "math/rabitq.h"
#include "math/rotate.h"
#include "math/sketch.h"
#include "math/space.h"
#include "utils/rel.h"

/* Reading ---------------------------------------------------------------- */

/*
 * Why something is no curve, or NULL: densities fall and shares grow.  Negated,
 * so that the rules hold for NaN.
 */
static const char *
curve_fault(const float *density, const float *share, uint32 points)
{
	for (uint32 i = 0; i < points; i++)
	{
		float most_density = i > 0 ? density[i - 1] : FLT_MAX;
		float least_share = i > 0 ? share[i - 1] : 0;

		if (!(density[i] <= most_density && density[i] >= -FLT_MAX))
			return "calibration has an impossible density";
		if (!(share[i] >= least_share && share[i] <= 1))
			return "calibration has an impossible share";
	}
	return NULL;
}

static const char *
recalls_fault(const IvfCalibration *calibration)
{
	for (uint32 i = 0; i < calibration->points; i++)
	{
		float least_recall = i > 0 ? calibration->recall[i - 1] : 0;

		if (!(calibration->recall[i] > least_recall &&
			  calibration->recall[i] <= 1))
			return "calibration has an impossible recall";
	}
	return NULL;
}

static const char *
coefficients_fault(const float *coefficient, int count)
{
	for (int i = 0; i < count; i++)
		if (!isfinite(coefficient[i]))
			return "calibration has an impossible coefficient";
	return NULL;
}

static const char *
shares_fault(const IvfSharesRule *rule, uint32 points)
{
	const char *fault = NULL;

	if (rule->count > IVF_DEPTHS || (rule->count > 0 && points == 0))
		return "calibration has an impossible number of depths";
	if (!isfinite(rule->far))
		return "calibration has an impossible distance of the nearest list";
	for (uint32 i = 0; i < rule->count && fault == NULL; i++)
	{
		float least = i > 0 ? rule->depth[i - 1] : 0;

		if (!(rule->depth[i] > least && rule->depth[i] <= FLT_MAX))
			return "calibration has an impossible depth";
		if (!(fault = coefficients_fault(rule->coefficient[i],
										 IVF_SHARES_FEATURES)))
			fault = curve_fault(rule->score[i], rule->share[i], points);
	}
	return fault;
}

static const char *
close_fault(const IvfClose *close, uint32 points)
{
	bool learnt = close->shares.count > 0;

	if (!(close->reach >= 0 && close->reach <= FLT_MAX) ||
		(close->reach > 0) != learnt)
		return "calibration has an impossible reach of close rows";
	if (!(close->residual2 >= 0 && close->residual2 <= FLT_MAX) ||
		(close->residual2 > 0) != learnt)
		return "calibration has an impossible unit of distances of close rows";
	if (!isfinite(close->near))
		return "calibration has an impossible distance of the nearest list";
	return shares_fault(&close->shares, points);
}

const char *
ivf_calibration_fault(const IvfMetaPage *meta)
{
	const IvfCalibration *calibration = &meta->calibration;
	uint32 points = calibration->points;
	const char *fault;

	if (points != 0 && points != IVF_CURVE_POINTS)
		return "calibration has an impossible number of points";
	/* What divides distances must be above zero. */
	if (!(calibration->residual2 >= 0 && calibration->residual2 <= FLT_MAX) ||
		(points > 0 && calibration->residual2 == 0))
		return "calibration has an impossible unit of distances";
	if ((fault = coefficients_fault(calibration->coefficient, IVF_FEATURES)) ||
		(fault = recalls_fault(calibration)) ||
		(fault = curve_fault(calibration->density, calibration->share, points)))
		return fault;
	if ((fault = shares_fault(&meta->shares, points)))
		return fault;
	return close_fault(&meta->close, points);
}

const char *
ivf_spread_fault(const IvfMetaPage *meta)
{
	const IvfSpread *spread = &meta->spread;

	if (spread->points != 0 && spread->points != IVF_SPREAD_POINTS)
		return "spread has an impossible number of points";
	for (uint32 i = 0; i < spread->points; i++)
	{
		float least_share = i > 0 ? spread->share[i - 1] : 0;
		float least = i > 0 ? spread->distance[i - 1] : -FLT_MAX;

		if (!(spread->share[i] > least_share && spread->share[i] <= 1))
			return "spread has an impossible share";
		if (!(spread->distance[i] >= least && spread->distance[i] <= FLT_MAX))
			return "spread has an impossible distance";
	}
	return NULL;
}

/* Negated, so that the rules hold for NaN. */
const char *
ivf_spill_fault(const IvfMetaPage *meta)
{
	const IvfSpill *spill = &meta->spill;

	if (!(spill->asked >= -1 && spill->asked <= 1))
		return "impossible share of rows in two lists";
	if (!(spill->limit >= 0 && spill->limit <= FLT_MAX) ||
		(spill->limit > 0) != ivf_spills(meta))
		return "impossible limit of the loss of a second list";
	if (!(spill->entries >= 0 && spill->entries <= meta->trained_rows) ||
		(spill->entries > 0 && !ivf_spills(meta)))
		return "impossible number of second entries";
	return NULL;
}

const char *
ivf_history_fault(const IvfMetaPage *meta)
{
	const IvfHistory *history = &meta->history;

	if (!(history->residual2 >= 0 && history->residual2 <= FLT_MAX))
		return "impossible mean residual at training";
	if (!(history->imbalance >= 0 && history->imbalance <= FLT_MAX))
		return "impossible imbalance at training";
	if (!(history->inserted >= 0 && history->inserted <= DBL_MAX) ||
		!(history->recoded >= 0 && history->recoded <= DBL_MAX))
		return "impossible number of rows inserted or coded anew";
	return NULL;
}

const char *
ivf_far_fault(const IvfMetaPage *meta)
{
	for (int i = 0; i < (int) lengthof(meta->far); i++)
		if (!(meta->far[i].from >= 0 && meta->far[i].from <= FLT_MAX) ||
			!(meta->far[i].stretch >= 0 && meta->far[i].stretch <= FLT_MAX))
			return "impossible stretch of far pairs";
	return NULL;
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

const char *
ivf_columns_fault(const IvfMetaPage *meta)
{
	const IvfColumnFormats *columns = &meta->columns;

	if (columns->count > IVF_MOST_COLUMNS ||
		(columns->count > 0) != ((meta->version & IVF_WITH_COLUMNS) != 0))
		return "impossible number of scalar columns";
	for (uint32 i = 0; i < columns->count; i++)
	{
		uint32 width = columns->column[i].width;

		if (width < 1 || width > sizeof(uint64) || (width & (width - 1)) != 0)
			return "impossible width of a scalar column";
	}
	return NULL;
}

/* What cannot be in a metapage of our version, or NULL. */
static const char *
meta_fault(const IvfMetaPage *meta)
{
	const char *fault;
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
	if (ivf_columns_fault(meta))
		return "metapage has impossible scalar columns";
	if (!isfinite(meta->scale) || meta->scale < 0 ||
		!isfinite(meta->mean_norm2) || meta->mean_norm2 < 0 ||
		!isfinite(meta->stretch) || meta->least_stretch < 0 ||
		!(meta->least_stretch <= meta->stretch))
		return "metapage has impossible figures";
	if (meta->trees.tree > meta->trees.begun)
		return "metapage has an impossible tree";
	if ((fault = ivf_spread_fault(meta)) || (fault = ivf_spill_fault(meta)) ||
		(fault = ivf_history_fault(meta)) || (fault = ivf_far_fault(meta)))
		return fault;
	/* With numbers that are none, a search would read all lists, or one. */
	return ivf_calibration_fault(meta);
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

/* The first word of a metapage that pgvector wrote, of ivfflat or hnsw. */
static bool
is_pgvectors(Relation index)
{
	static const uint32 magics[] = {UINT32_C(0x14FF1A7), UINT32_C(0xA953A953)};
	Buffer buffer = ReadBuffer(index, IVF_META_BLOCK);
	uint32 magic;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	magic = *(const uint32 *) PageGetContents(BufferGetPage(buffer));
	UnlockReleaseBuffer(buffer);
	return magic == magics[0] || magic == magics[1];
}

static void
refuse_pgvectors(Relation index)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("index \"%s\" was built by pgvector, whose format "
						   "vecdb does not read",
						   RelationGetRelationName(index)),
					errhint("Use REINDEX to build the index anew.")));
}

void
ivf_meta_read(Relation index, IvfMetaPage *meta)
{
	uint32 version;
	const char *fault = copy_meta(index, meta, &version);

	if (version != 0 && !ivf_version_known(version))
		refuse_version(index, version);
	if (version == 0 && is_pgvectors(index))
		refuse_pgvectors(index);
	if (fault)
		ivf_page_corrupted(index, IVF_META_BLOCK, fault);
}

bool
ivf_meta_peek(Relation index, IvfMetaPage *meta)
{
	uint32 version;

	return RelationGetNumberOfBlocks(index) > IVF_META_BLOCK &&
		   copy_meta(index, meta, &version) == NULL &&
		   ivf_version_known(version);
}

/* Writing ---------------------------------------------------------------- */

/* In an index that is being built, which its end logs whole. */
void
ivf_meta_write(Relation index, ForkNumber fork, const IvfMetaPage *meta)
{
	Buffer buffer =
		ReadBufferExtended(index, fork, IVF_META_BLOCK, RBM_NORMAL, NULL);

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	ivf_page_init(BufferGetPage(buffer), 0, IVF_META, IVF_META_BLOCK, 0,
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

/* Trees ------------------------------------------------------------------ */

uint32
ivf_meta_tree(Relation index)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_SHARE,
								  IVF_META, IVF_META_BLOCK, 0);
	uint32 tree = ivf_meta(BufferGetPage(buffer))->trees.tree;

	UnlockReleaseBuffer(buffer);
	return tree;
}

/* Only vacuum changes these figures, and one vacuums at a time. */
static void
change_trees(Relation index, const IvfTrees *trees)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_EXCLUSIVE,
								  IVF_META, IVF_META_BLOCK, 0);
	GenericXLogState *wal = GenericXLogStart(index);

	ivf_meta(GenericXLogRegisterBuffer(wal, buffer, 0))->trees = *trees;
	GenericXLogFinish(wal);
	UnlockReleaseBuffer(buffer);
}

uint32
ivf_meta_begin_tree(Relation index)
{
	IvfMetaPage meta;

	ivf_meta_read(index, &meta);
	if (meta.trees.begun == PG_UINT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("index \"%s\" cannot be trained again",
							   RelationGetRelationName(index)),
						errhint("Use REINDEX to build it anew.")));
	meta.trees.begun++;
	meta.trees.litter = 1;
	change_trees(index, &meta.trees);
	return meta.trees.begun;
}

void
ivf_meta_clean(Relation index)
{
	IvfMetaPage meta;

	ivf_meta_read(index, &meta);
	meta.trees.litter = 0;
	change_trees(index, &meta.trees);
}

/*
 * The page is locked before the transaction is read: whoever finds the old
 * tree here has a snapshot from before.
 */
void
ivf_meta_switch(Relation index, const IvfMetaPage *meta)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_EXCLUSIVE,
								  IVF_META, IVF_META_BLOCK, 0);
	GenericXLogState *wal = GenericXLogStart(index);
	IvfMetaPage *page = ivf_meta(GenericXLogRegisterBuffer(wal, buffer, 0));
	uint32 begun = page->trees.begun;

	Assert(meta->trees.tree != page->trees.tree);
	*page = *meta;
	page->trees.begun = begun;
	page->trees.litter = 1;
	page->trees.switched =
		U64FromFullTransactionId(ReadNextFullTransactionId());
	GenericXLogFinish(wal);
	UnlockReleaseBuffer(buffer);
}
