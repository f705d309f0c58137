/*
 * inspect.h: what the functions that look into an index share: finding the
 * index, refusing those who may not look, and returning rows.
 */
#ifndef VECDB_INSPECT_INSPECT_H
#define VECDB_INSPECT_INSPECT_H

#include "compat.h"

#include "fmgr.h"
#include "storage/lockdefs.h"
#include "utils/relcache.h"
#include "utils/tuplestore.h"

/*
 * Open an index together with its table, the table first, as everybody does.
 * What is not an index of ours that can be read now is an error.  Privileges
 * are the caller's affair, before: nobody waits for a lock that he may not
 * have.
 */
extern void ivf_inspect_open(Oid indexoid, LOCKMODE lockmode, Relation *heap,
							 Relation *index);

/*
 * Raise an error unless the user may have what is measured over all rows of the
 * index's table: those who may read it and whose view of it no policy
 * restricts.  Counts are open to pg_stat_scan_tables, SELECT or not; what takes
 * searches is open to it with SELECT, and to the owner in any case.
 */
extern void ivf_inspect_require_searches(Oid indexoid);
extern void ivf_inspect_require_statistics(Oid indexoid);

/*
 * Between the two, code that the table's owner put into an index runs as the
 * owner, whom the caller need not trust, and the owner's code need not trust
 * the caller's search path.  An error ends it too.
 */
typedef struct IvfAsOwner
{
	Oid user;
	int security;
	int nest_level;
} IvfAsOwner;

extern void ivf_inspect_as_owner(Relation heap, IvfAsOwner *caller);
extern void ivf_inspect_as_caller(const IvfAsOwner *caller);

/* Begin to return rows; the caller puts them into the result. */
extern Tuplestorestate *ivf_inspect_rows(FunctionCallInfo fcinfo,
										 TupleDesc *descriptor);

/* The descriptor of a function that returns one row. */
extern TupleDesc ivf_inspect_row(FunctionCallInfo fcinfo);

/* Sorts the values, of which there is at least one. */
extern double ivf_inspect_median(double *values, uint32 count);

#endif /* VECDB_INSPECT_INSPECT_H */
