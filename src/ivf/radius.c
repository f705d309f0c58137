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

#include "ivf/radius.h"
#include "ivf/selectivity.h"
#include "ivf/within.h"
#include "nodes/pathnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

static set_rel_pathlist_hook_type next_hook = NULL;

/* What conditions say of a distance, and how many rows pass each as written. */
static List *
derive_all(PlannerInfo *root, const IvfSearchable *search, List *infos)
{
	List *derived = NIL;
	ListCell *cell;

	foreach (cell, infos)
	{
		RestrictInfo *info = lfirst_node(RestrictInfo, cell);
		OpExpr *within =
			info->pseudoconstant ? NULL : ivf_within(search, info->clause);

		if (within == NULL)
			continue;
		derived =
			lappend(derived, ivf_within_info(info, within, search->index->rel));
		info->norm_selec = info->outer_selec =
			ivf_sphere_selectivity(root, search->index, lsecond(within->args));
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
	IvfSearchable search;
	List *conditions;
	List *joins;

	if (index->indrestrictinfo == NIL && index->rel->joininfo == NIL)
		return;
	if (!ivf_searchable(index, &search))
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
