/*
 * snapshot.c: see snapshot.h.
 *
 * The flag is what CREATE INDEX CONCURRENTLY does not set.  A snapshot is taken
 * anew afterwards: what was removed before then was dead to it.  Where a
 * session's transactions keep their first snapshot, VACUUM's has one from
 * before the flag went; so it is told to take others, as autovacuum's do.
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
	LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
	vdb_clear_vacuum_flag();
	LWLockRelease(ProcArrayLock);
	XactIsoLevel = XACT_READ_COMMITTED;
	return GetTransactionSnapshot();
}
