/*
 * recent.h: values out of line that a scan has just fetched.
 *
 * An index scan in order of distance fetches a row's vector to rank the row.
 * If the row is an answer, the executor computes the distance once more, since
 * it is a column of the plan, and fetches the vector from the TOAST table for
 * it: at 768 dimensions a tenth of a query for ten rows.  So the scan leaves
 * some of its values here, and the distance functions look for theirs.
 *
 * A value out of line does not change, and its name is not given to another
 * one as long as the row with it is visible to a snapshot in use: the scan's.
 */
#ifndef VECDB_TYPES_RECENT_H
#define VECDB_TYPES_RECENT_H

#include "compat.h"

typedef struct VdbRecents VdbRecents;

/*
 * Values of one scan, which lie and are known to all in this backend as long
 * as the current memory context.
 */
extern VdbRecents *vdb_recents_create(void);

/*
 * Room for a value of so many bytes with its header, in place of an old one;
 * valid until some calls later.  Once it is complete, vdb_recents_keep() makes
 * it known by its name.
 */
extern struct varlena *vdb_recents_room(VdbRecents *recents, Size size);
extern void vdb_recents_keep(VdbRecents *recents, Oid table, Oid value);

/* The value in memory, if it lies out of line and is known; else as it is. */
extern Datum vdb_recent_value(Datum value);

#endif /* VECDB_TYPES_RECENT_H */
