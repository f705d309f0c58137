/*
 * parallel.c: rows assigned by several processes.
 *
 * The leader has trained and written metapage, mean and root; workers read
 * them from the index, so that shared memory holds only the state of the
 * parallel scan and sort.  Everybody scans a share of the heap into a sort of
 * its own; the leader merges them.
 */
#include "compat.h"

#include "access/parallel.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/instrument.h"
#include "ivf/build/memory.h"
#include "ivf/build/parallel.h"
#include "ivf/build/participant.h"
#include "ivf/build/sort.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

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
	IvfShared *shared = allocate(context, IVF_KEY_SHARED,
								 shared_size(build, parallel->snapshot));
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
	table_parallelscan_initialize(build->heap, ivf_shared_scan(shared),
								  parallel->snapshot);
	parallel->shared = shared;

	parallel->sort = allocate(context, IVF_KEY_SORT, sort_size);
	tuplesort_initialize_shared(parallel->sort, participants, context->seg);

	build->query_columns =
		allocate(context, IVF_KEY_QUERIES, queries_size(build));
	ivf_query_columns(build, build->query_columns);
	parallel->neighbours = allocate(context, IVF_KEY_NEIGHBOURS,
									neighbours_size(build, participants));
	ivf_neighbours_reset(parallel->neighbours, build->queries * participants);

	if (debug_query_string)
		strcpy(allocate(context, IVF_KEY_QUERY_TEXT,
						strlen(debug_query_string) + 1),
			   debug_query_string);
	parallel->wal_usage =
		allocate(context, IVF_KEY_WAL_USAGE,
				 mul_size(sizeof(WalUsage), context->nworkers));
	parallel->buffer_usage =
		allocate(context, IVF_KEY_BUFFER_USAGE,
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
	ivf_participant_assign(build, parallel->shared, parallel->sort,
						   parallel->neighbours, true);
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
