/*
 * stats.c: vecdb_index_stats(), vecdb_index_lists() and vecdb_index_spill():
 * how large an index's lists are, how evenly rows are spread over them, and
 * what the build learnt.
 */
#include "compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/inspect.h"
#include "inspect/sizes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* The row ----------------------------------------------------------------- */

/* Values of a row, one after another. */
#define MAX_COLUMNS 32

typedef struct Row
{
	int count;
	Datum values[MAX_COLUMNS];
	bool nulls[MAX_COLUMNS];
} Row;

static void
put(Row *row, Datum value)
{
	Assert(row->count < MAX_COLUMNS);
	row->nulls[row->count] = false;
	row->values[row->count++] = value;
}

static void
put_null(Row *row)
{
	Assert(row->count < MAX_COLUMNS);
	row->values[row->count] = (Datum) 0;
	row->nulls[row->count++] = true;
}

static Datum
form_row(TupleDesc descriptor, Row *row)
{
	Assert(row->count == descriptor->natts);
	return HeapTupleGetDatum(
		heap_form_tuple(descriptor, row->values, row->nulls));
}

/* A quotient, where there is something to divide by. */
static void
put_ratio(Row *row, double dividend, double divisor)
{
	if (divisor > 0)
		put(row, Float8GetDatum(dividend / divisor));
	else
		put_null(row);
}

static void
put_floats(Row *row, const float *values, uint32 count)
{
	Datum *datums;

	if (count == 0)
	{
		put_null(row);
		return;
	}
	datums = palloc(count * sizeof(Datum));
	for (uint32 i = 0; i < count; i++)
		datums[i] = Float4GetDatum(values[i]);
	put(row,
		PointerGetDatum(construct_array(datums, count, FLOAT4OID,
										sizeof(float4), true, TYPALIGN_INT)));
}

/* The options as they were given, from the catalog. */
static void
put_options(Row *row, Oid indexoid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(indexoid));
	bool isnull;
	Datum options;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", indexoid);
	options = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &isnull);
	if (isnull)
		put_null(row);
	else
		put(row, PointerGetDatum(DatumGetArrayTypePCopy(options)));
	ReleaseSysCache(tuple);
}

static void
put_shape(Row *row, const IvfState *state, const IvfSizes *sizes)
{
	const IvfMetaPage *meta = &state->meta;

	put(row, Int32GetDatum(sizes->lists));
	put(row, Int32GetDatum(meta->height));
	put(row, Int32GetDatum(meta->dim));
	put(row, CStringGetTextDatum(state->type->distance_name
									 ? state->type->distance_name
									 : state->space->name));
	put(row, Int32GetDatum(meta->bits));
}

static void
put_sizes(Row *row, const IvfSizes *sizes)
{
	double *rows = sizes->rows;
	uint32 lists = sizes->lists;
	double median = ivf_inspect_median(rows, lists);

	put(row, Int64GetDatum(sizes->placed + sizes->unplaced));
	put(row, Int64GetDatum(sizes->unplaced));
	put(row, Int64GetDatum(sizes->free));
	put(row, Int64GetDatum(rows[0]));
	put(row, Float8GetDatum(median));
	put(row, Float8GetDatum(sizes->codes / lists));
	put(row, Int64GetDatum(rows[lists - 1]));
	put(row, Float8GetDatum(sizes->spread));
}

/* Pages may have been added while lists were counted, hence Max. */
static void
put_pages(Row *row, const IvfSizes *sizes, BlockNumber pages)
{
	put(row, Int64GetDatum(pages));
	put(row, Int64GetDatum(Max(pages - sizes->pages, 0)));
	put(row, Int64GetDatum((int64) pages * BLCKSZ));
	put_ratio(row, (double) pages * BLCKSZ, sizes->placed + sizes->unplaced);
}

static void
put_training(Row *row, const IvfMetaPage *meta, const IvfSizes *sizes)
{
	put(row, Int64GetDatum(rint(meta->trained_rows)));
	put(row, Int64GetDatum(meta->trained_sample));
	put_ratio(row, sizes->placed, meta->trained_rows);
	if (sizes->placed > 0)
		put(row, Float8GetDatum(sizes->imbalance));
	else
		put_null(row);
	put(row, Float4GetDatum(meta->scale));
}

/*
 * vecdb_index_stats(index regclass) returns (lists integer, height integer,
 * dimensions integer, metric text, bits integer, rows bigint,
 * unplaced_rows bigint, free_slots bigint, min_list bigint,
 * median_list float8, mean_list float8, max_list bigint, stddev_list float8,
 * pages bigint, free_pages bigint, bytes bigint, bytes_per_row float8,
 * trained_rows bigint, trained_sample bigint, growth float8,
 * imbalance float8, scale real, options text[], calibration_recall real[],
 * calibration_share real[])
 */
PG_FUNCTION_INFO_V1(vecdb_index_stats);
Datum
vecdb_index_stats(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor = ivf_inspect_row(fcinfo);
	const IvfCalibration *calibration;
	IvfSubject subject;
	IvfSizes sizes;
	Row row = {0};

	ivf_subject_open(PG_GETARG_OID(0), "vecdb_index_stats", &subject);
	calibration = &subject.state->meta.calibration;
	ivf_sizes_measure(&subject, &sizes);

	put_shape(&row, subject.state, &sizes);
	put_sizes(&row, &sizes);
	put_pages(&row, &sizes, RelationGetNumberOfBlocks(subject.index));
	put_training(&row, &subject.state->meta, &sizes);
	put_options(&row, RelationGetRelid(subject.index));
	put_floats(&row, calibration->recall, calibration->points);
	put_floats(&row, calibration->share, calibration->points);
	ivf_subject_close(&subject);
	PG_RETURN_DATUM(form_row(descriptor, &row));
}

/*
 * vecdb_index_spill(index regclass) returns (asked real, second_codes bigint,
 * share float8, trained_share float8)
 */
PG_FUNCTION_INFO_V1(vecdb_index_spill);
Datum
vecdb_index_spill(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor = ivf_inspect_row(fcinfo);
	const IvfMetaPage *meta;
	IvfSubject subject;
	IvfSizes sizes;
	Row row = {0};

	ivf_subject_open(PG_GETARG_OID(0), "vecdb_index_spill", &subject);
	meta = &subject.state->meta;
	ivf_sizes_measure(&subject, &sizes);
	if (meta->spill.asked == 0)
		put_null(&row);
	else
		put(&row, Float4GetDatum(Max(meta->spill.asked, 0)));
	put(&row, Int64GetDatum(sizes.codes - sizes.placed));
	put_ratio(&row, sizes.codes - sizes.placed, sizes.placed);
	put_ratio(&row, meta->spill.entries, meta->trained_rows);
	ivf_subject_close(&subject);
	PG_RETURN_DATUM(form_row(descriptor, &row));
}

/*
 * vecdb_index_lists(index regclass) returns setof (list integer,
 * head_block bigint, rows bigint, free_slots bigint, pages integer)
 */
PG_FUNCTION_INFO_V1(vecdb_index_lists);
Datum
vecdb_index_lists(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor;
	Tuplestorestate *result = ivf_inspect_rows(fcinfo, &descriptor);
	IvfSubject subject;

	ivf_subject_open(PG_GETARG_OID(0), "vecdb_index_lists", &subject);
	for (uint32 i = 0; i < subject.lists; i++)
	{
		BlockNumber head = subject.leaves[i].head;
		IvfListFigures list =
			ivf_list_count(subject.index, head, &subject.state->leaf);
		Row row = {0};

		put(&row, Int32GetDatum(i));
		put(&row, Int64GetDatum(head));
		put(&row, Int64GetDatum(list.rows));
		put(&row, Int64GetDatum(list.free));
		put(&row, Int32GetDatum(list.pages));
		tuplestore_putvalues(result, descriptor, row.values, row.nulls);
	}
	ivf_subject_close(&subject);
	return (Datum) 0;
}
