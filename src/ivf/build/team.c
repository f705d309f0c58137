/*
 * team.c: k-means by several processes.
 *
 * Shared memory holds the sample and the work memory of math/kmeans.h, which
 * cuts each step into parts.  The leader runs the algorithm and publishes one
 * step after the other; everybody, the leader too, takes parts of it until
 * none is left.  So nobody waits for a worker that never started, and the
 * result does not depend on who did what.  Where shared memory or workers
 * cannot be had, the leader has everything in memory of its own.
 */
#include "compat.h"

#ifndef WIN32
#include <sys/statvfs.h>
#endif

#include "access/parallel.h"
#include "access/xact.h"
#include "ivf/build/team.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/condition_variable.h"
#include "storage/dsm_impl.h"
#include "storage/spin.h"
#include "tcop/tcopprot.h"

#define KEY_TEAM UINT64CONST(0xB1F0000000000011)
#define KEY_ROWS UINT64CONST(0xB1F0000000000012)
#define KEY_WORK UINT64CONST(0xB1F0000000000013)

typedef struct TeamShared
{
	uint32 dim;
	uint32 most;			/* lists, of which there will be no more */
	ConditionVariable work; /* a new step, or the end */
	ConditionVariable done; /* all parts of the step */
	slock_t mutex;			/* protects what follows */
	bool over;
	uint32 lists;
	Size rows;
	VdbKmeansStep step;
	Size parts;
	Size next;	   /* part to be taken */
	Size finished; /* parts */
} TeamShared;

struct IvfTeam
{
	ParallelContext *context; /* NULL: alone */
	TeamShared *shared;
	VdbKmeans *task;
	char *memory; /* of one who is alone */
	VdbRow *rows;
	void *work;
	void *scratch;
};

/* Both sides ------------------------------------------------------------- */

static bool
take_part(TeamShared *shared, VdbKmeansStep *step, Size *part)
{
	bool taken;

	SpinLockAcquire(&shared->mutex);
	taken = shared->next < shared->parts;
	if (taken)
	{
		*part = shared->next++;
		*step = shared->step;
	}
	SpinLockRelease(&shared->mutex);
	return taken;
}

static void
finish_part(TeamShared *shared)
{
	bool all;

	SpinLockAcquire(&shared->mutex);
	all = ++shared->finished == shared->parts;
	SpinLockRelease(&shared->mutex);
	if (all)
		ConditionVariableSignal(&shared->done);
}

static void *
aligned(Size size)
{
	char *memory = palloc_extended(size + PG_CACHE_LINE_SIZE, MCXT_ALLOC_HUGE);

	return (void *) CACHELINEALIGN(memory);
}

/* Leader ----------------------------------------------------------------- */

/*
 * Whether shared memory has room.  Linux keeps it in a file system, which is
 * tiny in many a container; asking for too much of it would be an error.
 */
static bool
has_room(Size size)
{
#if defined(USE_DSM_POSIX) && defined(__linux__)
	struct statvfs room;

	if (dynamic_shared_memory_type == DSM_IMPL_POSIX &&
		statvfs("/dev/shm", &room) == 0)
		return size < (double) room.f_bavail * room.f_frsize * 0.75;
#endif
	return true;
}

static void *
allocate(ParallelContext *context, uint64 key, Size size)
{
	void *memory = shm_toc_allocate(context->toc, size);

	shm_toc_insert(context->toc, key, memory);
	return memory;
}

static void
share(IvfTeam *team, uint32 lists, uint32 dim, Size rows_size, Size work_size)
{
	ParallelContext *context = team->context;
	TeamShared *shared = allocate(context, KEY_TEAM, sizeof(TeamShared));

	memset(shared, 0, sizeof(*shared));
	shared->dim = dim;
	shared->most = lists;
	ConditionVariableInit(&shared->work);
	ConditionVariableInit(&shared->done);
	SpinLockInit(&shared->mutex);
	team->shared = shared;
	team->rows = allocate(context, KEY_ROWS, rows_size);
	team->work = allocate(context, KEY_WORK, work_size);
}

static void
leave_parallel_mode(IvfTeam *team)
{
	DestroyParallelContext(team->context);
	ExitParallelMode();
	team->context = NULL;
}

/* False where it cannot be. */
static bool
begin_parallel(IvfTeam *team, int workers, uint32 lists, uint32 dim,
			   Size rows_size, Size work_size)
{
	ParallelContext *context;

	if (workers < 1 || !has_room(rows_size + work_size))
		return false;
	EnterParallelMode();
	context = CreateParallelContext("vecdb", "ivf_train_worker", workers);
	shm_toc_estimate_chunk(&context->estimator, sizeof(TeamShared));
	shm_toc_estimate_chunk(&context->estimator, rows_size);
	shm_toc_estimate_chunk(&context->estimator, work_size);
	shm_toc_estimate_keys(&context->estimator, 3);
	InitializeParallelDSM(context);
	team->context = context;
	if (context->seg == NULL)
	{
		leave_parallel_mode(team);
		return false;
	}
	share(team, lists, dim, rows_size, work_size);
	LaunchParallelWorkers(context);
	return true;
}

IvfTeam *
ivf_team_begin(int workers, uint32 lists, uint32 dim, Size rows)
{
	IvfTeam *team = palloc0(sizeof(IvfTeam));
	Size rows_size = CACHELINEALIGN(rows * vdb_row_size(dim));
	Size work_size = vdb_kmeans_work(lists, dim, rows);

	team->scratch = aligned(vdb_kmeans_scratch(lists, dim));
	if (!begin_parallel(team, workers, lists, dim, rows_size, work_size))
	{
		team->memory = palloc_extended(
			rows_size + work_size + PG_CACHE_LINE_SIZE, MCXT_ALLOC_HUGE);
		team->rows = (void *) CACHELINEALIGN(team->memory);
		team->work = (char *) team->rows + rows_size;
	}
	return team;
}

VdbRow *
ivf_team_rows(IvfTeam *team)
{
	return team->rows;
}

static void
report(const VdbKmeans *task, int iteration, VdbKmeansStep step, Size part,
	   Size parts)
{
	if (iteration <= task->iterations)
		task->progress(task->progress_arg, iteration,
					   step == VDB_KMEANS_ASSIGN ? (double) part / parts : 1);
	else
		CHECK_FOR_INTERRUPTS();
}

static void
publish(TeamShared *shared, VdbKmeansStep step, Size parts)
{
	SpinLockAcquire(&shared->mutex);
	shared->step = step;
	shared->parts = parts;
	shared->next = 0;
	shared->finished = 0;
	SpinLockRelease(&shared->mutex);
	ConditionVariableBroadcast(&shared->work);
}

static bool
is_done(TeamShared *shared)
{
	bool done;

	SpinLockAcquire(&shared->mutex);
	done = shared->finished == shared->parts;
	SpinLockRelease(&shared->mutex);
	return done;
}

/* VdbKmeans.run of a leader with workers. */
static void
run_together(void *arg, int iteration, VdbKmeansStep step, size_t parts)
{
	IvfTeam *team = arg;
	TeamShared *shared = team->shared;
	Size part;

	publish(shared, step, parts);
	while (take_part(shared, &step, &part))
	{
		report(team->task, iteration, step, part, parts);
		vdb_kmeans_part(team->task, step, part);
		finish_part(shared);
	}
	while (!is_done(shared))
		ConditionVariableSleep(&shared->done,
							   WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
	ConditionVariableCancelSleep();
}

uint32
ivf_team_kmeans(IvfTeam *team, VdbKmeans *task)
{
	team->task = task;
	task->rows = team->rows;
	task->work = team->work;
	task->scratch = team->scratch;
	if (team->context && team->context->nworkers_launched > 0)
	{
		team->shared->lists = task->count;
		team->shared->rows = task->n;
		task->run = run_together;
		task->run_arg = team;
	}
	return vdb_kmeans(task);
}

void
ivf_team_end(IvfTeam *team)
{
	if (team->context)
	{
		SpinLockAcquire(&team->shared->mutex);
		team->shared->over = true;
		SpinLockRelease(&team->shared->mutex);
		ConditionVariableBroadcast(&team->shared->work);
		WaitForParallelWorkersToFinish(team->context);
		leave_parallel_mode(team);
	}
	else
		pfree(team->memory);
	pfree(team);
}

/* Worker ----------------------------------------------------------------- */

PGDLLEXPORT void ivf_train_worker(dsm_segment *segment, shm_toc *toc);

void
ivf_train_worker(dsm_segment *segment, shm_toc *toc)
{
	TeamShared *shared = shm_toc_lookup(toc, KEY_TEAM, false);
	VdbKmeans task = {
		.dim = shared->dim,
		.rows = shm_toc_lookup(toc, KEY_ROWS, false),
		.work = shm_toc_lookup(toc, KEY_WORK, false),
		.scratch = aligned(vdb_kmeans_scratch(shared->most, shared->dim)),
	};
	bool over = false;

	pgstat_report_activity(STATE_RUNNING, debug_query_string);
	while (!over)
	{
		VdbKmeansStep step;
		Size part;

		while (take_part(shared, &step, &part))
		{
			/* Set before the first step was published. */
			task.count = shared->lists;
			task.n = shared->rows;
			vdb_kmeans_part(&task, step, part);
			finish_part(shared);
			CHECK_FOR_INTERRUPTS();
		}
		ConditionVariableSleep(&shared->work,
							   WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
		SpinLockAcquire(&shared->mutex);
		over = shared->over;
		SpinLockRelease(&shared->mutex);
	}
	ConditionVariableCancelSleep();
}
