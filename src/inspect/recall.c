/*
 * recall.c: vecdb_recall(), which compares an index's answers with the exact
 * ones: for queries that the caller brings, or for rows of the table itself,
 * each of which is left out of both of its answers.
 *
 * What is compared is distances, which both searches (recall_search.c) compute
 * by the same operator: an answer as near as the k-th exact one is right,
 * whichever of several such rows it is.
 *
 * Searches run the index's expressions and predicate, and policies of the
 * table: code of its owner, while the caller may be a role that monitors all
 * indexes.  So all of it runs as the owner, in a restricted context, and
 * nobody from whom a policy hides rows may measure.
 */
#include "compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/distributed.h"
#include "inspect/inspect.h"
#include "inspect/recall.h"
#include "ivf/space/vector.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define MAX_K 10000
#define MAX_SAMPLE 100000

/* Of the result. */
#define COLUMNS 8

/* One query --------------------------------------------------------------- */

/* Take the result's distances; rows without one are not looked for. */
static int
take_distances(double *distances)
{
	int count = 0;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		Datum value = SPI_getbinval(SPI_tuptable->vals[i],
									SPI_tuptable->tupdesc, 1, &isnull);

		if (!isnull && !isnan(DatumGetFloat8(value)))
			distances[count++] = DatumGetFloat8(value);
	}
	SPI_freetuptable(SPI_tuptable);
	return count;
}

/* The statement is right for this index, but it may not serve this snapshot. */
static void
require_index_used(const IvfRecall *recall, const IvfScanReport *report)
{
	const char *name = RelationGetRelationName(recall->index);

	if (!OidIsValid(report->index))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a search cannot use index \"%s\"", name),
						errhint("If this transaction created it, try again in "
								"another one.")));
}

/* A measurement of query number i, which may be the row at "self". */
typedef void (*Measure)(IvfRecall *recall, int i, Datum query,
						ItemPointer self);

static void
measure_exact(IvfRecall *recall, int i, Datum query, ItemPointer self)
{
	Datum values[2] = {query, PointerGetDatum(self)};
	IvfTruth *truth = &recall->truth[i];

	recall->exact_ms[i] = ivf_recall_run(recall, recall->exact, values, NULL);
	truth->count = take_distances(recall->distances);
	if (truth->count > 0)
		truth->farthest = recall->distances[truth->count - 1];
}

static void
measure_index(IvfRecall *recall, int i, Datum query, ItemPointer self)
{
	Datum values[2] = {query, PointerGetDatum(self)};
	const IvfTruth *truth = &recall->truth[i];
	IvfScanReport report;
	int found = 0;
	int count;

	/* Nothing has a distance to this query, so there is nothing to find. */
	if (truth->count == 0)
		return;

	recall->index_ms[recall->queries] =
		ivf_recall_run(recall, recall->by_index, values, &report);
	count = take_distances(recall->distances);
	require_index_used(recall, &report);
	for (int j = 0; j < count; j++)
		found += recall->distances[j] <= truth->farthest;

	recall->exact_ms[recall->queries++] = recall->exact_ms[i];
	recall->wanted += truth->count;
	recall->found += Min(found, truth->count);
	recall->probes += report.probes;
	recall->codes += report.codes;
	recall->fetches += report.fetches;
}

/* Many queries ------------------------------------------------------------ */

static void
prepare_searches(IvfRecall *recall, int queries)
{
	Size room = Max(queries, 1);

	recall->exact = ivf_recall_prepare_search(recall, CURSOR_OPT_PARALLEL_OK);
	recall->by_index = ivf_recall_prepare_search(recall, 0);
	recall->query_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat recall", ALLOCSET_DEFAULT_SIZES);
	recall->distances = palloc(recall->k * sizeof(double));
	recall->truth = palloc0(room * sizeof(IvfTruth));
	recall->exact_ms = palloc(room * sizeof(double));
	recall->index_ms = palloc(room * sizeof(double));
}

/* Rows of the table by their TIDs, in random order. */
static ItemPointerData *
sample_rows(const IvfRecall *recall, int sample, int *count)
{
	ItemPointerData *tids;

	ivf_recall_run(recall, ivf_recall_prepare_sample(recall, sample), NULL,
				   NULL);
	*count = SPI_processed;
	tids = palloc(Max(*count, 1) * sizeof(ItemPointerData));
	for (int i = 0; i < *count; i++)
	{
		bool isnull;
		Datum tid = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
								  1, &isnull);

		tids[i] = *(ItemPointer) DatumGetPointer(tid);
	}
	SPI_freetuptable(SPI_tuptable);
	return tids;
}

/*
 * The value of a row in the query's context, detoasted: the searches would do
 * it once a row.  False where the row cannot be seen any more.
 */
static bool
fetch_query(const IvfRecall *recall, SPIPlanPtr fetch, ItemPointer tid,
			Datum *query)
{
	Datum values[1] = {PointerGetDatum(tid)};
	MemoryContext old;
	bool isnull = true;

	*query = (Datum) 0;
	ivf_recall_run(recall, fetch, values, NULL);
	if (SPI_processed > 0)
		*query = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
							   &isnull);
	old = MemoryContextSwitchTo(recall->query_context);
	if (!isnull)
		*query = PointerGetDatum(PG_DETOAST_DATUM_COPY(*query));
	MemoryContextSwitchTo(old);
	SPI_freetuptable(SPI_tuptable);
	return !isnull;
}

static void
measure_rows(IvfRecall *recall, SPIPlanPtr fetch, ItemPointerData *tids,
			 int count, Measure measure)
{
	for (int i = 0; i < count; i++)
	{
		Datum query;

		if (fetch_query(recall, fetch, &tids[i], &query))
			measure(recall, i, query, &tids[i]);
		MemoryContextReset(recall->query_context);
	}
}

/*
 * The exact searches come first, all of them: one between two searches by the
 * index would drive that out of the processor's caches.
 */
static void
measure_sample(IvfRecall *recall, int sample)
{
	SPIPlanPtr fetch = ivf_recall_prepare_fetch(recall);
	int count;
	ItemPointerData *tids = sample_rows(recall, sample, &count);

	prepare_searches(recall, count);
	measure_rows(recall, fetch, tids, count, measure_exact);
	measure_rows(recall, fetch, tids, count, measure_index);
}

/* The array's elements, each a vector of the index's dimensions. */
static Datum *
require_queries(const IvfRecall *recall, ArrayType *array, int *count)
{
	Oid type = recall->index->rd_opcintype[0];
	int16 length;
	bool byval;
	char align;
	Datum *queries;
	bool *nulls;

	if (getBaseType(ARR_ELEMTYPE(array)) != type)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("queries are of type %s, not %s",
							   format_type_be(ARR_ELEMTYPE(array)),
							   format_type_be(type)),
						errdetail("Index \"%s\" is on a value of type %s.",
								  RelationGetRelationName(recall->index),
								  format_type_be(type))));
	get_typlenbyvalalign(type, &length, &byval, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), length, byval, align,
					  &queries, &nulls, count);
	for (int i = 0; i < *count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("query %d is null", i + 1)));
		/* Another dimension is an error now, and not after some queries. */
		(void) ivf_raw(recall->state, queries[i]);
	}
	return queries;
}

static void
measure_queries(IvfRecall *recall, const Datum *queries, int count)
{
	prepare_searches(recall, count);
	for (int i = 0; i < count; i++)
		measure_exact(recall, i, queries[i], NULL);
	for (int i = 0; i < count; i++)
		measure_index(recall, i, queries[i], NULL);
}

/* Functions --------------------------------------------------------------- */

static void
require_between(const char *name, int value, int most)
{
	if (value < 1 || value > most)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s of %d is out of range", name, value),
						errdetail("It must be between 1 and %d.", most)));
}

static void
begin(IvfRecall *recall, Oid indexoid, int k)
{
	memset(recall, 0, sizeof(*recall));
	recall->k = k;
	ivf_inspect_require_searches(indexoid);
	ivf_inspect_open(indexoid, AccessShareLock, &recall->heap, &recall->index);
	ivf_distributed_tell(ERROR, recall->heap, recall->index, "vecdb_recall");
	ivf_recall_install_hook();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	recall->state = ivf_index_open(recall->index, CurrentMemoryContext);
}

/* The statements' names are read and run under the same search path. */
static void
begin_searches(IvfRecall *recall)
{
	if (recall->condition)
		ivf_recall_as_caller(recall);
	else
		ivf_inspect_as_owner(recall->heap, &recall->caller);
	ivf_recall_name_parts(recall);
}

/* Without a query that has an answer, there are counts only. */
static Datum
end(IvfRecall *recall, TupleDesc descriptor)
{
	int n = recall->queries;
	double figures[COLUMNS] = {0};
	Datum values[COLUMNS];
	bool nulls[COLUMNS];

	if (n > 0)
	{
		figures[0] = (double) recall->found / recall->wanted;
		figures[3] = ivf_inspect_median(recall->exact_ms, n);
		figures[4] = ivf_inspect_median(recall->index_ms, n);
		figures[5] = recall->probes / n;
		figures[6] = recall->codes / n;
		figures[7] = recall->fetches / n;
	}
	SPI_finish();
	ivf_inspect_as_caller(&recall->caller);
	relation_close(recall->index, NoLock);
	table_close(recall->heap, NoLock);

	for (int i = 0; i < COLUMNS; i++)
	{
		values[i] = Float8GetDatum(figures[i]);
		nulls[i] = n == 0;
	}
	values[1] = Int32GetDatum(n);
	values[2] = Int32GetDatum(recall->k);
	nulls[1] = nulls[2] = false;
	return HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls));
}

/* For rows of the table, under a condition or NULL. */
static Datum
recall_of_sample(FunctionCallInfo fcinfo, const char *condition, int k,
				 int sample)
{
	TupleDesc descriptor = ivf_inspect_row(fcinfo);
	IvfRecall recall;

	require_between("k", k, MAX_K);
	require_between("sample", sample, MAX_SAMPLE);
	begin(&recall, PG_GETARG_OID(0), k);
	recall.leave_out = true;
	recall.condition = condition;
	begin_searches(&recall);
	measure_sample(&recall, sample);
	return end(&recall, descriptor);
}

/* For queries in the second argument, under a condition or NULL. */
static Datum
recall_of_queries(FunctionCallInfo fcinfo, const char *condition, int k)
{
	TupleDesc descriptor = ivf_inspect_row(fcinfo);
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(1);
	IvfRecall recall;
	Datum *queries;
	int count;

	require_between("k", k, MAX_K);
	begin(&recall, PG_GETARG_OID(0), k);
	recall.condition = condition;
	queries = require_queries(&recall, array, &count);
	begin_searches(&recall);
	measure_queries(&recall, queries, count);
	return end(&recall, descriptor);
}

/* A text argument that is a single expression. */
static const char *
condition_argument(text *argument)
{
	const char *condition = text_to_cstring(argument);

	ivf_recall_check_condition(condition);
	return condition;
}

/*
 * vecdb_recall(index regclass, k integer, sample integer) returns (recall
 * float8, queries integer, k integer, exact_ms float8, index_ms float8,
 * probes float8, codes float8, fetches float8)
 */
PG_FUNCTION_INFO_V1(vecdb_recall_sample);
Datum
vecdb_recall_sample(PG_FUNCTION_ARGS)
{
	return recall_of_sample(fcinfo, NULL, PG_GETARG_INT32(1),
							PG_GETARG_INT32(2));
}

/*
 * vecdb_recall(index regclass, queries anyarray, k integer), returns the same
 */
PG_FUNCTION_INFO_V1(vecdb_recall_queries);
Datum
vecdb_recall_queries(PG_FUNCTION_ARGS)
{
	return recall_of_queries(fcinfo, NULL, PG_GETARG_INT32(2));
}

/*
 * vecdb_recall(index regclass, condition text, k integer, sample integer)
 */
PG_FUNCTION_INFO_V1(vecdb_recall_condition_sample);
Datum
vecdb_recall_condition_sample(PG_FUNCTION_ARGS)
{
	return recall_of_sample(fcinfo, condition_argument(PG_GETARG_TEXT_PP(1)),
							PG_GETARG_INT32(2), PG_GETARG_INT32(3));
}

/*
 * vecdb_recall(index regclass, queries anyarray, condition text, k integer)
 */
PG_FUNCTION_INFO_V1(vecdb_recall_condition_queries);
Datum
vecdb_recall_condition_queries(PG_FUNCTION_ARGS)
{
	return recall_of_queries(fcinfo, condition_argument(PG_GETARG_TEXT_PP(2)),
							 PG_GETARG_INT32(3));
}
