/*
 * toast.h: values out of line, fetched many in a row.
 *
 * Refinement reads some dozen TOASTed vectors a query.  The server's own
 * detoasting opens the TOAST table and its index, sets a scan up, and tears
 * all of it down again for each value; here they stay open as long as the
 * scan, which more than halves the cost of a value.  Most values are found
 * without the index (guess.h), which halves it again.  What is not the plain
 * case (compressed, another table access method, a chunk that is missing) is
 * left to the server, with its own errors.
 */
#ifndef VECDB_SHORTCUT_TOAST_H
#define VECDB_SHORTCUT_TOAST_H

#include "compat.h"

#include "utils/rel.h"

typedef struct VdbToast VdbToast;

/* In the current memory context, which its memory stays in. */
extern VdbToast *vdb_toast_create(Relation table);
extern void vdb_toast_destroy(VdbToast *toast);

/*
 * The value in memory, until a later call uses its room again, if it lies out
 * of line in the usual way; else the value as it is.
 */
extern Datum vdb_toast_fetch(VdbToast *toast, Datum value);

#endif /* VECDB_SHORTCUT_TOAST_H */
