/*
 * recall.c: vecdb_recall(), which compares an index's answers with the exact
 * ones (recall_measure.c): who may, for which queries, and the row of the
 * result.
 *
 * Searches run the index's expressions and predicate, and policies of the
 * table: code of its owner, while the caller may be a role that monitors all
 * indexes.  So all of it runs as the owner, in a restricted context, and
 * nobody from whom a policy hides rows may measure.
 */
#include "compat.h"

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
#include "utils/rel.h"

#define MAX_K 10000
#define MAX_SAMPLE 100000

/* Of the result. */
#define COLUMNS 8

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
	ivf_recall_measure_sample(&recall, sample);
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
	ivf_recall_measure_queries(&recall, queries, count);
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
