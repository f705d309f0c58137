/*
 * filter.c: see filter.h.
 *
 * A condition becomes a set of keys, and the sets of one column are met one
 * after another.  Constants of the column's own type have a key.  One of
 * another type has a place among the column's values, which is looked for with
 * the operators that compare the two: so bounds are where the operator says,
 * whatever the types.
 */
#include "compat.h"

#include "access/stratnum.h"
#include "ivf/space/filter.h"
#include "math/ordered.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

/* One comparison while its set is made. */
typedef struct Comparison
{
	const IvfColumn *column;
	StrategyNumber strategy;
	Oid collation;
	bool cross; /* constants have another type */
	FmgrInfo less;
	FmgrInfo less_equal; /* value < constant, value <= constant */
} Comparison;

/* A growing set. */
typedef struct Set
{
	VdbRange *ranges;
	Size n;
} Set;

static uint64
most_key(const IvfColumn *column)
{
	return vdb_key_most(column->kind->width);
}

/* Where a constant lies ---------------------------------------------------- */

static bool
begins_at_least(StrategyNumber strategy)
{
	return strategy == BTLessStrategyNumber ||
		   strategy == BTLessEqualStrategyNumber;
}

static bool
ends_at_most(StrategyNumber strategy)
{
	return strategy == BTGreaterStrategyNumber ||
		   strategy == BTGreaterEqualStrategyNumber;
}

/*
 * The keys that pass, by the key of a constant: false if there are none.  Where
 * other values have the same key, some on both sides may pass.
 */
static bool
range_at_key(const Comparison *comparison, uint64 key, VdbRange *range)
{
	uint64 most = most_key(comparison->column);
	bool exact = comparison->column->kind->exact;

	range->first = begins_at_least(comparison->strategy) ? 0 : key;
	range->last = ends_at_most(comparison->strategy) ? most : key;
	if (exact && comparison->strategy == BTLessStrategyNumber)
		return range->last-- > 0;
	if (exact && comparison->strategy == BTGreaterStrategyNumber)
		return range->first++ < most;
	return true;
}

/* The keys up to "last", or none. */
typedef struct Cut
{
	bool any;
	uint64 last;
} Cut;

static bool
key_passes(const Comparison *comparison, FmgrInfo *operator, uint64 key,
		   Datum constant)
{
	return DatumGetBool(FunctionCall2Coll(operator, comparison->collation,
										  comparison->column->kind->value(key),
										  constant));
}

/* The keys whose values are below (or at) the constant: they come first. */
static Cut
cut_at(const Comparison *comparison, FmgrInfo *operator, Datum constant)
{
	const IvfKeyKind *kind = comparison->column->kind;
	uint64 most = kind->most;
	Cut cut = {true, kind->least};

	if (!key_passes(comparison, operator, kind->least, constant))
		return (Cut){false, 0};
	while (cut.last < most)
	{
		uint64 middle = cut.last + (most - cut.last) / 2 + 1;

		if (key_passes(comparison, operator, middle, constant))
			cut.last = middle;
		else
			most = middle - 1;
	}
	if (cut.last == kind->most)
		cut.last = most_key(comparison->column);
	return cut;
}

static bool
begin_after(Cut cut, uint64 most, VdbRange *range)
{
	if (!cut.any)
		return true;
	range->first = cut.last + 1;
	return cut.last < most;
}

static bool
end_with(Cut cut, VdbRange *range)
{
	range->last = cut.last;
	return cut.any;
}

/* The same by a constant of another type. */
static bool
range_across(Comparison *comparison, Datum constant, VdbRange *range)
{
	uint64 most = most_key(comparison->column);
	Cut below = cut_at(comparison, &comparison->less, constant);
	Cut upto = cut_at(comparison, &comparison->less_equal, constant);

	*range = (VdbRange){0, most};
	switch (comparison->strategy)
	{
		case BTLessStrategyNumber:
			return end_with(below, range);
		case BTLessEqualStrategyNumber:
			return end_with(upto, range);
		case BTGreaterEqualStrategyNumber:
			return begin_after(below, most, range);
		case BTGreaterStrategyNumber:
			return begin_after(upto, most, range);
		default:
			return begin_after(below, most, range) && end_with(upto, range) &&
				   range->first <= range->last;
	}
}

/* Sets --------------------------------------------------------------------- */

static Set
make_set(Size room)
{
	return (Set){
		palloc_extended(Max(room, 1) * sizeof(VdbRange), MCXT_ALLOC_HUGE), 0};
}

static void
add_constant(Set *set, Comparison *comparison, Datum constant)
{
	VdbRange *range = &set->ranges[set->n];

	if (comparison->cross
			? range_across(comparison, constant, range)
			: range_at_key(comparison,
						   ivf_column_key(comparison->column, constant), range))
		set->n++;
}

/* Any element will do; one that is NULL is none. */
static Set
set_of_array(Comparison *comparison, Datum constant)
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
			add_constant(&set, comparison, elements[i]);
	}
	set.n = vdb_ranges_join(set.ranges, set.n);
	pfree(elements);
	pfree(nulls);
	return set;
}

static bool
find_operator(const IvfColumn *column, Oid type, StrategyNumber strategy,
			  FmgrInfo *function)
{
	Oid operator=
		get_opfamily_member(column->family, column->type, type, strategy);

	if (!OidIsValid(operator))
		return false;
	fmgr_info(get_opcode(operator), function);
	return true;
}

/* Can the column's keys tell what a condition asks? */
static bool
make_comparison(Comparison *comparison, const IvfColumn *column, ScanKey key)
{
	comparison->column = column;
	comparison->strategy = key->sk_strategy;
	comparison->collation = key->sk_collation;
	comparison->cross =
		OidIsValid(key->sk_subtype) && key->sk_subtype != column->type;
	if (!column->kind->ordered)
		return key->sk_strategy == BTEqualStrategyNumber && !comparison->cross;
	if (key->sk_strategy < 1 || key->sk_strategy > IVF_MOST_STRATEGY)
		return false;
	return !comparison->cross ||
		   (column->kind->value != NULL &&
			find_operator(column, key->sk_subtype, BTLessStrategyNumber,
						  &comparison->less) &&
			find_operator(column, key->sk_subtype, BTLessEqualStrategyNumber,
						  &comparison->less_equal));
}

static Set
set_of_comparison(Comparison *comparison, ScanKey key)
{
	Set set;

	if (key->sk_flags & SK_SEARCHARRAY)
		return set_of_array(comparison, key->sk_argument);
	set = make_set(1);
	add_constant(&set, comparison, key->sk_argument);
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
	Comparison comparison;

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
	else if (make_comparison(&comparison, column, key))
	{
		narrow(filter, set_of_comparison(&comparison, key));
		*recheck |= !column->kind->exact;
	}
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
	filter->set[0] = (VdbRange){0, most_key(column)};
	filter->nset = 1;
}

static void
end_column(IvfColumnFilter *filter, const IvfColumn *column)
{
	filter->values = filter->nset == 1 && filter->set[0].first == 0 &&
					 filter->set[0].last == most_key(column);
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

static bool
summary_passes(const IvfColumnFilter *filter, const VdbSummary *summary)
{
	return (filter->nulls && (summary->has & VDB_SUMMARY_NULLS)) ||
		   vdb_summary_meets(summary, filter->set, filter->nset,
							 filter->hashes);
}

bool
ivf_filter_list(const IvfFilter *filter, const VdbSummary *summaries)
{
	for (int i = 0; i < filter->ncolumns; i++)
		if (!summary_passes(&filter->columns[i],
							&summaries[filter->columns[i].column]))
			return false;
	return true;
}
