/*
 * index.c: the state of an index, which is made from its metapage.
 */
#include "compat.h"

#include <math.h>

#include "ivf/disk/cursor.h"
#include "ivf/space/dimensions.h"
#include "ivf/space/index.h"
#include "ivf/space/options.h"
#include "utils/memutils.h"
#include "utils/rel.h"

void
ivf_index_set_tree(IvfState *state, uint32 tree)
{
	state->meta.trees.tree = tree;
	state->leaf.tree = state->inner.tree = state->unplaced.tree = tree;
}

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
	state->centroid_format = ivf_centroid_format(state->format);
	state->mean_offset = mean_offset;
	state->rotation_offset = rotation_offset;
	memcpy(state->columns, columns, meta->columns.count * sizeof(IvfColumn));
	ivf_layout_init(&state->leaf, IVF_LEAF, state->format, meta->padded,
					&meta->columns);
	ivf_layout_init(&state->inner, IVF_INNER, state->centroid_format,
					meta->padded, &meta->columns);
	ivf_layout_init(&state->unplaced, IVF_UNPLACED, NULL, meta->padded,
					&meta->columns);
	ivf_index_set_tree(state, meta->trees.tree);
	vdb_rotation_init(ivf_rotation(state), meta->padded, meta->seed);
	return state;
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

uint32
ivf_index_bits(Relation index, uint32 padded)
{
	return ivf_option_bits(index, ivf_type(index)->bits
									  ? IVF_BIT_DEFAULT_BITS
									  : ivf_automatic_bits(padded));
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
	meta.dim = ivf_dimensions_require(index);
	if (ivf_type(index)->sketch_dim)
		meta.sketch = ivf_type(index)->sketch_dim(meta.dim);
	meta.padded = vdb_padded_dim(ivf_view_dim(&meta));
	meta.metric = ivf_type(index)->metric;
	meta.bits = ivf_index_bits(index, meta.padded);
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

/*
 * A scale, once chosen, stays; until then somebody else may choose it.  A tree
 * stays until there is another one, and who holds a lock on the index already
 * is not told of that by an invalidation.
 */
static const IvfState *
cached_state(Relation index)
{
	const IvfState *state;

	if (index->rd_amcache == NULL)
		return NULL;
	if (!ivf_index_is_current(index, index->rd_amcache))
		ivf_index_forget(index);
	state = index->rd_amcache;
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
	const IvfState *cached = cached_state(index);
	IvfColumn columns[IVF_MOST_COLUMNS];
	IvfMetaPage meta;
	IvfState *state;
	int ncolumns;

	if (cached)
		return copy_state(cached, context);

	ncolumns = ivf_columns_make(index, columns);
	ivf_meta_read(index, &meta);
	require_columns(index, &meta, columns, ncolumns);
	if (meta.metric != type->metric ||
		(meta.sketch > 0 && type->sketch == NULL) ||
		(vdb_code_format(meta.bits)->verbatim && type->bits == NULL))
		ivf_page_corrupted(index, IVF_META_BLOCK,
						   "metapage is for another operator class");
	state = create_state(type, &meta, columns, context);
	if (meta.mean != InvalidBlockNumber)
		ivf_lines_read(index, meta.trees.tree, meta.mean, IVF_MEAN,
					   ivf_mean(state), meta.padded * sizeof(float) / VDB_LINE);
	remember_state(index, state);
	return state;
}

bool
ivf_index_is_current(Relation index, const IvfState *state)
{
	return ivf_meta_tree(index) == state->meta.trees.tree;
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
