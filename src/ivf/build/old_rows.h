/*
 * old_rows.h: the rows of the tree in use, as those of another tree.
 *
 * While a tree is made beside the one in use, inserts go to the latter.  So
 * its rows are listed once, at some moment, and what is added afterwards again
 * and again, at last while nobody may insert.
 */
#ifndef VECDB_IVF_BUILD_OLD_ROWS_H
#define VECDB_IVF_BUILD_OLD_ROWS_H

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
 * Visit all rows that the tree has now, in the table's order: those of aborted
 * transactions may be left out.  Returns how many.  A row that nobody new can
 * see, whose value may be gone, comes with values NULL: see ivf_row_is_lost().
 */
extern double ivf_old_rows_visit(IvfOldRows *rows, IndexBuildCallback callback,
								 void *arg);

/* The same for what was added since the last visit of either kind. */
extern double ivf_old_rows_news(IvfOldRows *rows, IndexBuildCallback callback,
								void *arg);

/* A callback's values of a row whose value may be gone. */
static inline bool
ivf_row_is_lost(const Datum *values)
{
	return values == NULL;
}

#endif /* VECDB_IVF_BUILD_OLD_ROWS_H */
