/*
 * participant.c: a process that takes part in a parallel assignment.
 *
 * Leader and workers assign their shares by the same steps; a worker gets all
 * else that it needs from shared memory and from the index.
 */
#include "compat.h"

#include "access/genam.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/instrument.h"
#include "ivf/build/assign.h"
#include "ivf/build/participant.h"
#include "ivf/build/sort.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"

void
ivf_participant_assign(IvfBuild *build, IvfShared *shared,
					   Sharedsort *shared_sort, IvfNeighbours *neighbours,
					   bool progress)
{
	SortCoordinate coordinate = palloc0(sizeof(SortCoordinateData));
	Tuplesortstate *sort;

	coordinate->isWorker = true;
	coordinate->nParticipants = -1;
	coordinate->sharedsort = shared_sort;
	sort = ivf_sort_begin(&build->state->leaf, shared->memory_kb, coordinate);

	build->heap_rows = build->index_rows = build->residuals = 0;
	build->progress = &shared->progress;
	build->participants = shared->participants;
	ivf_assign_rows(
		build, sort,
		table_beginscan_parallel(build->heap, ivf_shared_scan(shared)),
		neighbours, progress);
	tuplesort_performsort(sort);

	SpinLockAcquire(&shared->mutex);
	shared->ndone++;
	shared->heap_rows += build->heap_rows;
	shared->index_rows += build->index_rows;
	shared->residuals += build->residuals;
	SpinLockRelease(&shared->mutex);
	ConditionVariableSignal(&shared->done);
	tuplesort_end(sort);
}

static void
set_query_text(shm_toc *toc)
{
	debug_query_string = shm_toc_lookup(toc, IVF_KEY_QUERY_TEXT, true);
	pgstat_report_activity(STATE_RUNNING, debug_query_string);
}

static void
build_share(dsm_segment *segment, shm_toc *toc, IvfShared *shared)
{
	Sharedsort *shared_sort = shm_toc_lookup(toc, IVF_KEY_SORT, false);
	LOCKMODE heap_lock =
		shared->concurrent ? ShareUpdateExclusiveLock : ShareLock;
	LOCKMODE index_lock =
		shared->concurrent ? RowExclusiveLock : AccessExclusiveLock;
	IvfNeighbours *neighbours;
	IvfBuild build;

	memset(&build, 0, sizeof(build));
	build.heap = table_open(shared->heap, heap_lock);
	build.index = index_open(shared->index, index_lock);
	build.info = BuildIndexInfo(build.index);
	build.info->ii_Concurrent = shared->concurrent;
	build.state = ivf_index_open(build.index, CurrentMemoryContext);
	build.lists = build.state->meta.lists;
	build.participants = shared->participants;
	build.queries = shared->queries;
	build.query_columns = shm_toc_lookup(toc, IVF_KEY_QUERIES, false);
	neighbours = shm_toc_lookup(toc, IVF_KEY_NEIGHBOURS, false);

	tuplesort_attach_shared(shared_sort, segment);
	ivf_participant_assign(
		&build, shared, shared_sort,
		neighbours + (ParallelWorkerNumber + 1) * build.queries, false);

	index_close(build.index, index_lock);
	table_close(build.heap, heap_lock);
}

PGDLLEXPORT void ivf_build_worker(dsm_segment *segment, shm_toc *toc);

void
ivf_build_worker(dsm_segment *segment, shm_toc *toc)
{
	WalUsage *wal_usage = shm_toc_lookup(toc, IVF_KEY_WAL_USAGE, false);
	BufferUsage *buffer_usage =
		shm_toc_lookup(toc, IVF_KEY_BUFFER_USAGE, false);

	set_query_text(toc);
	InstrStartParallelQuery();
	build_share(segment, toc, shm_toc_lookup(toc, IVF_KEY_SHARED, false));
	InstrEndParallelQuery(&buffer_usage[ParallelWorkerNumber],
						  &wal_usage[ParallelWorkerNumber]);
}
