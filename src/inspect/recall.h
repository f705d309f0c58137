/*
 * recall.h: a measurement of recall, and the statements that it runs.
 */
#ifndef VECDB_INSPECT_RECALL_H
#define VECDB_INSPECT_RECALL_H

#include "compat.h"

#include "executor/spi.h"
#include "inspect/inspect.h"
#include "ivf/scan/report.h"
#include "ivf/space/index.h"

/* Of the exact answer to a query, what an index's is compared with. */
typedef struct IvfTruth
{
	int count; /* rows with a distance, up to k */
	double farthest;
} IvfTruth;

typedef struct IvfRecall
{
	Relation heap;
	Relation index;
	IvfAsOwner caller;
	const IvfState *state;
	int k;
	bool leave_out;		   /* the row that is the query */
	const char *condition; /* under which rows are searched for, or NULL */

	/* Parts of the statements */
	const char *table;
	const char *value;	   /* what is indexed */
	const char *opname;	   /* the distance, qualified */
	const char *predicate; /* of the index, or "true" */

	SPIPlanPtr exact;
	SPIPlanPtr by_index;
	MemoryContext query_context;
	double *distances; /* room for k */
	IvfTruth *truth;   /* of each query */

	/* Over the queries so far */
	int queries;
	int64 wanted;  /* exact answers */
	int64 found;   /* by the index */
	double probes; /* sums */
	double codes;
	double fetches;
	double *exact_ms; /* of each query */
	double *index_ms;
} IvfRecall;

/* From the first measurement of a session on: indexes can be hidden. */
extern void ivf_recall_install_hook(void);

/* An error unless it is a single expression. */
extern void ivf_recall_check_condition(const char *condition);

/* In place of ivf_inspect_as_owner(): searches under a condition. */
extern void ivf_recall_as_caller(IvfRecall *recall);

/* How the statements name the table, its value and the operator. */
extern void ivf_recall_name_parts(IvfRecall *recall);

/* The distances of the k rows nearest to $1, without the row at $2 if asked. */
extern SPIPlanPtr ivf_recall_prepare_search(const IvfRecall *recall,
											int options);

/* TIDs of random rows that can be queries. */
extern SPIPlanPtr ivf_recall_prepare_sample(const IvfRecall *recall,
											int sample);

/* The indexed value of the row with TID $1. */
extern SPIPlanPtr ivf_recall_prepare_fetch(const IvfRecall *recall);

/*
 * Run a statement on the active snapshot; its rows are in SPI_tuptable. Returns
 * the milliseconds that it took, those of planning included the first time.
 * With a report it may use the index, whose scan tells there what it did; the
 * report is without an index where the plan has no such scan.
 */
extern double ivf_recall_run(const IvfRecall *recall, SPIPlanPtr plan,
							 Datum *values, IvfScanReport *report);

/*
 * Measure, exactly and through the index, into the sums over the queries: for
 * as many random rows of the table, or for queries, which are detoasted vectors
 * of the index's dimensions.  The exact searches come first, all of them.
 */
extern void ivf_recall_measure_sample(IvfRecall *recall, int sample);
extern void ivf_recall_measure_queries(IvfRecall *recall, const Datum *queries,
									   int count);

#endif /* VECDB_INSPECT_RECALL_H */
