/*
 * snapshot.c: see snapshot.h.
 *
 * The flag is what CREATE INDEX CONCURRENTLY does not set.  A snapshot is taken
 * anew afterwards: what was removed before then was dead to it.  Where a
 * session's transactions keep their first snapshot, which VACUUM took before
 * the flag went, the server gives that one up for another when it takes the
 * isolation for a lower one; and keeps the other afterwards.
 */
#include "compat.h"

#include "access/xact.h"
#include "shortcut/snapshot.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/snapmgr.h"

Snapshot
vdb_vacuum_snapshot(void)
{
	int isolation = XactIsoLevel;
	Snapshot snapshot;

	LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
	vdb_clear_vacuum_flag();
	LWLockRelease(ProcArrayLock);
	XactIsoLevel = XACT_READ_COMMITTED;
	snapshot = GetTransactionSnapshot();
	XactIsoLevel = isolation;
	return snapshot;
}
