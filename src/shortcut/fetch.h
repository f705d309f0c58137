/*
 * fetch.h: rows of a table by their TIDs, many in a row.
 *
 * Rows of an ordinary heap are fetched from its pages directly: with some
 * hundred rows a query in as many pages, what counts is that pages which are
 * asked for ahead are in the CPU's cache when their turn comes.  Rows of other
 * table access methods go through their own functions.
 */
#ifndef VECDB_SHORTCUT_FETCH_H
#define VECDB_SHORTCUT_FETCH_H

#include "compat.h"

#include "access/relscan.h"
#include "executor/tuptable.h"
#include "shortcut/ahead.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

typedef struct VdbFetch VdbFetch;

/* In the current memory context. */
extern VdbFetch *vdb_fetch_create(Relation table);
extern void vdb_fetch_destroy(VdbFetch *fetch);

/* Can the table have such a page?  What is asked below must lie in one. */
extern bool vdb_fetch_within(VdbFetch *fetch, BlockNumber block);

/*
 * The version of the row that an MVCC snapshot sees, or false.  What is asked
 * of the row holds until the next call.
 */
extern bool vdb_fetch_row(VdbFetch *fetch, ItemPointer tid, Snapshot snapshot);

/* A column of the row, not detoasted. */
extern Datum vdb_fetch_column(VdbFetch *fetch, AttrNumber attribute,
							  bool *isnull);

/* The slot for expressions; vdb_fetch_into_slot() puts the row there. */
extern TupleTableSlot *vdb_fetch_slot(VdbFetch *fetch);
extern void vdb_fetch_into_slot(VdbFetch *fetch);

/*
 * Ask for the page of a row that will be fetched soon; false where it has to
 * come from disk; nothing is asked of one that is not there,
 */
extern bool vdb_fetch_ahead(VdbFetch *fetch, BlockNumber block,
							OffsetNumber offset);

/* and for the row itself, when it is the next one. */
extern void vdb_fetch_next(VdbFetch *fetch, BlockNumber block,
						   OffsetNumber offset);

/* Does it pay to fetch rows in the order of their pages? */
extern bool vdb_fetch_in_order(const VdbFetch *fetch);

/*
 * The server is about to fetch the row through "scan", an index scan's own
 * fetch, which may be NULL.
 */
extern void vdb_fetch_hand_over(VdbFetch *fetch, IndexFetchTableData *scan,
								ItemPointer tid);

#endif /* VECDB_SHORTCUT_FETCH_H */
