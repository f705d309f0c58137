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

#include "access/detoast.h"
#include "utils/rel.h"

typedef struct VdbToast VdbToast;

/* In the current memory context, which its memory stays in. */
extern VdbToast *vdb_toast_create(Relation table);
extern void vdb_toast_destroy(VdbToast *toast);

/* What a row has in place of a value out of line. */
typedef struct VdbToastPointer
{
	char bytes[MAXALIGN(TOAST_POINTER_SIZE)];
} VdbToastPointer;

/*
 * If the value lies out of line in the usual way, ask for the pages where it
 * probably lies, and copy what names it: vdb_toast_fetch() takes the copy's
 * address, when the row's page is not pinned any more, as long as the row is
 * visible to a snapshot in use.
 */
extern bool vdb_toast_ahead(VdbToast *toast, Datum value,
							VdbToastPointer *pointer);

/*
 * The value in memory, until a later call uses its room again, if it lies out
 * of line in the usual way; else the value as it is.
 */
extern Datum vdb_toast_fetch(VdbToast *toast, Datum value);

/*
 * Bring a value of a row that no snapshot in use need see into the current
 * memory context, compressed as it is, if it lies out of line.  False where
 * chunks of it are gone, which is an error to the server.
 */
extern bool vdb_toast_take(VdbToast *toast, Datum *value);

#endif /* VECDB_SHORTCUT_TOAST_H */
