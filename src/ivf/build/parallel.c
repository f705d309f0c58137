/*
 * parallel.c: rows assigned by several processes.
 *
 * The leader has trained and written metapage, mean and root; workers read
 * them from the index, so that shared memory holds only the state of the
 * parallel scan and sort.  Everybody scans a share of the heap into a sort of
 * its own; the leader merges them.
 */
#include "compat.h"

#include "access/genam.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/instrument.h"
#include "ivf/build/assign.h"
#include "ivf/build/memory.h"
#include "ivf/build/parallel.h"
#include "ivf/build/progress.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/condition_variable.h"
#include "storage/spin.h"
#include "tcop/tcopprot.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define KEY_SHARED UINT64CONST(0xB1F0000000000001)
#define KEY_SORT UINT64CONST(0xB1F0000000000002)
#define KEY_QUERY_TEXT UINT64CONST(0xB1F0000000000003)
#define KEY_WAL_USAGE UINT64CONST(0xB1F0000000000004)
#define KEY_QUERIES UINT64CONST(0xB1F0000000000006)
#define KEY_NEIGHBOURS UINT64CONST(0xB1F0000000000007)
#define KEY_BUFFER_USAGE UINT64CONST(0xB1F0000000000005)

typedef struct IvfShared
{
	Oid heap;
	Oid index;
	bool concurrent;
	int participants;
	int memory_kb; /* of each participant's sort */
	uint32 queries;

	IvfSharedProgress progress;
	ConditionVariable done;
	slock_t mutex; /* protects what follows */
	int ndone;
	double heap_rows;
	double index_rows;
	double residuals;
} IvfShared;

/* The parallel scan's state lies behind, aligned. */
static ParallelTableScanDesc
shared_scan(IvfShared *shared)
{
	return (ParallelTableScanDesc) ((char *) shared +
									BUFFERALIGN(sizeof(IvfShared)));
}

struct IvfParallel
{
	ParallelContext *context;
	IvfShared *shared;
	Sharedsort *sort;
	IvfNeighbours *neighbours; /* queries of them a participant */
	Snapshot snapshot;
	WalUsage *wal_usage;
	BufferUsage *buffer_usage;
};

/* Both sides ------------------------------------------------------------- */

/* One participant's share: scan, assign, sort. */
static void
assign_share(IvfBuild *build, IvfShared *shared, Sharedsort *shared_sort,
			 IvfNeighbours *neighbours, bool progress)
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
	ivf_assign_rows(build, sort,
					table_beginscan_parallel(build->heap, shared_scan(shared)),
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

/* Leader ----------------------------------------------------------------- */

static void
estimate(ParallelContext *context, Size size)
{
	shm_toc_estimate_chunk(&context->estimator, size);
	shm_toc_estimate_keys(&context->estimator, 1);
}

static void *
allocate(ParallelContext *context, uint64 key, Size size)
{
	void *memory = shm_toc_allocate(context->toc, size);

	memset(memory, 0, size);
	shm_toc_insert(context->toc, key, memory);
	return memory;
}

static Size
shared_size(IvfBuild *build, Snapshot snapshot)
{
	return add_size(BUFFERALIGN(sizeof(IvfShared)),
					table_parallelscan_estimate(build->heap, snapshot));
}

static Size
queries_size(const IvfBuild *build)
{
	return (Size) build->queries * build->state->meta.padded * sizeof(float);
}

static Size
neighbours_size(const IvfBuild *build, int participants)
{
	return (Size) build->queries * participants * sizeof(IvfNeighbours);
}

static void
init_shared(IvfParallel *parallel, IvfBuild *build, int participants)
{
	ParallelContext *context = parallel->context;
	IvfShared *shared =
		allocate(context, KEY_SHARED, shared_size(build, parallel->snapshot));
	Size sort_size = tuplesort_estimate_shared(participants);
	shared->heap = RelationGetRelid(build->heap);
	shared->index = RelationGetRelid(build->index);
	shared->concurrent = build->info->ii_Concurrent;
	shared->participants = participants;
	shared->memory_kb = ivf_sort_memory(2 * participants);
	shared->queries = build->queries;
	ConditionVariableInit(&shared->done);
	SpinLockInit(&shared->mutex);
	SpinLockInit(&shared->progress.mutex);
	table_parallelscan_initialize(build->heap, shared_scan(shared),
								  parallel->snapshot);
	parallel->shared = shared;

	parallel->sort = allocate(context, KEY_SORT, sort_size);
	tuplesort_initialize_shared(parallel->sort, participants, context->seg);

	build->query_columns = allocate(context, KEY_QUERIES, queries_size(build));
	ivf_query_columns(build, build->query_columns);
	parallel->neighbours =
		allocate(context, KEY_NEIGHBOURS, neighbours_size(build, participants));
	ivf_neighbours_reset(parallel->neighbours, build->queries * participants);

	if (debug_query_string)
		strcpy(
			allocate(context, KEY_QUERY_TEXT, strlen(debug_query_string) + 1),
			debug_query_string);
	parallel->wal_usage = allocate(
		context, KEY_WAL_USAGE, mul_size(sizeof(WalUsage), context->nworkers));
	parallel->buffer_usage =
		allocate(context, KEY_BUFFER_USAGE,
				 mul_size(sizeof(BufferUsage), context->nworkers));
}

static void
estimate_shared(IvfParallel *parallel, IvfBuild *build, int participants)
{
	ParallelContext *context = parallel->context;

	estimate(context, shared_size(build, parallel->snapshot));
	estimate(context, tuplesort_estimate_shared(participants));
	estimate(context, queries_size(build));
	estimate(context, neighbours_size(build, participants));
	if (debug_query_string)
		estimate(context, strlen(debug_query_string) + 1);
	estimate(context, mul_size(sizeof(WalUsage), context->nworkers));
	estimate(context, mul_size(sizeof(BufferUsage), context->nworkers));
}

/* Undo what ivf_parallel_begin() did. */
static void
leave_parallel_mode(IvfParallel *parallel)
{
	if (IsMVCCSnapshot(parallel->snapshot))
		UnregisterSnapshot(parallel->snapshot);
	DestroyParallelContext(parallel->context);
	ExitParallelMode();
	pfree(parallel);
}

IvfParallel *
ivf_parallel_begin(IvfBuild *build, int workers)
{
	IvfParallel *parallel = palloc0(sizeof(IvfParallel));

	EnterParallelMode();
	parallel->context =
		CreateParallelContext("vecdb", "ivf_build_worker", workers);
	parallel->snapshot = build->info->ii_Concurrent
							 ? RegisterSnapshot(GetTransactionSnapshot())
							 : SnapshotAny;
	estimate_shared(parallel, build, workers + 1);
	InitializeParallelDSM(parallel->context);

	/* Without a segment of shared memory the build goes on alone. */
	if (parallel->context->seg == NULL)
	{
		leave_parallel_mode(parallel);
		return NULL;
	}
	init_shared(parallel, build, workers + 1);
	LaunchParallelWorkers(parallel->context);
	if (parallel->context->nworkers_launched == 0)
	{
		WaitForParallelWorkersToFinish(parallel->context);
		leave_parallel_mode(parallel);
		return NULL;
	}
	ereport(DEBUG1, (errmsg("using %d parallel workers",
							parallel->context->nworkers_launched)));
	return parallel;
}

static void
wait_for_workers(IvfParallel *parallel, int participants)
{
	IvfShared *shared = parallel->shared;

	for (;;)
	{
		int ndone;

		SpinLockAcquire(&shared->mutex);
		ndone = shared->ndone;
		SpinLockRelease(&shared->mutex);
		if (ndone == participants)
			break;
		ConditionVariableSleep(&shared->done,
							   WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
	}
	ConditionVariableCancelSleep();
}

Tuplesortstate *
ivf_parallel_assign(IvfParallel *parallel, IvfBuild *build,
					IvfNeighbours *neighbours)
{
	int participants = parallel->context->nworkers_launched + 1;
	SortCoordinate coordinate = palloc0(sizeof(SortCoordinateData));
	Tuplesortstate *sort;

	/* The leader's neighbours come first, before those of the workers. */
	assign_share(build, parallel->shared, parallel->sort, parallel->neighbours,
				 true);
	WaitForParallelWorkersToAttach(parallel->context);
	wait_for_workers(parallel, participants);
	build->heap_rows = parallel->shared->heap_rows;
	build->index_rows = parallel->shared->index_rows;
	build->residuals = parallel->shared->residuals;
	for (int i = 0; i < participants; i++)
		ivf_neighbours_merge(neighbours,
							 parallel->neighbours + i * build->queries,
							 build->queries);

	coordinate->isWorker = false;
	coordinate->nParticipants = participants;
	coordinate->sharedsort = parallel->sort;
	sort = ivf_sort_begin(&build->state->leaf, ivf_sort_memory(2), coordinate);
	tuplesort_performsort(sort);
	return sort;
}

void
ivf_parallel_end(IvfParallel *parallel)
{
	WaitForParallelWorkersToFinish(parallel->context);
	for (int i = 0; i < parallel->context->nworkers_launched; i++)
		InstrAccumParallelQuery(&parallel->buffer_usage[i],
								&parallel->wal_usage[i]);
	leave_parallel_mode(parallel);
}

/* Worker ----------------------------------------------------------------- */

static void
set_query_text(shm_toc *toc)
{
	debug_query_string = shm_toc_lookup(toc, KEY_QUERY_TEXT, true);
	pgstat_report_activity(STATE_RUNNING, debug_query_string);
}

static void
build_share(dsm_segment *segment, shm_toc *toc, IvfShared *shared)
{
	Sharedsort *shared_sort = shm_toc_lookup(toc, KEY_SORT, false);
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
	build.query_columns = shm_toc_lookup(toc, KEY_QUERIES, false);
	neighbours = shm_toc_lookup(toc, KEY_NEIGHBOURS, false);

	tuplesort_attach_shared(shared_sort, segment);
	assign_share(&build, shared, shared_sort,
				 neighbours + (ParallelWorkerNumber + 1) * build.queries,
				 false);

	index_close(build.index, index_lock);
	table_close(build.heap, heap_lock);
}

PGDLLEXPORT void ivf_build_worker(dsm_segment *segment, shm_toc *toc);

void
ivf_build_worker(dsm_segment *segment, shm_toc *toc)
{
	WalUsage *wal_usage = shm_toc_lookup(toc, KEY_WAL_USAGE, false);
	BufferUsage *buffer_usage = shm_toc_lookup(toc, KEY_BUFFER_USAGE, false);

	set_query_text(toc);
	InstrStartParallelQuery();
	build_share(segment, toc, shm_toc_lookup(toc, KEY_SHARED, false));
	InstrEndParallelQuery(&buffer_usage[ParallelWorkerNumber],
						  &wal_usage[ParallelWorkerNumber]);
}
