/*
 * old_rows.h: the rows of the tree in use, as those of another tree.
 *
 * While a tree is made beside the one in use, inserts go to the latter.  So
 * its rows are listed once, at some moment, and what is added afterwards again
 * and again, at last while nobody may insert.
 */
#ifndef VECDB_IVF_RENEW_OLD_ROWS_H
#define VECDB_IVF_RENEW_OLD_ROWS_H

#include "compat.h"

#include "access/tableam.h"
#include "ivf/space/index.h"
#include "nodes/execnodes.h"

typedef struct IvfOldRows IvfOldRows;

/*
 * "state" is that of the tree in use.  Values are those that "snapshot" sees,
 * where it sees a row; it has to hold back the removal of what it sees.
 */
extern IvfOldRows *ivf_old_rows_begin(Relation heap, Relation index,
									  IndexInfo *info, const IvfState *state,
									  Snapshot snapshot);
extern void ivf_old_rows_end(IvfOldRows *rows);

/*
 * Visit the rows that the tree got since the last visit, the first time all of
 * them, in the table's order; those that nobody can see may be left out.
 * Returns how many.  An IvfVisitRows (build/build.h) of IvfOldRows.
 */
extern double ivf_old_rows_visit(void *rows, IndexBuildCallback callback,
								 void *arg);

/* Bytes of temporary files that a visit of so many rows takes. */
extern double ivf_old_rows_files(double rows);

/*
 * Rows inserted into the tree, by whomever, from when it was made to the first
 * visit: that visit saw them, if they are still there.
 */
extern double ivf_old_rows_inserted(const IvfOldRows *rows);

#endif /* VECDB_IVF_RENEW_OLD_ROWS_H */
