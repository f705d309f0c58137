/*
 * conditions.c: see conditions.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/conditions.h"
#include "ivf/scan/probes.h"
#include "port/pg_bitutils.h"

/*
 * These were found by trial over the cells of "./dev bench --parts filter", as
 * was LEFT_PART (space/shares.c): README.md, "How many lists".
 */

/* Of the unevenness of lists, the part that goes into the pass rate. */
#define UNEVEN_POWER 0.3

/* A trend has so many rows against it that bear out none. */
#define TREND_DOUBT 2

/* A rate below this counts as less still: many neighbours are told worst. */
#define USUAL_RATE 0.1
#define RARE_POWER 0.12

/* Of the vector's own column: is a row with a value asked for, with a NULL? */
static void
add_vector_key(IvfScan *scan, ScanKey key)
{
	if (key->sk_flags & SK_SEARCHNULL)
		scan->with_values = false;
	else
		scan->with_nulls = false;
}

static void
add_nulls(IvfScan *scan, const IvfColumnFilter *filter)
{
	if (filter->nulls)
		scan->filter_nulls = true;
	else
		scan->excluded |= IVF_COLUMN_NULL(filter->column);
}

void
ivf_conditions_set(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	uint32 ncolumns = scan->state->meta.columns.count;
	MemoryContext old_context = MemoryContextSwitchTo(scan->query_context);
	int scalar = 0;

	scan->filter = NULL;
	scan->only = NULL;
	scan->filter_nulls = scan->recheck = false;
	scan->excluded = 0;
	scan->with_values = scan->with_nulls = true;
	scan->lists = scan->last = (IvfPassed){0};
	scan->rate = 0;
	for (int i = 0; i < desc->numberOfKeys; i++)
	{
		if (desc->keyData[i].sk_attno == 1)
			add_vector_key(scan, &desc->keyData[i]);
		else
			scalar++;
	}
	if (scalar > 0)
	{
		scan->filter = ivf_filter_make(scan->state->columns, ncolumns,
									   desc->keyData, desc->numberOfKeys);
		scan->recheck |= scan->filter->recheck;
		for (int i = 0; i < scan->filter->ncolumns; i++)
			add_nulls(scan, &scan->filter->columns[i]);
		scan->only = ivf_filter_only(scan->filter);
	}
	MemoryContextSwitchTo(old_context);
}

/*
 * Free slots have keys too, of rows that were there; and so have NULLs, which
 * the slot's detail tells.
 */
static uint32
live_lanes(const IvfGroup *group, uint32 lanes, uint16 nulls)
{
	uint32 live = 0;

	for (; lanes; lanes &= lanes - 1)
	{
		int lane = pg_rightmost_one_pos32(lanes);
		const IvfSlot *slot = &group->slot[lane];

		if (ItemPointerIsValid(&slot->tid) && !(slot->detail & nulls))
			live |= UINT32_C(1) << lane;
	}
	return live;
}

/*
 * Where no NULL passes, most groups can be told by their keys alone, which are
 * one line in many; and only slots of keys that pass are looked at.
 */
static uint32
passing_lanes(const IvfScan *scan, const IvfGroup *group)
{
	const IvfLayout *layout = group->layout;
	const uint8 *keys[IVF_MOST_COLUMNS];
	uint16 nulls[IVF_MOST_COLUMNS];

	for (uint32 i = 0; i < layout->columns; i++)
		keys[i] = ivf_column_lanes(layout, group->head, i);
	if (scan->filter_nulls)
		ivf_column_nulls(layout, group->slot, nulls);
	else
		memset(nulls, 0, sizeof(nulls));
	return ivf_filter_lanes(scan->filter, keys, nulls, group->lanes);
}

/* The same by the only column that anything is asked of. */
static inline uint32
passing_keys(const IvfColumnFilter *only, const IvfGroup *group)
{
	return vdb_ranges_lanes(
		only->set, only->nset,
		ivf_column_lanes(group->layout, group->head, only->column), only->width,
		group->lanes);
}

uint32
ivf_conditions_lanes(IvfScan *scan, const IvfGroup *group)
{
	uint32 lanes = scan->only ? passing_keys(scan->only, group)
							  : passing_lanes(scan, group);

	if (lanes == 0)
		return 0;
	lanes = live_lanes(group, lanes, scan->excluded);
	scan->list.passed += pg_popcount32(lanes);
	return lanes;
}

/* The lists that were read last say most of those that come next. */
void
ivf_conditions_count(IvfScan *scan, uint32 rank)
{
	const IvfPassed *list = &scan->list;
	double next = rank + 1.0;
	double weight = next * next * next;

	ivf_probes_passed(&scan->probes, rank, list->passed / Max(list->rows, 1));
	scan->rate = 0;
	scan->lists.rows += list->rows;
	scan->lists.passed += list->passed;
	scan->lists.squares += list->passed * list->passed / Max(list->rows, 1);
	scan->lists.count++;
	scan->last.rows += weight * list->rows;
	scan->last.passed += weight * list->passed;
	scan->last.weight += weight;
}

/*
 * How much more the rates of lists differ than those of a condition that has
 * nothing to do with the place: variance by that of a binomial distribution, of
 * which a standard deviation is not believed.
 */
static double
unevenness(const IvfPassed *lists)
{
	double rate = lists->passed / lists->rows;
	double squares = lists->squares - lists->passed * rate;
	double chance;

	if (lists->count < 2 || rate <= 0 || rate >= 1)
		return 1;
	chance = 1 + sqrt(2 / (lists->count - 1));
	return Max(squares / ((lists->count - 1) * rate * (1 - rate)) / chance, 1);
}

/*
 * The rate in lists that are not read yet: of those that were, the last count
 * most, and what they differ by from all goes on.  A few rows tell no trend: it
 * would end a scan that has met one row among thousands.  One more row is taken
 * to have passed, so that a rate can be told of none.
 */
static double
rate_ahead(const IvfPassed *lists, const IvfPassed *last)
{
	double rate = (lists->passed + 1) / (lists->rows + 1);
	double rows = last->rows / last->weight * lists->count;
	double passed = last->passed / last->weight * lists->count;
	double trend = (passed + TREND_DOUBT) / (rows * rate + TREND_DOUBT);

	return Min(rate * trend, 1);
}

/*
 * The rate of the neighbours that lists are probed for now.  Where it goes with
 * the place, rows that pass are on one side of lists: then they have less for
 * each that fails, by what was found by trial, and where none fails it makes no
 * difference.
 */
static double
measured_rate(IvfScan *scan)
{
	IvfProbes *probes = &scan->probes;
	double rate;

	probes->rate = rate_ahead(&scan->lists, &scan->last);
	probes->even = pow(unevenness(&scan->lists), -UNEVEN_POWER);
	rate = ivf_probes_rate(&scan->state->meta, probes, scan->depth);
	if (!(rate > 0))
		rate = probes->rate;
	rate = Min(rate, 1);
	rate *= probes->even / (1 - rate + rate * probes->even);
	return rate * pow(Min(rate / USUAL_RATE, 1), RARE_POWER);
}

double
ivf_pass_rate(IvfScan *scan)
{
	if (scan->filter == NULL || !(scan->lists.rows > 0))
		return 1;
	if (scan->rate == 0)
		scan->rate = measured_rate(scan);
	return scan->rate;
}
