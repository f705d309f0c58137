/*
 * snapshot.h: a snapshot inside VACUUM that keeps what it sees.
 */
#ifndef VECDB_SHORTCUT_SNAPSHOT_H
#define VECDB_SHORTCUT_SNAPSHOT_H

#include "compat.h"

#include "utils/snapshot.h"

/*
 * VACUUM tells everybody not to mind its snapshots: others may remove rows, and
 * their values out of line, that it sees.  From here on, to the end of the
 * transaction, they do mind them.  What is returned is newer, whatever the
 * transaction's isolation, and not registered.
 */
extern Snapshot vdb_vacuum_snapshot(void);

#endif /* VECDB_SHORTCUT_SNAPSHOT_H */
