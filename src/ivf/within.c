/*
 * within.c: see within.h.
 *
 * A comparison of a distance may be turned around and moved about:
 *
 *		r > v <-> q		-(v <#> q) > s		inner_product(v, q) > s
 *		1 - (v <=> q) > s	1 + (v <#> q) < r
 *
 * What is around the distance goes to the other side, step by step, and makes
 * the radius there.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "ivf/bounded.h"
#include "ivf/space/type.h"
#include "ivf/within.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

bool
ivf_searchable(const IndexOptInfo *index, IvfSearchable *found)
{
	Oid family = index->opfamily[0];
	Oid type = index->opcintype[0];
	CatCList *list =
		SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));

	*found = (IvfSearchable){.index = index};
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

/* Distances ------------------------------------------------------------ */

/*
 * C functions of one library: that of an ordering operator, and another one
 * that gives the same with the other sign, to the bit.
 */
static const struct
{
	const char *distance;
	const char *negative;
} negatives[] = {
	{"vector_negative_inner_product", "inner_product"},
	{"halfvec_negative_inner_product", "halfvec_inner_product"},
	{"sparsevec_negative_inner_product", "sparsevec_inner_product"},
};

/* NULL: it is no C function.  In memory of the current context. */
static char *
c_name(Oid function, char **library)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	char *name = NULL;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	if (((Form_pg_proc) GETSTRUCT(tuple))->prolang == ClanguageId)
	{
		bool null;
		Datum symbol =
			SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &null);
		Datum file =
			SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_probin, &null);

		name = TextDatumGetCString(symbol);
		*library = null ? pstrdup("") : TextDatumGetCString(file);
	}
	ReleaseSysCache(tuple);
	return name;
}

/* Does the function give the distance with the other sign? */
static bool
is_negative(const IvfSearchable *search, Oid function)
{
	char *library;
	char *distance_library;
	const char *name = c_name(function, &library);
	const char *distance = c_name(search->distance, &distance_library);

	if (name == NULL || distance == NULL ||
		strcmp(library, distance_library) != 0)
		return false;
	for (int i = 0; i < lengthof(negatives); i++)
		if (strcmp(distance, negatives[i].distance) == 0)
			return strcmp(name, negatives[i].negative) == 0;
	return false;
}

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

/*
 * A distance from the index's column: that operand, and the other one.  The
 * distance has an upper bound, then.
 */
static bool
split_distance(const IvfSearchable *search, const IvfBounded *bounded,
			   Node **column, Node **center)
{
	IndexOptInfo *index = (IndexOptInfo *) search->index;
	Oid function;
	List *args;

	if (!ivf_function_of(bounded->value, &function, &args) ||
		list_length(args) != 2)
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
	if (exprType(*center) != index->opcintype[0] ||
		!is_fixed(index->rel, *center))
		return false;
	return bounded->above ? is_negative(search, function)
						  : function == search->distance;
}

/* Conditions ----------------------------------------------------------- */

/* "turned": the condition holds where the distance is a NaN. */
static OpExpr *
make_within(const IvfSearchable *search, Node *column, Node *center,
			Node *radius, bool turned)
{
	RowExpr *sphere = makeNode(RowExpr);

	sphere->args = list_make3(center, radius, makeBoolConst(turned, false));
	sphere->row_typeid = search->sphere;
	sphere->row_format = COERCE_EXPLICIT_CALL;
	sphere->location = -1;
	return (OpExpr *) make_opclause(search->radius, BOOLOID, false,
									(Expr *) column, (Expr *) sphere,
									InvalidOid, InvalidOid);
}

/*
 * One side of a comparison, as far as it is a distance.  Where that is a NaN,
 * so is the side, which is more than any number.
 */
static OpExpr *
within_bound(const IvfSearchable *search, Node *side, Node *other, bool greater)
{
	IvfBounded bounded = ivf_bounded(side, other, greater);
	Node *column;
	Node *center;

	if (!is_fixed(search->index->rel, other))
		return NULL;
	while (!split_distance(search, &bounded, &column, &center))
		if (!ivf_bounded_step(&bounded))
			return NULL;
	return make_within(
		search, column, center,
		bounded.above ? ivf_negative_bound(&bounded) : bounded.bound, greater);
}

OpExpr *
ivf_within(const IvfSearchable *search, const Expr *condition)
{
	const OpExpr *comparison = (const OpExpr *) condition;
	Node *lesser;
	Node *greater;
	OpExpr *within;

	if (!IsA(condition, OpExpr) || list_length(comparison->args) != 2)
		return NULL;
	lesser = linitial(comparison->args);
	greater = lsecond(comparison->args);
	switch (get_op_opfamily_strategy(comparison->opno, search->order))
	{
		case BTLessStrategyNumber:
		case BTLessEqualStrategyNumber:
			break;
		case BTGreaterStrategyNumber:
		case BTGreaterEqualStrategyNumber:
			lesser = lsecond(comparison->args);
			greater = linitial(comparison->args);
			break;
		default:
			return NULL;
	}
	within = within_bound(search, lesser, greater, false);
	return within ? within : within_bound(search, greater, lesser, true);
}

RestrictInfo *
ivf_within_info(const RestrictInfo *from, OpExpr *within, const RelOptInfo *rel)
{
	RestrictInfo *info = makeNode(RestrictInfo);

	*info = *from;
	info->clause = (Expr *) within;
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
