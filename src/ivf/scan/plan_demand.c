/*
 * plan_demand.c: see plan_demand.h.
 */
#include "compat.h"

#include "ivf/scan/plan_demand.h"
#include "nodes/nodeFuncs.h"

/* On the way down from what takes rows to the scans that they come from. */
typedef struct Descent
{
	IvfTaker taker;
	IvfTakerVisit visit;
	List **ctes; /* that were met: several nodes may scan one */
} Descent;

static void descend(Descent descent, PlanState *node);

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
descend_loop(Descent descent, NestLoopState *loop)
{
	bool first_only = loop->js.single_match || loop->js.jointype == JOIN_SEMI ||
					  loop->js.jointype == JOIN_ANTI;

	descent.taker.exact = false;
	descend(descent, outerPlanState(loop));
	if (descent.taker.limit == NULL && !first_only)
		descend(descent, innerPlanState(loop));
}

static void
descend_each(Descent descent, PlanState **nodes, int n)
{
	descent.taker.exact &= n == 1;
	for (int i = 0; i < n; i++)
		descend(descent, nodes[i]);
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
descend_cte(Descent descent, PlanState *cte)
{
	if (list_member_ptr(*descent.ctes, cte))
		return;
	*descent.ctes = lappend(*descent.ctes, cte);
	descend(descent, cte);
}

/* Through nodes that hand rows up in their order, one for one or fewer. */
static void
descend(Descent descent, PlanState *node)
{
	if (node == NULL)
		return;
	if (IsA(node, IndexScanState))
	{
		descent.visit(&descent.taker, (IndexScanState *) node);
		return;
	}
	descent.taker.exact &= node->qual == NULL;
	switch (nodeTag(node))
	{
		case T_ResultState:
		case T_LockRowsState:
			descend(descent, outerPlanState(node));
			break;
		case T_SubqueryScanState:
			descend(descent, ((SubqueryScanState *) node)->subplan);
			break;
		case T_AppendState:
			descend_each(descent, ((AppendState *) node)->appendplans,
						 ((AppendState *) node)->as_nplans);
			break;
		case T_MergeAppendState:
			descend_each(descent, ((MergeAppendState *) node)->mergeplans,
						 ((MergeAppendState *) node)->ms_nplans);
			break;
		case T_NestLoopState:
			descend_loop(descent, (NestLoopState *) node);
			break;
		case T_CteScanState:
			if (descent.taker.limit == NULL)
				descend_cte(descent, ((CteScanState *) node)->cteplanstate);
			break;
		case T_GatherState:
		case T_GatherMergeState:
		case T_HashJoinState:
		case T_LimitState:
		case T_MaterialState:
		case T_ProjectSetState:
		case T_WindowAggState:
			if (descent.taker.limit == NULL && !may_stop(node))
				descend(descent, outerPlanState(node));
			break;
		case T_ModifyTableState:
			if (descent.taker.limit == NULL)
				descend(descent, vdb_modify_source(node));
			break;
		default:
			if (descent.taker.limit == NULL)
				descend(descent, vdb_memoized(node));
			break;
	}
}

/* All that the taker, right above the node, takes rows of. */
static void
visit_scans(IvfTakerVisit visit, IvfTaker taker, PlanState *node)
{
	List *ctes = NIL;

	descend((Descent){taker, visit, &ctes}, node);
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
visit_subplans(IvfTakerVisit visit, List *subplans)
{
	ListCell *cell;

	foreach (cell, subplans)
	{
		const SubPlanState *state = lfirst_node(SubPlanState, cell);

		if (state->subplan->subLinkType == ARRAY_SUBLINK ||
			state->subplan->useHashTable)
			visit_scans(visit, (IvfTaker){.all = true}, state->planstate);
	}
}

/*
 * From every node that knows how much it will ask for.  FETCH FIRST ... WITH
 * TIES asks for further rows.
 */
static bool
visit_takers(PlanState *node, void *context)
{
	IvfTakerVisit visit = *(IvfTakerVisit *) context;

	if (has_limit(node))
	{
		const LimitState *limit = (LimitState *) node;

		visit_scans(visit,
					(IvfTaker){limit, limit->limitOption == LIMIT_OPTION_COUNT},
					outerPlanState(node));
	}
	else if (reads_all(node))
		visit_scans(visit, (IvfTaker){.all = true}, outerPlanState(node));
	visit_subplans(visit, node->initPlan);
	visit_subplans(visit, node->subPlan);
	return planstate_tree_walker(node, visit_takers, context);
}

void
ivf_plan_visit_takers(PlanState *top, IvfTakerVisit visit)
{
	visit_takers(top, &visit);
	visit_scans(visit, (IvfTaker){.of_query = true}, top);
}
