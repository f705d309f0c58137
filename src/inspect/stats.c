/*
 * stats.c: vecdb_index_stats() and vecdb_index_lists(): how large an index's
 * lists are, how evenly rows are spread over them, and what the build learnt.
 *
 * Every page of every list is read, one share lock at a time, since the
 * counters on a list's first page may say less than the slots (ivf/README.md,
 * "Vacuum against inserts").  Others go on reading and writing: figures of
 * different lists are not of one moment.  A slot counts as a row until vacuum
 * frees it.
 */
#include "compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/distributed.h"
#include "inspect/inspect.h"
#include "ivf/disk/cursor.h"
#include "ivf/space/tree.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* One list ---------------------------------------------------------------- */

typedef struct ListFigures
{
	uint64 rows;   /* slots with a TID */
	uint64 second; /* of them, those of rows that are in another list first */
	uint64 free;   /* slots below the list's count without one */
	uint32 pages;
} ListFigures;

static void
count_slots(const IvfSlot *slots, uint32 count, ListFigures *figures)
{
	for (uint32 i = 0; i < count; i++)
		if (ItemPointerIsValid(&slots[i].tid))
		{
			figures->rows++;
			figures->second += (slots[i].detail & IVF_ROW_SECOND) != 0;
		}
		else
			figures->free++;
}

static ListFigures
count_list(Relation index, BlockNumber head, const IvfLayout *layout)
{
	ListFigures figures = {0};
	IvfCursor cursor;

	ivf_cursor_init(&cursor, index, layout->tree, layout->kind, head,
					BUFFER_LOCK_SHARE);
	while (ivf_cursor_next(&cursor))
	{
		figures.pages++;
		for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
		{
			uint32 first;
			const IvfSlot *slots = ivf_line_slots(layout, cursor.page,
												  cursor.number, line, &first);

			if (slots && first < cursor.slots)
				count_slots(slots, Min(cursor.slots - first, IVF_LINE_SLOTS),
							&figures);
		}
	}
	return figures;
}

static uint32
count_pages(Relation index, uint32 tree, BlockNumber head, IvfPageKind kind)
{
	uint32 pages = 0;
	IvfCursor cursor;

	if (head == InvalidBlockNumber)
		return 0;
	ivf_cursor_init(&cursor, index, tree, kind, head, BUFFER_LOCK_SHARE);
	while (ivf_cursor_next(&cursor))
		pages++;
	return pages;
}

/* All lists --------------------------------------------------------------- */

/* An index that is open for its statistics. */
typedef struct Subject
{
	Relation heap;
	Relation index;
	const IvfState *state;
	IvfLeaf *leaves;
	uint32 lists;
} Subject;

static void
open_subject(Oid indexoid, const char *function, Subject *subject)
{
	ivf_inspect_require_statistics(indexoid);
	ivf_inspect_open(indexoid, AccessShareLock, &subject->heap,
					 &subject->index);
	ivf_distributed_tell(WARNING, subject->heap, subject->index, function);
	subject->state = ivf_index_open(subject->index, CurrentMemoryContext);
	subject->lists =
		ivf_tree_leaves(subject->index, subject->state, &subject->leaves);
	if (subject->lists == 0)
		ivf_page_corrupted(subject->index, subject->state->meta.root,
						   "root has no lists");
}

static void
close_subject(Subject *subject)
{
	relation_close(subject->index, AccessShareLock);
	table_close(subject->heap, AccessShareLock);
}

/* The sizes of an index's lists, by themselves and together. */
typedef struct Sizes
{
	uint32 lists;
	double *rows;  /* of each: its codes */
	double codes;  /* their sum */
	double placed; /* rows: codes without second ones */
	double unplaced;
	double free;
	double pages;	  /* that belong to something */
	double spread;	  /* standard deviation of rows */
	double imbalance; /* mean list of a row over the mean list */
} Sizes;

static void
compute_spread(Sizes *sizes)
{
	double mean = sizes->codes / sizes->lists;
	double squares = 0;

	for (uint32 i = 0; i < sizes->lists; i++)
		squares += (sizes->rows[i] - mean) * (sizes->rows[i] - mean);
	sizes->spread = sqrt(squares / sizes->lists);
	sizes->imbalance = 1 + squares / sizes->lists / (mean * mean);
}

static void
add_list(Sizes *sizes, const ListFigures *list)
{
	sizes->free += list->free;
	sizes->pages += list->pages;
}

static void
measure(const Subject *subject, Sizes *sizes)
{
	const IvfMetaPage *meta = &subject->state->meta;
	ListFigures list;

	memset(sizes, 0, sizeof(*sizes));
	sizes->lists = subject->lists;
	sizes->rows = palloc(Max(sizes->lists, 1) * sizeof(double));
	for (uint32 i = 0; i < sizes->lists; i++)
	{
		list = count_list(subject->index, subject->leaves[i].head,
						  &subject->state->leaf);
		add_list(sizes, &list);
		sizes->rows[i] = list.rows;
		sizes->codes += list.rows;
		sizes->placed += list.rows - list.second;
	}
	compute_spread(sizes);

	list =
		count_list(subject->index, meta->unplaced, &subject->state->unplaced);
	add_list(sizes, &list);
	sizes->unplaced = list.rows;

	/* The metapage, the mean, and a root that is no leaf. */
	sizes->pages +=
		1 + count_pages(subject->index, meta->trees.tree, meta->mean, IVF_MEAN);
	if (ivf_tree_centroids(meta) > 0)
		sizes->pages += count_pages(subject->index, meta->trees.tree,
									meta->root, IVF_INNER);
}

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
put_shape(Row *row, const IvfState *state, const Sizes *sizes)
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
put_sizes(Row *row, const Sizes *sizes)
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
put_pages(Row *row, const Sizes *sizes, BlockNumber pages)
{
	put(row, Int64GetDatum(pages));
	put(row, Int64GetDatum(Max(pages - sizes->pages, 0)));
	put(row, Int64GetDatum((int64) pages * BLCKSZ));
	put_ratio(row, (double) pages * BLCKSZ, sizes->placed + sizes->unplaced);
}

static void
put_training(Row *row, const IvfMetaPage *meta, const Sizes *sizes)
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
	Subject subject;
	Sizes sizes;
	Row row = {0};

	open_subject(PG_GETARG_OID(0), "vecdb_index_stats", &subject);
	calibration = &subject.state->meta.calibration;
	measure(&subject, &sizes);

	put_shape(&row, subject.state, &sizes);
	put_sizes(&row, &sizes);
	put_pages(&row, &sizes, RelationGetNumberOfBlocks(subject.index));
	put_training(&row, &subject.state->meta, &sizes);
	put_options(&row, RelationGetRelid(subject.index));
	put_floats(&row, calibration->recall, calibration->points);
	put_floats(&row, calibration->share, calibration->points);
	close_subject(&subject);
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
	Subject subject;
	Sizes sizes;
	Row row = {0};

	open_subject(PG_GETARG_OID(0), "vecdb_index_spill", &subject);
	meta = &subject.state->meta;
	measure(&subject, &sizes);
	if (meta->spill.asked == 0)
		put_null(&row);
	else
		put(&row, Float4GetDatum(Max(meta->spill.asked, 0)));
	put(&row, Int64GetDatum(sizes.codes - sizes.placed));
	put_ratio(&row, sizes.codes - sizes.placed, sizes.placed);
	put_ratio(&row, meta->spill.entries, meta->trained_rows);
	close_subject(&subject);
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
	Subject subject;

	open_subject(PG_GETARG_OID(0), "vecdb_index_lists", &subject);
	for (uint32 i = 0; i < subject.lists; i++)
	{
		BlockNumber head = subject.leaves[i].head;
		ListFigures list =
			count_list(subject.index, head, &subject.state->leaf);
		Row row = {0};

		put(&row, Int32GetDatum(i));
		put(&row, Int64GetDatum(head));
		put(&row, Int64GetDatum(list.rows));
		put(&row, Int64GetDatum(list.free));
		put(&row, Int32GetDatum(list.pages));
		tuplestore_putvalues(result, descriptor, row.values, row.nulls);
	}
	close_subject(&subject);
	return (Datum) 0;
}
