/*
 * filter.c: see filter.h.
 *
 * A condition becomes a set of keys, and the sets of one column are met one
 * after another.
 */
#include "compat.h"

#include "ivf/space/comparison.h"
#include "ivf/space/filter.h"
#include "math/ordered.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

/* A growing set. */
typedef struct Set
{
	VdbRange *ranges;
	Size n;
} Set;

/* Sets --------------------------------------------------------------------- */

static Set
make_set(Size room)
{
	return (Set){
		palloc_extended(Max(room, 1) * sizeof(VdbRange), MCXT_ALLOC_HUGE), 0};
}

static void
add_constant(Set *set, IvfComparison *comparison, Datum constant, bool *recheck)
{
	if (ivf_comparison_range(comparison, constant, &set->ranges[set->n],
							 recheck))
		set->n++;
}

/* Any element will do; one that is NULL is none. */
static Set
set_of_array(IvfComparison *comparison, Datum constant, bool *recheck)
{
	ArrayType *array = DatumGetArrayTypeP(constant);
	int16 length;
	bool by_value;
	char align;
	Datum *elements;
	bool *nulls;
	int n;
	Set set;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align,
					  &elements, &nulls, &n);
	set = make_set(n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			add_constant(&set, comparison, elements[i], recheck);
	}
	set.n = vdb_ranges_join(set.ranges, set.n);
	pfree(elements);
	pfree(nulls);
	return set;
}

static Set
set_of_comparison(IvfComparison *comparison, ScanKey key, bool *recheck)
{
	Set set;

	if (key->sk_flags & SK_SEARCHARRAY)
		return set_of_array(comparison, key->sk_argument, recheck);
	set = make_set(1);
	add_constant(&set, comparison, key->sk_argument, recheck);
	return set;
}

/* Columns ------------------------------------------------------------------ */

static void
narrow(IvfColumnFilter *filter, Set with)
{
	Set both = make_set(filter->nset + with.n);

	both.n = vdb_ranges_meet(filter->set, filter->nset, with.ranges, with.n,
							 both.ranges);
	pfree(filter->set);
	pfree(with.ranges);
	filter->set = both.ranges;
	filter->nset = both.n;
}

/* A condition on a column; what it leaves to a recheck is told. */
static void
add_key(IvfColumnFilter *filter, const IvfColumn *column, ScanKey key,
		bool *recheck)
{
	IvfComparison comparison;

	if (key->sk_flags & SK_SEARCHNULL)
	{
		filter->nset = 0;
		return;
	}
	filter->nulls = false;
	if (key->sk_flags & SK_SEARCHNOTNULL)
		return;
	if (key->sk_flags & SK_ISNULL)
		filter->nset = 0;
	else if (ivf_comparison_init(&comparison, column, key))
		narrow(filter, set_of_comparison(&comparison, key, recheck));
	else
		*recheck = true;
}

/* Everything passes. */
static void
begin_column(IvfColumnFilter *filter, const IvfColumn *column, int number)
{
	filter->column = number;
	filter->width = column->kind->width;
	filter->nulls = true;
	filter->set = palloc(sizeof(VdbRange));
	filter->set[0] = (VdbRange){0, ivf_column_most(column)};
	filter->nset = 1;
}

static void
end_column(IvfColumnFilter *filter, const IvfColumn *column)
{
	filter->values = filter->nset == 1 && filter->set[0].first == 0 &&
					 filter->set[0].last == ivf_column_most(column);
	filter->hashes = vdb_summary_hashes(filter->set, filter->nset);
}

IvfFilter *
ivf_filter_make(const IvfColumn *columns, int ncolumns, ScanKey keys, int nkeys)
{
	IvfFilter *filter = palloc0(sizeof(IvfFilter));

	for (int i = 0; i < ncolumns; i++)
	{
		IvfColumnFilter *column = &filter->columns[filter->ncolumns];
		bool asked = false;

		begin_column(column, &columns[i], i);
		for (int j = 0; j < nkeys; j++)
			if (keys[j].sk_attno == i + 2)
			{
				add_key(column, &columns[i], &keys[j], &filter->recheck);
				asked = true;
			}
		end_column(column, &columns[i]);
		filter->never |= !column->nulls && column->nset == 0;
		filter->ncolumns += asked;
	}
	return filter;
}

/* Tests -------------------------------------------------------------------- */

static uint32
column_lanes(const IvfColumnFilter *filter, const uint8 *keys, uint32 nulls,
			 uint32 lanes)
{
	uint32 values = lanes & ~nulls;

	if (values && !filter->values)
		values = vdb_ranges_lanes(filter->set, filter->nset, keys,
								  filter->width, values);
	return filter->nulls ? values | (lanes & nulls) : values;
}

uint32
ivf_filter_lanes(const IvfFilter *filter, const uint8 *const keys[],
				 const uint16 nulls[], uint32 lanes)
{
	for (int i = 0; i < filter->ncolumns && lanes; i++)
	{
		const IvfColumnFilter *column = &filter->columns[i];

		lanes = column_lanes(column, keys[column->column],
							 nulls[column->column], lanes);
	}
	return lanes;
}

bool
ivf_filter_range(const IvfFilter *filter, VdbRange *range)
{
	const IvfColumnFilter *first = &filter->columns[0];

	if (filter->ncolumns == 0 || first->column != 0 || first->nulls ||
		first->nset == 0)
		return false;
	*range = (VdbRange){first->set[0].first, first->set[first->nset - 1].last};
	return true;
}

static uint32
column_lists(const IvfColumnFilter *filter, const VdbSummary *summaries)
{
	uint32 lanes = 0;

	for (int i = 0; i < VDB_GROUP; i++)
	{
		const VdbSummary *summary = &summaries[i];
		uint32 passes = vdb_summary_meets(summary, filter->set, filter->nset,
										  filter->hashes);

		if (filter->nulls)
			passes |= (summary->has & VDB_SUMMARY_NULLS) != 0;
		lanes |= passes << i;
	}
	return lanes;
}

uint32
ivf_filter_lists(const IvfFilter *filter, const VdbSummary *const summaries[],
				 uint32 lanes)
{
	for (int i = 0; i < filter->ncolumns && lanes; i++)
	{
		const IvfColumnFilter *column = &filter->columns[i];

		lanes &= column_lists(column, summaries[column->column]);
	}
	return lanes;
}
