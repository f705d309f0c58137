/*
 * demand.c: see demand.h.
 *
 * The executor hands a scan the keys of its order at the same address each time
 * that it starts, and keeps them as long as the query: by that address a scan
 * finds what was noted of it.  The LIMIT's value is there when its first row is
 * asked for, and how many rows came up to it at any time.  Whether a query that
 * has none is run to its end is known when the executor is told to run.
 */
#include "compat.h"

#include <math.h>

#include "access/amapi.h"
#include "executor/executor.h"
#include "ivf/scan/demand.h"
#include "ivf/scan/plan_demand.h"
#include "ivf/scan/scan.h"
#include "lib/ilist.h"
#include "nodes/execnodes.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

struct IvfDemand
{
	dlist_node node;
	MemoryContextCallback callback; /* of the query's memory */
	const ScanKeyData *orderbys;
	const EState *query;
	IvfTaker taker;	   /* "exact" counts the scan's own filter too */
	Relation table;	   /* open as long as the query runs */
	double table_rows; /* 0: not known; < 0: not asked for yet */
	double rows;	   /* of the scan in all, as the planner expects */
	double rate;	   /* of them, the share that comes up to the LIMIT */
};

/*
 * The planner may be wrong: lists are not to be enough for more than so many
 * times the rows that were returned or that the LIMIT takes.
 */
#define MOST_AHEAD 300

/* Of the queries under way in this process. */
static dlist_head demands = DLIST_STATIC_INIT(demands);

static ExecutorStart_hook_type next_start = NULL;
static ExecutorRun_hook_type next_run = NULL;

/* Note it ---------------------------------------------------------------- */

static void
forget(void *arg)
{
	IvfDemand *demand = arg;

	dlist_delete(&demand->node);
}

/*
 * Rows that a scan has, before its filter.  Where it has conditions of the
 * index too, the plan tells only how many pass both.
 */
static double
expected_rows(const IndexScanState *scan)
{
	double rows = scan->ss.ps.plan->plan_rows;

	if (scan->ss.ps.qual && scan->iss_NumScanKeys == 0)
		rows = Max(rows, scan->iss_RelationDesc->rd_rel->reltuples);
	return Max(rows, 1);
}

static void
note_scan(const IvfTaker *taker, IndexScanState *scan)
{
	Relation index = scan->iss_RelationDesc;
	IvfDemand *demand;

	if (index == NULL || scan->iss_NumOrderByKeys == 0 ||
		index->rd_indam->ambeginscan != ivf_scan_begin)
		return;
	demand = MemoryContextAllocZero(scan->ss.ps.state->es_query_cxt,
									sizeof(IvfDemand));
	demand->orderbys = scan->iss_OrderByKeys;
	demand->query = scan->ss.ps.state;
	demand->taker = *taker;
	demand->taker.exact &= scan->ss.ps.qual == NULL;
	demand->table = scan->ss.ss_currentRelation;
	demand->table_rows = -1;
	demand->rows = expected_rows(scan);
	if (demand->taker.limit)
		demand->rate = Max(outerPlanState(taker->limit)->plan->plan_rows, 1) /
					   demand->rows;
	dlist_push_head(&demands, &demand->node);
	demand->callback = (MemoryContextCallback){.func = forget, .arg = demand};
	MemoryContextRegisterResetCallback(scan->ss.ps.state->es_query_cxt,
									   &demand->callback);
}

static void
start(QueryDesc *query, int flags)
{
	if (next_start)
		next_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
	if (!(flags & EXEC_FLAG_EXPLAIN_ONLY) && query->planstate)
		ivf_plan_visit_takers(query->planstate, note_scan);
}

/*
 * A table's rows, as the planner estimates them: as many in a page as when it
 * was analyzed, which may have been before it was filled.  0: not known.
 */
static double
table_rows(Relation table)
{
	double pages = table->rd_rel->relpages;

	if (table->rd_rel->reltuples <= 0 || pages <= 0)
		return 0;
	return table->rd_rel->reltuples *
		   Max(RelationGetNumberOfBlocks(table) / pages, 1);
}

/*
 * Are so many rows no less than the table has, as far as is known?  Few queries
 * want to know, so it is not looked up before.
 */
static bool
is_all(IvfDemand *demand, double rows)
{
	if (demand->table_rows < 0)
		demand->table_rows = table_rows(demand->table);
	return demand->table_rows > 0 && rows >= demand->table_rows;
}

/*
 * A query that is run without a number of rows is run to its end: not so a
 * cursor of which some are fetched, until the rest of it is.
 */
static void
run(VDB_EXECUTOR_RUN_PARAMS)
{
	dlist_iter iter;

	dlist_foreach(iter, &demands)
	{
		IvfDemand *demand = dlist_container(IvfDemand, node, iter.cur);

		if (demand->query == queryDesc->estate && demand->taker.of_query)
			demand->taker.all = count == 0 || is_all(demand, count);
	}
	if (next_run)
		next_run(VDB_EXECUTOR_RUN_ARGS);
	else
		standard_ExecutorRun(VDB_EXECUTOR_RUN_ARGS);
}

void
ivf_demand_init(void)
{
	next_start = ExecutorStart_hook;
	ExecutorStart_hook = start;
	next_run = ExecutorRun_hook;
	ExecutorRun_hook = run;
}

/* Tell it ---------------------------------------------------------------- */

IvfDemand *
ivf_demand_of(const ScanKeyData *orderbys)
{
	dlist_iter iter;

	dlist_foreach(iter, &demands)
	{
		IvfDemand *demand = dlist_container(IvfDemand, node, iter.cur);

		if (demand->orderbys == orderbys)
			return demand;
	}
	return NULL;
}

/* Rows that the LIMIT takes, with those that it passes over; 0: all. */
static double
limit_rows(const LimitState *limit)
{
	return limit == NULL || limit->noCount
			   ? 0
			   : (double) limit->offset + limit->count;
}

bool
ivf_demand_limited(const IvfDemand *demand)
{
	return demand && demand->taker.limit;
}

bool
ivf_demand_all(IvfDemand *demand)
{
	if (demand == NULL || demand->taker.limit == NULL)
		return demand && demand->taker.all;
	return demand->taker.limit->noCount ||
		   is_all(demand, limit_rows(demand->taker.limit));
}

uint64
ivf_demand_bound(const IvfDemand *demand)
{
	/* LIMIT and OFFSET may add up to more than the type has. */
	return demand->taker.exact ? (uint64) Min(limit_rows(demand->taker.limit),
											  (double) PG_INT64_MAX)
							   : 0;
}

/*
 * The planner's rate counts as if one row had come up, by as many of the scan
 * as it expects for one.  How many it takes until n have come up has a standard
 * deviation of a share 1 / sqrt(n), and so many more are expected: lists for
 * them are better there before the first row is returned than later.
 */
double
ivf_demand_expected(const IvfDemand *demand, uint64 given)
{
	double rows = limit_rows(demand->taker.limit);
	double came;
	double left;
	double expected;

	if (rows == 0)
		return 0;
	came = demand->taker.limit->position;
	left = Max(rows - came, 1);
	expected = given + left * (given + 1 / demand->rate) / (came + 1);
	if (!demand->taker.exact)
		expected += (expected - given) / sqrt(left);
	return Min(Min(expected, demand->rows), MOST_AHEAD * Max(given, rows));
}
