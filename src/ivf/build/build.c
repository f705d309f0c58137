/*
 * build.c: CREATE INDEX: the metapage, a tree (tree.h), and all pages logged.
 */
#include "compat.h"

#include "access/xloginsert.h"
#include "catalog/index.h"
#include "ivf/build/create_index.h"
#include "ivf/build/progress.h"
#include "ivf/build/train.h"
#include "ivf/build/tree.h"
#include "ivf/space/options.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Block 0, to be filled in when everything else is known. */
static void
reserve_metapage(Relation index, ForkNumber fork)
{
	Buffer buffer =
		ReadBufferExtended(index, fork, P_NEW, RBM_ZERO_AND_LOCK, NULL);

	if (BufferGetBlockNumber(buffer) != IVF_META_BLOCK)
		elog(ERROR, "index \"%s\" already contains data",
			 RelationGetRelationName(index));
	MarkBufferDirty(buffer);
	UnlockReleaseBuffer(buffer);
}

static void
init_build(IvfBuild *build, Relation heap, Relation index, IndexInfo *info)
{
	memset(build, 0, sizeof(*build));
	build->heap = heap;
	build->index = index;
	build->info = info;
	build->state = ivf_index_create(index, CurrentMemoryContext);
	ivf_options_require(index);
	build->site = (IvfSite){.index = index, .fork = MAIN_FORKNUM};
	build->lists = 1;
	build->participants = 1;
}

static void
build_index(IvfBuild *build)
{
	Relation index = build->index;

	if (RelationGetNumberOfBlocks(index) != 0)
		elog(ERROR, "index \"%s\" already contains data",
			 RelationGetRelationName(index));

	reserve_metapage(index, MAIN_FORKNUM);
	ivf_train(build);
	ivf_build_root(build);

	/* Workers read what is there so far. */
	ivf_meta_write(index, MAIN_FORKNUM, &build->state->meta);
	ivf_build_lists(build);
	build->state->meta.history.inserted = build->index_rows;
	ivf_meta_write(index, MAIN_FORKNUM, &build->state->meta);

	if (RelationNeedsWAL(index))
		log_newpage_range(index, MAIN_FORKNUM, 0,
						  RelationGetNumberOfBlocks(index), true);
}

IndexBuildResult *
ivf_build(Relation heap, Relation index, IndexInfo *info)
{
	IndexBuildResult *result = palloc(sizeof(IndexBuildResult));
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat build", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	IvfBuild build;

	ivf_report_begin(true);
	init_build(&build, heap, index, info);
	build_index(&build);
	result->heap_tuples = build.heap_rows;
	result->index_tuples = build.index_rows;

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return result;
}

static BlockNumber
write_empty_list(IvfSite *site, IvfPageKind kind)
{
	IvfWriter writer;

	ivf_writer_begin(&writer, site, kind, NULL);
	ivf_writer_end(&writer);
	return writer.head;
}

/* The init fork of an unlogged index: what it is after a crash. */
void
ivf_build_empty(Relation index)
{
	IvfState *state = ivf_index_create(index, CurrentMemoryContext);
	IvfSite site = {.index = index, .fork = INIT_FORKNUM};

	ivf_options_require(index);
	reserve_metapage(index, INIT_FORKNUM);
	state->meta.lists = 1;
	state->meta.root = write_empty_list(&site, IVF_LEAF);
	state->meta.unplaced = write_empty_list(&site, IVF_UNPLACED);
	ivf_meta_write(index, INIT_FORKNUM, &state->meta);
	log_newpage_range(index, INIT_FORKNUM, 0, state->meta.unplaced + 1, true);
	pfree(state);
}
