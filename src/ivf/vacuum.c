/*
 * vacuum.c: dead rows out of every list.
 *
 * The lists' heads are copied from the root first; what list_vacuum.c does to
 * one list holds one page's lock at a time.
 */
#include "compat.h"

#include "commands/vacuum.h"
#include "ivf/callbacks.h"
#include "ivf/disk/list_change.h"
#include "ivf/space/tree.h"
#include "storage/indexfsm.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef struct DeadRows
{
	IndexBulkDeleteCallback callback;
	void *callback_state;
} DeadRows;

static bool
is_dead(ItemPointer tid, void *arg)
{
	DeadRows *rows = arg;

	return rows->callback(tid, rows->callback_state);
}

static void
pause_vacuum(void)
{
	vdb_vacuum_delay_point();
}

/* A leaf list, and what its parent says of it once rows are gone. */
static void
vacuum_leaf(Relation index, const IvfState *state, const IvfLeaf *leaf,
			DeadRows *dead, IvfVacuumCount *count)
{
	IvfParent parent = ivf_tree_parent(state, leaf->slot);
	double removed = count->removed;

	ivf_list_vacuum(index, leaf->head, &state->leaf, is_dead, dead,
					pause_vacuum, count);
	if (count->removed > removed)
		ivf_summaries_narrow(index, &parent, leaf->head, &state->leaf,
							 pause_vacuum);
}

IndexBulkDeleteResult *
ivf_bulk_delete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
				IndexBulkDeleteCallback callback, void *callback_state)
{
	Relation index = info->index;
	const IvfState *state = ivf_index_open(index, CurrentMemoryContext);
	DeadRows dead = {callback, callback_state};
	IvfVacuumCount count = {0};
	IvfLeaf *leaves;
	uint32 nleaves = ivf_tree_leaves(index, state, &leaves);

	if (stats == NULL)
		stats = palloc0(sizeof(IndexBulkDeleteResult));
	for (uint32 i = 0; i < nleaves; i++)
		vacuum_leaf(index, state, &leaves[i], &dead, &count);
	ivf_list_vacuum(index, state->meta.unplaced, &state->unplaced, is_dead,
					&dead, pause_vacuum, &count);
	pfree(leaves);

	/* The last call of several counts the rows; removals add up. */
	stats->num_index_tuples = count.live;
	stats->tuples_removed += count.removed;
	stats->pages_deleted += count.freed_pages;
	return stats;
}

/*
 * Tell the free space map of every page that is free.  It is not WAL-logged,
 * and a crash can leave a page that was allocated and never used.
 */
static BlockNumber
record_free_pages(IndexVacuumInfo *info)
{
	Relation index = info->index;
	BlockNumber blocks;
	BlockNumber found = 0;

	/* Under this lock, whoever extended the index has locked his page. */
	LockRelationForExtension(index, ExclusiveLock);
	blocks = RelationGetNumberOfBlocks(index);
	UnlockRelationForExtension(index, ExclusiveLock);

	for (BlockNumber block = IVF_META_BLOCK + 1; block < blocks; block++)
	{
		Buffer buffer;
		Page page;
		bool is_free;

		vdb_vacuum_delay_point();
		buffer = ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL,
									info->strategy);
		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		page = BufferGetPage(buffer);
		is_free =
			PageIsNew(page) || ivf_page_fault(page, IVF_FREE, block, 0) == NULL;
		UnlockReleaseBuffer(buffer);
		if (is_free)
		{
			RecordFreeIndexPage(index, block);
			found++;
		}
	}
	return found;
}

IndexBulkDeleteResult *
ivf_vacuum_cleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats)
{
	if (info->analyze_only)
		return stats;

	if (stats)
		stats->pages_free = record_free_pages(info);
	else
	{
		/* Nothing was deleted; of a partial index the table knows little. */
		stats = palloc0(sizeof(IndexBulkDeleteResult));
		stats->num_index_tuples = info->num_heap_tuples;
		stats->estimated_count = true;
	}
	IndexFreeSpaceMapVacuum(info->index);
	stats->num_pages = RelationGetNumberOfBlocks(info->index);
	return stats;
}
