/*
 * comparison.c: see comparison.h.
 *
 * A constant of the column's own type has a key.  One of another type has a
 * place among the column's values, which is looked for with the operators that
 * compare the two: so bounds are where the operator says, whatever the types.
 */
#include "compat.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "ivf/space/comparison.h"
#include "pgtime.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* Constants of the column's type ------------------------------------------- */

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

/* Where other values have the same key, some on both sides may pass. */
static bool
range_at_key(const IvfComparison *comparison, uint64 key, VdbRange *range)
{
	uint64 most = ivf_column_most(comparison->column);
	bool exact = comparison->column->kind->exact;

	range->first = begins_at_least(comparison->strategy) ? 0 : key;
	range->last = ends_at_most(comparison->strategy) ? most : key;
	if (exact && comparison->strategy == BTLessStrategyNumber)
		return range->last-- > 0;
	if (exact && comparison->strategy == BTGreaterStrategyNumber)
		return range->first++ < most;
	return true;
}

/* Constants of another type ------------------------------------------------ */

/* The keys up to "last", or none. */
typedef struct Cut
{
	bool any;
	uint64 last;
} Cut;

static bool
key_passes(const IvfComparison *comparison, FmgrInfo *function, uint64 key,
		   Datum constant)
{
	return DatumGetBool(FunctionCall2Coll(function, comparison->collation,
										  comparison->column->kind->value(key),
										  constant));
}

/* The keys whose values are below (or at) the constant: they come first. */
static Cut
cut_at(const IvfComparison *comparison, FmgrInfo *function, Datum constant)
{
	const IvfKeyKind *kind = comparison->column->kind;
	uint64 most = kind->most;
	Cut cut = {true, kind->least};

	if (!key_passes(comparison, function, kind->least, constant))
		return (Cut){false, 0};
	while (cut.last < most)
	{
		uint64 middle = cut.last + (most - cut.last) / 2 + 1;

		if (key_passes(comparison, function, middle, constant))
			cut.last = middle;
		else
			most = middle - 1;
	}
	if (cut.last == kind->most)
		cut.last = ivf_column_most(comparison->column);
	return cut;
}

/* Begin with the key after the cut: false if there is none. */
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

static bool
range_across(IvfComparison *comparison, Datum constant, VdbRange *range)
{
	uint64 most = ivf_column_most(comparison->column);
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

/* Moments and local times -------------------------------------------------- */

/*
 * Dates and local times are compared with moments in the session's time zone,
 * in which they are not in order where clocks are set back: by as much, no
 * more, a local time may be on the wrong side.  Two offsets of a zone differ by
 * less than this many days, twice the week that a zone may be named with.
 */
#define ZONE_DAYS 15

/* By how many seconds clocks are changed around a moment, at most. */
static int64
clock_change(TimestampTz moment)
{
	pg_time_t time = timestamptz_to_time_t(moment) - ZONE_DAYS * SECS_PER_DAY;
	pg_time_t end = time + 2 * ZONE_DAYS * SECS_PER_DAY;
	int64 least = PG_INT64_MAX;
	int64 most = PG_INT64_MIN;

	while (time <= end)
	{
		long int before;
		long int after;
		int daylight;
		pg_time_t next;
		int found = pg_next_dst_boundary(&time, &before, &daylight, &next,
										 &after, &daylight, session_timezone);

		least = Min(least, before);
		most = Max(most, before);
		if (found <= 0)
			break;
		time = next;
	}
	return most - least;
}

/*
 * How many keys of a column of local times may be on the wrong side.  Only
 * where the constant is a moment may it be looked at as one: it may be a
 * pointer.
 */
static uint64
uncertain_keys(const IvfComparison *comparison, Datum constant)
{
	Oid type = comparison->column->type;
	TimestampTz moment;
	int64 change;

	if (comparison->type != TIMESTAMPTZOID ||
		(type != TIMESTAMPOID && type != DATEOID))
		return 0;
	moment = DatumGetTimestampTz(constant);
	if (TIMESTAMP_NOT_FINITE(moment))
		return 0;
	change = clock_change(moment);
	if (type == DATEOID)
		return (change + SECS_PER_DAY - 1) / SECS_PER_DAY;
	return change * USECS_PER_SEC;
}

/*
 * The place that was found is wrong by so many keys at most, and so are the
 * keys around the right one.
 */
static void
range_around(IvfComparison *comparison, Datum constant, uint64 uncertain,
			 VdbRange *range)
{
	uint64 most = ivf_column_most(comparison->column);
	Cut cut = cut_at(comparison, &comparison->less_equal, constant);
	uint64 key = cut.any ? cut.last : 0;
	uint64 more = 2 * uncertain + 1;

	range->first =
		begins_at_least(comparison->strategy) ? 0 : key - Min(key, more);
	range->last =
		ends_at_most(comparison->strategy) ? most : key + Min(most - key, more);
}

/* Comparisons -------------------------------------------------------------- */

static bool
find_operator(const IvfColumn *column, Oid type, StrategyNumber strategy,
			  FmgrInfo *function)
{
	Oid found =
		get_opfamily_member(column->family, column->type, type, strategy);

	if (!OidIsValid(found))
		return false;
	fmgr_info(get_opcode(found), function);
	return true;
}

bool
ivf_comparison_init(IvfComparison *comparison, const IvfColumn *column,
					ScanKey key)
{
	comparison->column = column;
	comparison->strategy = key->sk_strategy;
	comparison->type = key->sk_subtype;
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

bool
ivf_comparison_range(IvfComparison *comparison, Datum constant, VdbRange *range,
					 bool *recheck)
{
	uint64 uncertain;

	if (!comparison->cross)
	{
		*recheck |= !comparison->column->kind->exact;
		return range_at_key(
			comparison, ivf_column_key(comparison->column, constant), range);
	}
	uncertain = uncertain_keys(comparison, constant);
	if (uncertain == 0)
		return range_across(comparison, constant, range);
	*recheck = true;
	range_around(comparison, constant, uncertain, range);
	return true;
}
