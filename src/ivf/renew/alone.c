/*
 * alone.c: see alone.h.
 *
 * A lock against all is logged, so that a standby's readers are gone too. There
 * it lasts as long as the transaction that took it: VACUUM's, which may have
 * another index to train yet, and whoever plans a query of the table would wait
 * for that.  So a transaction within takes it, and is rolled back, since that
 * is logged at once, while a commit waits for the outer one's.  A list of the
 * locks that are held, logged for standbys in this very moment, names the outer
 * one all the same.
 */
#include "compat.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "ivf/renew/alone.h"
#include "pgstat.h"
#include "storage/lmgr.h"
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

bool
ivf_alone(Relation index, void (*work)(void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner resources = CurrentResourceOwner;
	ErrorData *volatile error = NULL;
	volatile bool alone = false;

	/* They could not be told of this process's new transaction. */
	if (IsInParallelMode())
		return false;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		alone = ConditionalLockRelation(index, AccessExclusiveLock);
		if (alone && work)
			work(arg);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	roll_back();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = resources;
	if (error)
		ReThrowError(error);
	return alone;
}
