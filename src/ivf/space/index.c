/*
 * meta.c: the metapage, and the index state that is made from it.
 */
#include "compat.h"

#include <math.h>

#include "access/generic_xlog.h"
#include "ivf/disk/cursor.h"
#include "ivf/space/index.h"
#include "ivf/space/options.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* State from the metapage's fixed part; the mean is zero. */
static IvfIndex *
create_state(const IvfType *type, const IvfMetaPage *meta,
			 MemoryContext context)
{
	Size mean_offset = CACHELINEALIGN(sizeof(IvfIndex));
	Size rotation_offset =
		mean_offset + CACHELINEALIGN(meta->padded * sizeof(float));
	Size size = rotation_offset + vdb_rotation_size(meta->padded);
	IvfIndex *ivf = MemoryContextAllocZero(context, size);

	ivf->size = size;
	ivf->meta = *meta;
	ivf->type = type;
	ivf->space = vdb_space_numbered(meta->metric);
	ivf->format = vdb_code_format(meta->bits);
	ivf->centroid_format = vdb_code_format(IVF_CENTROID_BITS);
	ivf->mean_offset = mean_offset;
	ivf->rotation_offset = rotation_offset;
	ivf_layout_init(&ivf->leaf, IVF_LEAF, ivf->format, meta->padded);
	ivf_layout_init(&ivf->inner, IVF_INNER, ivf->centroid_format, meta->padded);
	ivf_layout_init(&ivf->unplaced, IVF_UNPLACED, NULL, meta->padded);
	vdb_rotation_init(ivf_rotation(ivf), meta->padded, meta->seed);
	return ivf;
}

/* The column's dimensions, from its type modifier. */
static uint32
indexed_dim(Relation index)
{
	const IvfType *type = ivf_type(index);
	int32 typmod = TupleDescAttr(RelationGetDescr(index), 0)->atttypmod;

	if (typmod < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column does not have dimensions"),
				 errdetail("An index of type %s needs to know how many.",
						   type->name),
				 errhint("Declare the column, or cast the expression, as "
						 "%s(n).",
						 type->name)));
	if (typmod > type->max_dim)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("column cannot have more than %u dimensions for "
							   "ivfflat index",
							   type->max_dim)));
	return typmod;
}

IvfIndex *
ivf_index_create(Relation index, MemoryContext context)
{
	IvfMetaPage meta;

	memset(&meta, 0, sizeof(meta));
	meta.magic = IVF_MAGIC;
	meta.version = IVF_VERSION;
	meta.dim = indexed_dim(index);
	meta.padded = vdb_padded_dim(meta.dim);
	meta.metric = ivf_type(index)->metric;
	meta.bits = ivf_option_bits(index);
	meta.root = InvalidBlockNumber;
	meta.unplaced = InvalidBlockNumber;
	meta.mean = InvalidBlockNumber;

	/* Any seed does; a fixed one makes builds repeatable. */
	meta.seed = IVF_SEED;

	/* Normalized vectors need no look at the data. */
	if (vdb_space_numbered(meta.metric)->normalize)
		meta.scale = vdb_space_scale(1.0);
	return create_state(ivf_type(index), &meta, context);
}

/* The cache -------------------------------------------------------------- */

/*
 * index->rd_amcache is a state of its own, one chunk of memory, which the next
 * invalidation frees.  Invalidations are taken wherever a relation is opened
 * or locked, a catalog read, or a value detoasted; so nobody but these
 * functions sees the pointer, and they call nothing of the kind while they use
 * it.
 */
static IvfIndex *
copy_state(const IvfIndex *ivf, MemoryContext context)
{
	IvfIndex *copy = MemoryContextAlloc(context, ivf->size);

	memcpy(copy, ivf, ivf->size);
	return copy;
}

static void
remember_state(Relation index, const IvfIndex *ivf)
{
	ivf_index_forget(index);
	index->rd_amcache = copy_state(ivf, index->rd_indexcxt);
}

void
ivf_index_forget(Relation index)
{
	if (index->rd_amcache)
		pfree(index->rd_amcache);
	index->rd_amcache = NULL;
}

/* A scale, once chosen, stays; until then somebody else may choose it. */
static const IvfIndex *
cached_state(Relation index)
{
	const IvfIndex *ivf = index->rd_amcache;

	return ivf && ivf->meta.scale > 0 ? ivf : NULL;
}

IvfIndex *
ivf_index_open(Relation index, MemoryContext context)
{
	const IvfType *type = ivf_type(index);
	IvfMetaPage meta;
	IvfIndex *ivf;

	if (cached_state(index))
		return copy_state(cached_state(index), context);

	ivf_meta_read(index, &meta);
	if (meta.metric != type->metric)
		ivf_page_corrupted(index, IVF_META_BLOCK,
						   "metapage is for another operator class");
	ivf = create_state(type, &meta, context);
	if (meta.mean != InvalidBlockNumber)
		ivf_lines_read(index, meta.mean, IVF_MEAN, ivf_mean(ivf),
					   meta.padded * sizeof(float) / VDB_LINE);
	remember_state(index, ivf);
	return ivf;
}

void
ivf_index_update_scale(Relation index, IvfIndex *ivf)
{
	IvfMetaPage meta;

	if (ivf->meta.scale > 0)
		return;
	ivf_meta_read(index, &meta);
	ivf->meta.scale = meta.scale;
}
