/*
 * meta.c: the metapage, and the index state that is made from it.
 */
#include "compat.h"

#include <math.h>

#include "access/generic_xlog.h"
#include "ivf/disk/cursor.h"
#include "ivf/space/index.h"
#include "ivf/space/method.h"
#include "ivf/space/options.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* State from the metapage's fixed part; the mean is zero. */
static IvfState *
create_state(const IvfType *type, const IvfMetaPage *meta,
			 const IvfColumn *columns, MemoryContext context)
{
	Size mean_offset = CACHELINEALIGN(sizeof(IvfState));
	Size rotation_offset =
		mean_offset + CACHELINEALIGN(meta->padded * sizeof(float));
	Size size = rotation_offset + vdb_rotation_size(meta->padded);
	IvfState *state = MemoryContextAllocZero(context, size);

	state->size = size;
	state->meta = *meta;
	state->type = type;
	state->space = vdb_space_numbered(meta->metric);
	state->format = vdb_code_format(meta->bits);
	state->centroid_format = vdb_code_format(IVF_CENTROID_BITS);
	state->mean_offset = mean_offset;
	state->rotation_offset = rotation_offset;
	memcpy(state->columns, columns, meta->columns.count * sizeof(IvfColumn));
	ivf_layout_init(&state->leaf, IVF_LEAF, state->format, meta->padded,
					&meta->columns);
	ivf_layout_init(&state->inner, IVF_INNER, state->centroid_format,
					meta->padded, &meta->columns);
	ivf_layout_init(&state->unplaced, IVF_UNPLACED, NULL, meta->padded,
					&meta->columns);
	vdb_rotation_init(ivf_rotation(state), meta->padded, meta->seed);
	return state;
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
							   "%s index",
							   type->max_dim, ivf_method(index)->name)));
	return typmod;
}

/* What the metapage says of the scalar columns. */
static void
describe_columns(const IvfColumn *columns, int count, IvfMetaPage *meta)
{
	meta->columns.count = count;
	if (count > 0)
		meta->version |= IVF_WITH_COLUMNS;
	for (int i = 0; i < count; i++)
	{
		meta->columns.column[i].kind = columns[i].kind->number;
		meta->columns.column[i].width = columns[i].kind->width;
	}
}

IvfState *
ivf_index_create(Relation index, MemoryContext context)
{
	IvfColumn columns[IVF_MOST_COLUMNS];
	int ncolumns = ivf_columns_make(index, columns);
	IvfMetaPage meta;

	memset(&meta, 0, sizeof(meta));
	meta.magic = IVF_MAGIC;
	meta.version = IVF_VERSION;
	describe_columns(columns, ncolumns, &meta);
	meta.dim = indexed_dim(index);
	if (ivf_type(index)->sketch_dim)
		meta.sketch = ivf_type(index)->sketch_dim(meta.dim);
	meta.padded = vdb_padded_dim(ivf_view_dim(&meta));
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
	return create_state(ivf_type(index), &meta, columns, context);
}

/* The cache -------------------------------------------------------------- */

/*
 * index->rd_amcache is a state of its own, one chunk of memory, which the next
 * invalidation frees.  Invalidations are taken wherever a relation is opened
 * or locked, a catalog read, or a value detoasted; so nobody but these
 * functions sees the pointer, and they call nothing of the kind while they use
 * it.
 */
static IvfState *
copy_state(const IvfState *state, MemoryContext context)
{
	IvfState *copy = MemoryContextAlloc(context, state->size);

	memcpy(copy, state, state->size);
	return copy;
}

static void
remember_state(Relation index, const IvfState *state)
{
	ivf_index_forget(index);
	index->rd_amcache = copy_state(state, index->rd_indexcxt);
}

void
ivf_index_forget(Relation index)
{
	if (index->rd_amcache)
		pfree(index->rd_amcache);
	index->rd_amcache = NULL;
}

/* A scale, once chosen, stays; until then somebody else may choose it. */
static const IvfState *
cached_state(Relation index)
{
	const IvfState *state = index->rd_amcache;

	return state && state->meta.scale > 0 ? state : NULL;
}

int
ivf_columns_differ(const IvfMetaPage *meta, const IvfColumn *columns, int count)
{
	IvfMetaPage now = {0};

	describe_columns(columns, count, &now);
	for (int i = 0; i < IVF_MOST_COLUMNS; i++)
		if (meta->columns.column[i].kind != now.columns.column[i].kind ||
			meta->columns.column[i].width != now.columns.column[i].width)
			return i;
	return meta->columns.count != now.columns.count ? count : -1;
}

/* Keys of one kind say nothing of values of another. */
static void
require_columns(Relation index, const IvfMetaPage *meta,
				const IvfColumn *columns, int count)
{
	int column = ivf_columns_differ(meta, columns, count);

	if (column < 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INDEX_CORRUPTED),
			 errmsg("index \"%s\" was built for other columns",
					RelationGetRelationName(index)),
			 errdetail("Its scalar column %d had another type.", column + 1),
			 errhint("Use REINDEX to build it anew.")));
}

IvfState *
ivf_index_open(Relation index, MemoryContext context)
{
	const IvfType *type = ivf_type(index);
	IvfColumn columns[IVF_MOST_COLUMNS];
	IvfMetaPage meta;
	IvfState *state;
	int ncolumns;

	if (cached_state(index))
		return copy_state(cached_state(index), context);

	ncolumns = ivf_columns_make(index, columns);
	ivf_meta_read(index, &meta);
	require_columns(index, &meta, columns, ncolumns);
	if (meta.metric != type->metric ||
		(meta.sketch > 0 && type->sketch == NULL))
		ivf_page_corrupted(index, IVF_META_BLOCK,
						   "metapage is for another operator class");
	state = create_state(type, &meta, columns, context);
	if (meta.mean != InvalidBlockNumber)
		ivf_lines_read(index, meta.mean, IVF_MEAN, ivf_mean(state),
					   meta.padded * sizeof(float) / VDB_LINE);
	remember_state(index, state);
	return state;
}

void
ivf_index_update_scale(Relation index, IvfState *state)
{
	IvfMetaPage meta;

	if (state->meta.scale > 0)
		return;
	ivf_meta_read(index, &meta);
	state->meta.scale = meta.scale;
}
