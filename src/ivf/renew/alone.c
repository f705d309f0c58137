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
#include "ivf/renew/alone.h"
#include "ivf/space/attempt.h"
#include "storage/lmgr.h"

/* What is to be done alone, and whether it was. */
typedef struct Moment
{
	Relation index;
	void (*work)(void *arg);
	void *arg;
	bool alone;
} Moment;

static void
take_moment(void *arg)
{
	Moment *moment = arg;

	moment->alone = ConditionalLockRelation(moment->index, AccessExclusiveLock);
	if (moment->alone && moment->work)
		moment->work(moment->arg);
}

bool
ivf_alone(Relation index, void (*work)(void *arg), void *arg)
{
	Moment moment = {index, work, arg, false};

	/* Workers could not be told of this process's new transaction. */
	if (IsInParallelMode())
		return false;
	ivf_undone(take_moment, &moment);
	return moment.alone;
}
