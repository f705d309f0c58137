/*
 * attempt.c: see attempt.h.
 */
#include "compat.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "ivf/space/attempt.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* How far VACUUM is, which it tells no more once anything is rolled back. */
typedef struct Progress
{
	ProgressCommandType command;
	Oid target;
	int64 values[PGSTAT_NUM_PROGRESS_PARAM];
} Progress;

static void
keep_progress(Progress *progress)
{
	const PgBackendStatus *status = VDB_OWN_STATUS;

	progress->command = PROGRESS_COMMAND_INVALID;
	if (status == NULL)
		return;
	progress->command = status->st_progress_command;
	progress->target = status->st_progress_command_target;
	memcpy(progress->values, (const void *) status->st_progress_param,
		   sizeof(progress->values));
}

static void
restore_progress(const Progress *progress)
{
	int numbers[PGSTAT_NUM_PROGRESS_PARAM];

	if (progress->command == PROGRESS_COMMAND_INVALID)
		return;
	for (int i = 0; i < PGSTAT_NUM_PROGRESS_PARAM; i++)
		numbers[i] = i;
	pgstat_progress_start_command(progress->command, progress->target);
	pgstat_progress_update_multi_param(PGSTAT_NUM_PROGRESS_PARAM, numbers,
									   progress->values);
}

/* A standby that follows is told soon, though nothing is committed. */
static void
roll_back(void)
{
	Progress progress;

	keep_progress(&progress);
	RollbackAndReleaseCurrentSubTransaction();
	XLogSetAsyncXactLSN(XactLastRecEnd);
	restore_progress(&progress);
}

/* Returns a copy of the error that the work ended with, or NULL. */
static ErrorData *
work_within(void (*work)(void *arg), void *arg, bool keep)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner resources = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		work(arg);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	if (keep && error == NULL)
		ReleaseCurrentSubTransaction();
	else
		roll_back();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = resources;
	return error;
}

ErrorData *
ivf_attempt(void (*work)(void *arg), void *arg)
{
	ErrorData *error = work_within(work, arg, true);

	if (error &&
		ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
	return error;
}

void
ivf_undone(void (*work)(void *arg), void *arg)
{
	ErrorData *error = work_within(work, arg, false);

	if (error)
		ReThrowError(error);
}
