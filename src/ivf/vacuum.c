/*
 * vacuum.c: dead rows out of every list; a new tree where one is due.
 *
 * The lists' heads are copied from the root first; what list_vacuum.c does to
 * one list holds one page's lock at a time.
 */
#include "compat.h"

#include "access/table.h"
#include "commands/vacuum.h"
#include "ivf/callbacks.h"
#include "ivf/disk/list_change.h"
#include "ivf/renew/renew.h"
#include "ivf/renew/sweep.h"
#include "ivf/space/options.h"
#include "ivf/space/tree.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"
#include "storage/indexfsm.h"
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
	double freed = count->freed_slots;

	ivf_list_vacuum(index, leaf->head, &state->leaf, is_dead, dead,
					pause_vacuum, count);
	if (count->freed_slots > freed)
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

/* New trees -------------------------------------------------------------- */

/* Further trees in one vacuum: a second one may take the place of free pages.
 */
#define MOST_RENEWALS 2

static bool
may_renew(Relation index)
{
	return ivf_option_autotrain(index) && index->rd_index->indisvalid;
}

/* The reason for another tree.  Free pages count only if nothing else does. */
static IvfRenewalReason
reason_of(const IvfRenewal *renewal, const IvfSweep *sweep)
{
	bool by_hand = !vdb_is_autovacuum();
	IvfRenewalReason reason = by_hand ? renewal->by_hand : renewal->reason;

	if (reason == IVF_KEEP &&
		(by_hand ? renewal->may_pack_by_hand : renewal->may_pack) &&
		ivf_sweep_is_scattered(sweep))
		return IVF_SPACE;
	return reason;
}

/*
 * Train the index again where that is due; returns whether it was, and the rows
 * in the new tree, or -1.
 */
static bool
renew(Relation index, const IvfSweep *sweep, double *rows)
{
	IvfRenewalReason reason;
	IvfRenewal renewal;
	Relation heap;

	ivf_renewal_judge(index, &renewal);
	reason = reason_of(&renewal, sweep);
	if (reason == IVF_KEEP)
		return false;

	heap = table_open(index->rd_index->indrelid, ShareUpdateExclusiveLock);
	*rows =
		ivf_renew(heap, index, reason, renewal.rows, sweep->free, sweep->nfree);
	table_close(heap, NoLock);
	return true;
}

/* Free what a tree that was given up has taken, for others want it. */
static void
clean_up(IndexVacuumInfo *info, IvfSweep *sweep)
{
	if (ivf_has_litter(info->index) && !ivf_sweep_alone(info, sweep))
		ivf_sweep(info, sweep);
}

/* A tree where one is due, and another one where that left many free pages. */
static void
make_trees(IndexVacuumInfo *info, IvfSweep *sweep, IndexBulkDeleteResult *stats)
{
	double rows;

	for (int i = 0; i < MOST_RENEWALS && may_renew(info->index) &&
					renew(info->index, sweep, &rows);
		 i++)
	{
		if (rows < 0)
		{
			clean_up(info, sweep);
			return;
		}
		stats->num_index_tuples = rows;
		stats->estimated_count = false;
		if (!ivf_sweep_alone(info, sweep))
			return;
	}
}

IndexBulkDeleteResult *
ivf_vacuum_cleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats)
{
	Relation index = info->index;
	IvfSweep sweep = {0};

	if (info->analyze_only)
		return stats;

	if (stats || ivf_has_litter(index))
		ivf_sweep(info, &sweep);
	if (stats == NULL)
	{
		/* Nothing was deleted; of a partial index the table knows little. */
		stats = palloc0(sizeof(IndexBulkDeleteResult));
		stats->num_index_tuples = info->num_heap_tuples;
		stats->estimated_count = true;
	}
	make_trees(info, &sweep, stats);
	ivf_truncate(index, &sweep);
	stats->pages_free = sweep.nfree;
	IndexFreeSpaceMapVacuum(index);
	stats->num_pages = RelationGetNumberOfBlocks(index);
	return stats;
}
