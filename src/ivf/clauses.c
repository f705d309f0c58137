/*
 * clauses.c: see clauses.h.
 *
 * The planner thinks of B-trees.  Up to 16 it takes IN on a column after the
 * first for something that spoils an index's order, and offers a path with the
 * one or the other; up to 15 it knows that a boolean column alone is a
 * condition for its own operator families only.  To lists, all conditions are
 * alike.  A path is still being made when its index is asked for the cost, and
 * what stands among its clauses then is what the scan gets.
 */
#include "compat.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "ivf/clauses.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

/* column = ANY (constant) */
static bool
is_array_condition(const IndexOptInfo *index, int column, Node *clause)
{
	ScalarArrayOpExpr *array = (ScalarArrayOpExpr *) clause;
	Node *constant;

	if (!IsA(clause, ScalarArrayOpExpr) || !array->useOr)
		return false;
	constant = lsecond(array->args);
	return match_index_to_operand(linitial(array->args), column,
								  (IndexOptInfo *) index) &&
		   (!OidIsValid(index->indexcollations[column]) ||
			index->indexcollations[column] == array->inputcollid) &&
		   op_in_opfamily(array->opno, index->opfamily[column]) &&
		   !contain_var_clause(constant) &&
		   !contain_volatile_functions(constant);
}

/* What a boolean column says alone, as the condition that it equals it. */
static Expr *
boolean_condition(const IndexOptInfo *index, int column, Node *clause)
{
	bool value = true;

	if (index->opcintype[column] != BOOLOID ||
		!op_in_opfamily(BooleanEqualOperator, index->opfamily[column]))
		return NULL;
	if (is_notclause(clause))
	{
		value = false;
		clause = (Node *) get_notclausearg((Expr *) clause);
	}
	else if (IsA(clause, BooleanTest))
	{
		BooleanTest *test = (BooleanTest *) clause;

		if (test->booltesttype != IS_TRUE && test->booltesttype != IS_FALSE)
			return NULL;
		value = test->booltesttype == IS_TRUE;
		clause = (Node *) test->arg;
	}
	if (!match_index_to_operand(clause, column, (IndexOptInfo *) index))
		return NULL;
	return make_opclause(BooleanEqualOperator, BOOLOID, false, (Expr *) clause,
						 (Expr *) makeBoolConst(value, false), InvalidOid,
						 InvalidOid);
}

/* The condition that a column can test of a restriction, or NULL. */
static RestrictInfo *
column_condition(PlannerInfo *root, const IndexOptInfo *index, int column,
				 RestrictInfo *restriction)
{
	Node *clause = (Node *) restriction->clause;
	Expr *condition;

	if (is_array_condition(index, column, clause))
		return restriction;
	condition = boolean_condition(index, column, clause);
	return condition ? vdb_make_simple_restrictinfo(root, condition) : NULL;
}

static IndexClause *
make_clause(PlannerInfo *root, const IndexOptInfo *index,
			RestrictInfo *restriction)
{
	for (int column = 1; column < index->nkeycolumns; column++)
	{
		RestrictInfo *condition =
			column_condition(root, index, column, restriction);
		IndexClause *clause;

		if (condition == NULL)
			continue;
		clause = makeNode(IndexClause);
		clause->rinfo = restriction;
		clause->indexquals = list_make1(condition);
		clause->indexcol = column;
		return clause;
	}
	return NULL;
}

static bool
has_clause(const IndexPath *path, const RestrictInfo *restriction)
{
	ListCell *cell;

	foreach (cell, path->indexclauses)
	{
		if (lfirst_node(IndexClause, cell)->rinfo == restriction)
			return true;
	}
	return false;
}

/* Is it "vector is within any of these spheres"? */
static bool
asks_spheres(const IndexClause *clause)
{
	const RestrictInfo *condition =
		linitial_node(RestrictInfo, clause->indexquals);

	return clause->indexcol == 0 && IsA(condition->clause, ScalarArrayOpExpr);
}

/*
 * The method takes arrays for scalar columns' sake.  A scan knows of one sphere
 * at a time, so an array of them is left to the executor, as a filter; from 18
 * on the planner makes one of "within this OR within that", too.
 */
static void
leave_spheres(IndexPath *path)
{
	List *clauses = NIL;
	ListCell *cell;

	foreach (cell, path->indexclauses)
		if (!asks_spheres(lfirst_node(IndexClause, cell)))
			clauses = lappend(clauses, lfirst(cell));
	path->indexclauses = clauses;
}

/* The path's list of clauses may be another one's, too: it gets a new one. */
void
ivf_clauses_complete(PlannerInfo *root, IndexPath *path)
{
	const IndexOptInfo *index = path->indexinfo;
	ListCell *cell;

	leave_spheres(path);
	foreach (cell, index->indrestrictinfo)
	{
		RestrictInfo *restriction = lfirst_node(RestrictInfo, cell);
		IndexClause *clause;

		if (restriction->pseudoconstant || has_clause(path, restriction) ||
			!restriction_is_securely_promotable(restriction, index->rel))
			continue;
		clause = make_clause(root, index, restriction);
		if (clause)
			path->indexclauses = lappend(path->indexclauses, clause);
	}
}
