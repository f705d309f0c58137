/*
 * conditions.c: see conditions.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/conditions.h"
#include "port/pg_bitutils.h"

/* Of the unevenness of lists, the part that goes into the pass rate. */
#define UNEVEN_POWER 0.3

/* How often a rate counts that is less near the query than elsewhere. */
#define FARTHER_POWER 3

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
	scan->filter_nulls = scan->recheck = false;
	scan->excluded = 0;
	scan->with_values = scan->with_nulls = true;
	scan->lists = scan->near = (IvfPassed){0};
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
uint32
ivf_conditions_lanes(IvfScan *scan, const IvfGroup *group)
{
	const IvfLayout *layout = group->layout;
	const uint8 *keys[IVF_MOST_COLUMNS];
	uint16 nulls[IVF_MOST_COLUMNS];
	uint32 lanes;

	for (uint32 i = 0; i < layout->columns; i++)
		keys[i] = ivf_column_lanes(layout, group->head, i);
	if (scan->filter_nulls)
		ivf_column_nulls(layout, group->slot, nulls);
	else
		memset(nulls, 0, sizeof(nulls));
	lanes = ivf_filter_lanes(scan->filter, keys, nulls, group->lanes);
	lanes = live_lanes(group, lanes, scan->excluded);
	scan->list.passed += pg_popcount32(lanes);
	return lanes;
}

/*
 * Neighbours get fewer with a list's rank about as its inverse: weights from
 * the calibration gave the same recall.
 */
void
ivf_conditions_count(IvfScan *scan, uint32 rank)
{
	double weight = 1 / (rank + 1.0);

	scan->lists.rows += scan->list.rows;
	scan->lists.passed += scan->list.passed;
	scan->lists.squares +=
		scan->list.passed * scan->list.passed / Max(scan->list.rows, 1);
	scan->lists.count++;
	scan->near.rows += weight * scan->list.rows;
	scan->rate = 0;
	scan->near.weights += weight * weight * scan->list.rows;
	scan->near.passed += weight * scan->list.passed;
}

/*
 * How much more the rates of lists differ than those of a condition that has
 * nothing to do with the place: variance by that of a binomial distribution.
 */
static double
unevenness(const IvfPassed *lists)
{
	double rate = lists->passed / lists->rows;
	double squares = lists->squares - lists->passed * rate;

	if (lists->count < 2 || rate <= 0 || rate >= 1)
		return 1;
	return Max(squares / ((lists->count - 1) * rate * (1 - rate)), 1);
}

/*
 * The rate near the query.  Few rows count for most of it, so where lists
 * differ no more than by chance, a standard deviation of that is taken off its
 * difference from the rate of all lists that were read.
 */
static double
rate_near(const IvfPassed *near, double one, double anywhere, double uneven)
{
	double rate = (near->passed + one) / (near->rows + one);
	double chance =
		sqrt(anywhere * (1 - anywhere) * near->weights) / near->rows / uneven;

	if (rate < anywhere)
		return Min(rate + chance, anywhere);
	return Max(rate - chance, anywhere);
}

/*
 * Where a condition goes with the place, rows far away say little about those
 * that are near; and where those that pass are farther away than others, they
 * are so within their lists as well, and lists that are not read yet have more
 * of them, so that what their rate lacks counts more than once.  Besides,
 * they lie on one side of lists: how much that takes was found by trial.  In
 * lists that were left out are neighbours that do not pass.  One more row is
 * taken to have passed, so that a rate can be told of none.
 */
static double
measured_rate(const IvfScan *scan)
{
	const IvfProbes *probes = &scan->probes;
	const IvfPassed *lists = &scan->lists;
	double uneven;
	double near;
	double anywhere;
	double left;

	uneven = unevenness(lists);
	anywhere = (lists->passed + 1) / (lists->rows + 1);
	near =
		rate_near(&scan->near, scan->near.rows / lists->rows, anywhere, uneven);
	left = (double) probes->count / Max(probes->all, probes->count);
	return near * pow(Min(near / anywhere, 1), FARTHER_POWER) * left *
		   pow(uneven, -UNEVEN_POWER);
}

double
ivf_pass_rate(IvfScan *scan)
{
	if (scan->filter == NULL || !(scan->near.rows > 0))
		return 1;
	if (scan->rate == 0)
		scan->rate = measured_rate(scan);
	return scan->rate;
}
