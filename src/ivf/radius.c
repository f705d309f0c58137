/*
 * radius.c: see radius.h.
 *
 * The planner takes an index for a condition whose operator is of the index's
 * operator family, with the column on one side.  In "v <-> q < r" that is the
 * "<" of float8, and nobody asks who is on its left.  So when the paths of a
 * table are made, a hook looks for such conditions, makes of each the one that
 * the family has an operator for,
 *
 *		v <<->> ROW(q, r)
 *
 * and has the server make the paths of our indexes once more, as if that had
 * been in the query too: with the other conditions, orders and joins that an
 * index may serve.  What was written stays where it is and is checked for each
 * row that comes, so the new condition may let through a row too many ("<=" for
 * "<"), and never one too few.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_type.h"
#include "ivf/radius.h"
#include "ivf/selectivity.h"
#include "ivf/space/type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static set_rel_pathlist_hook_type next_hook = NULL;

/* What an index can say of a distance. */
typedef struct Searchable
{
	const IndexOptInfo *index;
	Oid distance; /* the function of its ordering operator */
	Oid order;	  /* the family that this orders by, of floats */
	Oid radius;	  /* the operator that searches */
	Oid sphere;	  /* its right type */
} Searchable;

/* An expression that is at most (or less than) another. */
typedef struct Bounded
{
	Node *value;
	Node *bound; /* float8 */
	bool turned; /* it holds where the value is a NaN */
} Bounded;

/* False for a family that has no such operator: one of a user's own, say. */
static bool
find_operators(const IndexOptInfo *index, Searchable *found)
{
	Oid family = index->opfamily[0];
	Oid type = index->opcintype[0];
	CatCList *list =
		SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));

	*found = (Searchable){.index = index};
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_amop entry = (Form_pg_amop) GETSTRUCT(&list->members[i]->tuple);

		if (entry->amoplefttype != type)
			continue;
		if (entry->amopstrategy == IVF_DISTANCE_STRATEGY)
		{
			found->distance = entry->amopopr;
			found->order = entry->amopsortfamily;
		}
		else if (entry->amopstrategy == IVF_RADIUS_STRATEGY &&
				 entry->amoppurpose == AMOP_SEARCH)
		{
			found->radius = entry->amopopr;
			found->sphere = entry->amoprighttype;
		}
	}
	ReleaseCatCacheList(list);
	if (!OidIsValid(found->distance) || !OidIsValid(found->radius))
		return false;
	found->distance = get_opcode(found->distance);
	return true;
}

/* Comparisons ---------------------------------------------------------- */

/* pg_proc.dat; its name differs from version to version. */
#define FLOAT8_OF_FLOAT4 311

static Node *
float8_call(Oid function, Node *a, Node *b)
{
	return (Node *) makeFuncExpr(function, FLOAT8OID,
								 b ? list_make2(a, b) : list_make1(a),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

static Node *
float8_const(double value)
{
	return (Node *) makeConst(FLOAT8OID, -1, InvalidOid, sizeof(float8),
							  Float8GetDatum(value), false, FLOAT8PASSBYVAL);
}

/* Is it a comparison by the order of floats, and in which direction? */
static bool
split_comparison(const Searchable *search, const OpExpr *comparison,
				 Bounded *bounded)
{
	Node *left;
	Node *right;

	if (list_length(comparison->args) != 2)
		return false;
	left = linitial(comparison->args);
	right = lsecond(comparison->args);
	switch (get_op_opfamily_strategy(comparison->opno, search->order))
	{
		case BTLessStrategyNumber:
		case BTLessEqualStrategyNumber:
			*bounded = (Bounded){left, right, false};
			return true;
		case BTGreaterStrategyNumber:
		case BTGreaterEqualStrategyNumber:
			*bounded = (Bounded){right, left, false};
			return true;
	}
	return false;
}

/* The value of a constant that is a float8 and not NULL. */
static bool
float8_value(const Node *node, double *value)
{
	const Const *constant = (const Const *) node;

	if (!IsA(node, Const) || constant->consttype != FLOAT8OID ||
		constant->constisnull)
		return false;
	*value = DatumGetFloat8(constant->constvalue);
	return isfinite(*value);
}

static bool
function_of(const Node *node, Oid *function, List **args)
{
	if (IsA(node, OpExpr))
	{
		*function = get_opcode(((const OpExpr *) node)->opno);
		*args = ((const OpExpr *) node)->args;
		return true;
	}
	if (IsA(node, FuncExpr))
	{
		*function = ((const FuncExpr *) node)->funcid;
		*args = ((const FuncExpr *) node)->args;
		return true;
	}
	return false;
}

/*
 * Similarities are turned around: "1 - d > s" is "d < 1 - s", but for rounding,
 * which is allowed for; "d * -1 > s" and "- d > s" are "d < - s".  The value
 * is the greater side here, and becomes the lesser one; and where it is a NaN,
 * so was the greater side, which is more than anything.
 */
static bool
turn_around(Bounded *bounded)
{
	Oid function;
	List *args;
	double value;

	if (!function_of(bounded->bound, &function, &args))
		return false;
	if (function == F_FLOAT8UM)
	{
		*bounded =
			(Bounded){linitial(args),
					  float8_call(F_FLOAT8UM, bounded->value, NULL), true};
		return true;
	}
	if (function == F_FLOAT8MUL)
	{
		Node *left = linitial(args);
		Node *right = lsecond(args);
		bool first = float8_value(left, &value) && value == -1;

		if (!first && !(float8_value(right, &value) && value == -1))
			return false;
		*bounded =
			(Bounded){first ? right : left,
					  float8_call(F_FLOAT8UM, bounded->value, NULL), true};
		return true;
	}
	if (function == F_FLOAT8MI && float8_value(linitial(args), &value))
	{
		Node *margin = float8_const(8 * DBL_EPSILON * Max(fabs(value), 1));

		*bounded = (Bounded){
			lsecond(args),
			float8_call(F_FLOAT8PL,
						float8_call(F_FLOAT8MI, linitial(args), bounded->value),
						margin),
			true};
		return true;
	}
	return false;
}

/* Distances ------------------------------------------------------------ */

/* Has the expression the same value for all rows of the table? */
static bool
is_fixed(const RelOptInfo *rel, Node *node)
{
	List *vars =
		pull_var_clause(node, PVC_RECURSE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS |
								  PVC_RECURSE_PLACEHOLDERS);
	ListCell *cell;

	foreach (cell, vars)
	{
		if (lfirst_node(Var, cell)->varno == rel->relid)
			return false;
	}
	return !contain_volatile_functions(node);
}

/* A distance from the index's column: that operand, and the other one. */
static bool
split_distance(const Searchable *search, const Node *node, Node **column,
			   Node **center)
{
	IndexOptInfo *index = (IndexOptInfo *) search->index;
	Oid function;
	List *args;

	if (!function_of(node, &function, &args) || function != search->distance)
		return false;
	*column = linitial(args);
	*center = lsecond(args);
	if (!match_index_to_operand(*column, 0, index))
	{
		*column = lsecond(args);
		*center = linitial(args);
		if (!match_index_to_operand(*column, 0, index))
			return false;
	}
	return exprType(*center) == index->opcintype[0] &&
		   is_fixed(index->rel, *center);
}

/* The condition that the index has an operator for. */
static OpExpr *
within(const Searchable *search, Node *column, Node *center,
	   const Bounded *bounded)
{
	RowExpr *sphere = makeNode(RowExpr);
	Node *radius = bounded->bound;

	if (exprType(radius) == FLOAT4OID)
		radius = float8_call(FLOAT8_OF_FLOAT4, radius, NULL);
	sphere->args =
		list_make3(center, radius, makeBoolConst(bounded->turned, false));
	sphere->row_typeid = search->sphere;
	sphere->row_format = COERCE_EXPLICIT_CALL;
	sphere->location = -1;
	return (OpExpr *) make_opclause(search->radius, BOOLOID, false,
									(Expr *) column, (Expr *) sphere,
									InvalidOid, InvalidOid);
}

/* The same of a condition on a distance; NULL where it is none. */
static OpExpr *
derive(const Searchable *search, const Expr *clause)
{
	Bounded bounded;
	Node *column;
	Node *center;

	if (!IsA(clause, OpExpr) ||
		!split_comparison(search, (const OpExpr *) clause, &bounded))
		return NULL;
	if (!split_distance(search, bounded.value, &column, &center) &&
		!(turn_around(&bounded) &&
		  split_distance(search, bounded.value, &column, &center)))
		return NULL;
	if (!is_fixed(search->index->rel, bounded.bound))
		return NULL;
	return within(search, column, center, &bounded);
}

/* Clauses -------------------------------------------------------------- */

/* Like the condition that it comes from, in all but what was found out of it.
 */
static RestrictInfo *
derived_info(const RestrictInfo *from, Expr *clause, const RelOptInfo *rel)
{
	RestrictInfo *info = makeNode(RestrictInfo);

	*info = *from;
	info->clause = clause;
	info->can_join = false;
	info->left_relids = bms_copy(rel->relids);
	info->right_relids = bms_difference(from->clause_relids, rel->relids);
	info->orclause = NULL;
	info->parent_ec = NULL;
	info->eval_cost.startup = -1;
	/* It takes away nothing that the other has not. */
	info->norm_selec = info->outer_selec = 1;
	info->mergeopfamilies = NIL;
	info->left_ec = info->right_ec = NULL;
	info->left_em = info->right_em = NULL;
	info->scansel_cache = NIL;
	info->hashjoinoperator = InvalidOid;
	return info;
}

/* And how many rows pass the condition that was written. */
static List *
derive_all(PlannerInfo *root, const Searchable *search, List *infos)
{
	List *derived = NIL;
	ListCell *cell;

	foreach (cell, infos)
	{
		RestrictInfo *info = lfirst_node(RestrictInfo, cell);
		OpExpr *clause =
			info->pseudoconstant ? NULL : derive(search, info->clause);

		if (clause == NULL)
			continue;
		derived = lappend(
			derived, derived_info(info, (Expr *) clause, search->index->rel));
		info->norm_selec = info->outer_selec =
			ivf_sphere_selectivity(root, search->index, lsecond(clause->args));
	}
	return derived;
}

/* Row counts ----------------------------------------------------------- */

/*
 * The planner takes a comparison of a distance to let a third of the rows
 * through, since there are no statistics of it, and has done so when it comes
 * to paths.  What it has found is put right from what the index learnt.
 */
static void
scale_rows(List *paths, double factor)
{
	ListCell *cell;

	foreach (cell, paths)
	{
		Path *path = lfirst(cell);

		path->rows = clamp_row_est(path->rows * factor);
	}
}

static void
scale_parameterized_rows(List *descriptions, double factor)
{
	ListCell *cell;

	foreach (cell, descriptions)
	{
		ParamPathInfo *description = lfirst_node(ParamPathInfo, cell);

		description->ppi_rows = clamp_row_est(description->ppi_rows * factor);
	}
}

/*
 * Rows of a table under its own conditions, and of what was planned so far.
 */
static void
correct_rows(PlannerInfo *root, RelOptInfo *rel)
{
	double rows = rel->rows;
	double factor;

	set_baserel_size_estimates(root, rel);
	factor = rel->rows / rows;
	scale_rows(rel->pathlist, factor);
	scale_rows(rel->partial_pathlist, factor);
	scale_parameterized_rows(rel->ppilist, factor);
}

/*
 * Rows that depend on others are described once for all paths, from the clauses
 * as they are: before ours are among them.
 */
static void
describe_parameters(PlannerInfo *root, const IndexOptInfo *index, List *joins)
{
	RelOptInfo *rel = index->rel;
	ListCell *cell;

	foreach (cell, joins)
	{
		const RestrictInfo *info = lfirst_node(RestrictInfo, cell);
		Relids outer = bms_union(info->right_relids, rel->lateral_relids);
		ParamPathInfo *description =
			get_baserel_parampathinfo(root, rel, outer);
		Selectivity share = ivf_sphere_selectivity(
			root, index, lsecond(((OpExpr *) info->clause)->args));

		/* The condition as it was written is known better than it thinks. */
		description->ppi_rows =
			Min(description->ppi_rows, clamp_row_est(rel->rows * share));
	}
}

/*
 * Paths of one index, with the conditions and joins among those that there are:
 * in the order that the query wants, if it can, and in none, since that order
 * may be one of another distance, or not be had (pathkeys.c).
 */
static void
add_paths(PlannerInfo *root, IndexOptInfo *index, List *conditions, List *joins)
{
	RelOptInfo *rel = index->rel;
	List *indexes = rel->indexlist;
	List *restrictions = index->indrestrictinfo;
	List *joininfo = rel->joininfo;
	List *pathkeys = root->query_pathkeys;

	describe_parameters(root, index, joins);
	rel->indexlist = list_make1(index);
	index->indrestrictinfo = list_concat_copy(restrictions, conditions);
	rel->joininfo = list_concat_copy(joininfo, joins);
	create_index_paths(root, rel);
	if (pathkeys != NIL)
	{
		root->query_pathkeys = NIL;
		create_index_paths(root, rel);
		root->query_pathkeys = pathkeys;
	}
	rel->joininfo = joininfo;
	index->indrestrictinfo = restrictions;
	rel->indexlist = indexes;
}

static void
consider(PlannerInfo *root, IndexOptInfo *index)
{
	Searchable search;
	List *conditions;
	List *joins;

	if (index->indrestrictinfo == NIL && index->rel->joininfo == NIL)
		return;
	if (!find_operators(index, &search))
		return;
	conditions = derive_all(root, &search, index->indrestrictinfo);
	joins = derive_all(root, &search, index->rel->joininfo);
	if (conditions != NIL)
		correct_rows(root, index->rel);
	if (conditions != NIL || joins != NIL)
		add_paths(root, index, conditions, joins);
}

static void
radius_path_hook(PlannerInfo *root, RelOptInfo *rel, Index rti,
				 RangeTblEntry *rte)
{
	ListCell *cell;

	if (next_hook)
		next_hook(root, rel, rti, rte);
	if (rte->rtekind != RTE_RELATION || rte->inh || IS_DUMMY_REL(rel))
		return;
	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);

		if (ivf_is_ours(index))
			consider(root, index);
	}
}

void
ivf_radius_init(void)
{
	next_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = radius_path_hook;
}
