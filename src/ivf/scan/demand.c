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
#include "ivf/scan/scan.h"
#include "lib/ilist.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

struct IvfDemand
{
	dlist_node node;
	MemoryContextCallback callback; /* of the query's memory */
	const ScanKeyData *orderbys;
	const EState *query;
	const LimitState *limit; /* NULL: there is none */
	bool exact;				 /* each row of the scan comes up to the LIMIT */
	bool of_query;			 /* without a LIMIT, it is as the query is: */
	bool all;				 /* read to its end */
	Relation table;			 /* open as long as the query runs */
	double table_rows;		 /* 0: not known; < 0: not asked for yet */
	double rows;			 /* of the scan in all, as the planner expects */
	double rate;			 /* of them, the share that comes up to the LIMIT */
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

/*
 * On the way down to scans, from a LIMIT, from a node that reads all that is
 * below it, or from the query.
 */
typedef struct Descent
{
	const LimitState *limit;
	bool exact;
	bool all;
	bool of_query;
	List **ctes; /* that were met: several nodes may scan one */
} Descent;

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
note_scan(const Descent *descent, IndexScanState *scan)
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
	demand->limit = descent->limit;
	demand->exact = descent->exact && scan->ss.ps.qual == NULL;
	demand->all = descent->all;
	demand->of_query = descent->of_query;
	demand->table = scan->ss.ss_currentRelation;
	demand->table_rows = -1;
	demand->rows = expected_rows(scan);
	if (demand->limit)
		demand->rate = Max(outerPlanState(descent->limit)->plan->plan_rows, 1) /
					   demand->rows;
	dlist_push_head(&demands, &demand->node);
	demand->callback = (MemoryContextCallback){.func = forget, .arg = demand};
	MemoryContextRegisterResetCallback(scan->ss.ps.state->es_query_cxt,
									   &demand->callback);
}

static void note_below(Descent descent, PlanState *node);

static bool
has_limit(PlanState *node)
{
	return IsA(node, LimitState) && ((LimitState *) node)->limitCount != NULL;
}

/*
 * Both sides of a nested loop, whose inner side is read to its end for each row
 * unless one row of it is enough.
 */
static void
note_loop(Descent descent, NestLoopState *loop)
{
	bool first_only = loop->js.single_match || loop->js.jointype == JOIN_SEMI ||
					  loop->js.jointype == JOIN_ANTI;

	descent.exact = false;
	note_below(descent, outerPlanState(loop));
	if (descent.limit == NULL && !first_only)
		note_below(descent, innerPlanState(loop));
}

static void
note_all(Descent descent, PlanState **nodes, int n)
{
	descent.exact &= n == 1;
	for (int i = 0; i < n; i++)
		note_below(descent, nodes[i]);
}

/* May the node, itself run to its end, leave rows below it unread? */
static bool
may_stop(PlanState *node)
{
	return has_limit(node) || (IsA(node, WindowAggState) &&
							   vdb_window_may_stop((WindowAggState *) node));
}

/*
 * A CTE once, however many nodes scan it: each of a chain of them may scan the
 * one before twice.
 */
static void
note_cte(Descent descent, PlanState *cte)
{
	if (list_member_ptr(*descent.ctes, cte))
		return;
	*descent.ctes = lappend(*descent.ctes, cte);
	note_below(descent, cte);
}

/* Through nodes that hand rows up in their order, one for one or fewer. */
static void
note_below(Descent descent, PlanState *node)
{
	if (node == NULL)
		return;
	if (IsA(node, IndexScanState))
	{
		note_scan(&descent, (IndexScanState *) node);
		return;
	}
	descent.exact &= node->qual == NULL;
	switch (nodeTag(node))
	{
		case T_ResultState:
		case T_LockRowsState:
			note_below(descent, outerPlanState(node));
			break;
		case T_SubqueryScanState:
			note_below(descent, ((SubqueryScanState *) node)->subplan);
			break;
		case T_AppendState:
			note_all(descent, ((AppendState *) node)->appendplans,
					 ((AppendState *) node)->as_nplans);
			break;
		case T_MergeAppendState:
			note_all(descent, ((MergeAppendState *) node)->mergeplans,
					 ((MergeAppendState *) node)->ms_nplans);
			break;
		case T_NestLoopState:
			note_loop(descent, (NestLoopState *) node);
			break;
		case T_CteScanState:
			if (descent.limit == NULL)
				note_cte(descent, ((CteScanState *) node)->cteplanstate);
			break;
		case T_GatherState:
		case T_GatherMergeState:
		case T_HashJoinState:
		case T_LimitState:
		case T_MaterialState:
		case T_ProjectSetState:
		case T_WindowAggState:
			if (descent.limit == NULL && !may_stop(node))
				note_below(descent, outerPlanState(node));
			break;
		case T_ModifyTableState:
			if (descent.limit == NULL)
				note_below(descent, vdb_modify_source(node));
			break;
		default:
			if (descent.limit == NULL)
				note_below(descent, vdb_memoized(node));
			break;
	}
}

/* From where the descent begins. */
static void
note(Descent descent, PlanState *node)
{
	List *ctes = NIL;

	descent.ctes = &ctes;
	note_below(descent, node);
	list_free(ctes);
}

/* Does the node read all that is below it before it hands a row up? */
static bool
reads_all(PlanState *node)
{
	switch (nodeTag(node))
	{
		case T_AggState:
			return ((Agg *) node->plan)->aggstrategy != AGG_SORTED;
		case T_HashState:
		case T_SortState:
			return true;
		default:
			return false;
	}
}

/* ARRAY(SELECT ...) and what is hashed read all of their subquery. */
static void
note_subplans(List *subplans)
{
	ListCell *cell;

	foreach (cell, subplans)
	{
		const SubPlanState *state = lfirst_node(SubPlanState, cell);

		if (state->subplan->subLinkType == ARRAY_SUBLINK ||
			state->subplan->useHashTable)
			note((Descent){.all = true}, state->planstate);
	}
}

/*
 * From every node that knows how much it will ask for.  FETCH FIRST ... WITH
 * TIES asks for further rows.
 */
static bool
find_demands(PlanState *node, void *context)
{
	if (has_limit(node))
	{
		const LimitState *limit = (LimitState *) node;

		note((Descent){limit, limit->limitOption == LIMIT_OPTION_COUNT},
			 outerPlanState(node));
	}
	else if (reads_all(node))
		note((Descent){.all = true}, outerPlanState(node));
	note_subplans(node->initPlan);
	note_subplans(node->subPlan);
	return planstate_tree_walker(node, find_demands, context);
}

static void
start(QueryDesc *query, int flags)
{
	if (next_start)
		next_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
	if ((flags & EXEC_FLAG_EXPLAIN_ONLY) || query->planstate == NULL)
		return;
	find_demands(query->planstate, NULL);
	note((Descent){.of_query = true}, query->planstate);
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

		if (demand->query == queryDesc->estate && demand->of_query)
			demand->all = count == 0 || is_all(demand, count);
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
	return demand && demand->limit;
}

bool
ivf_demand_all(IvfDemand *demand)
{
	if (demand == NULL || demand->limit == NULL)
		return demand && demand->all;
	return demand->limit->noCount || is_all(demand, limit_rows(demand->limit));
}

uint64
ivf_demand_bound(const IvfDemand *demand)
{
	/* LIMIT and OFFSET may add up to more than the type has. */
	return demand->exact
			   ? (uint64) Min(limit_rows(demand->limit), (double) PG_INT64_MAX)
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
	double rows = limit_rows(demand->limit);
	double came;
	double left;
	double expected;

	if (rows == 0)
		return 0;
	came = demand->limit->position;
	left = Max(rows - came, 1);
	expected = given + left * (given + 1 / demand->rate) / (came + 1);
	if (!demand->exact)
		expected += (expected - given) / sqrt(left);
	return Min(Min(expected, demand->rows), MOST_AHEAD * Max(given, rows));
}
