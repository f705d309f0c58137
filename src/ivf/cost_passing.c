/*
 * cost_passing.c: see cost_passing.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/cost_passing.h"
#include "ivf/selectivity.h"
#include "kernel/kernel.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"

/* Is it one of a radius?  Of the vector itself it may also be asked: NULL? */
static bool
is_radius(const IndexClause *clause)
{
	return clause->indexcol == 0 &&
		   IsA(linitial_node(RestrictInfo, clause->indexquals)->clause, OpExpr);
}

/* The share of the rows that one column's conditions let through. */
static Selectivity
column_selectivity(PlannerInfo *root, const IndexPath *path, int column)
{
	List *infos = NIL;
	ListCell *cell;

	foreach (cell, path->indexclauses)
	{
		const IndexClause *clause = lfirst_node(IndexClause, cell);

		if (clause->indexcol == column && !is_radius(clause))
			infos = lappend(infos, clause->rinfo);
	}
	return clauselist_selectivity(root, infos, path->indexinfo->rel->relid,
								  JOIN_INNER, NULL);
}

/* The least of the radii ends a scan, at best: if it is around its query. */
static void
find_radius(PlannerInfo *root, const IndexPath *path, IvfPassing *passing)
{
	ListCell *cell;

	foreach (cell, path->indexclauses)
	{
		const IndexClause *clause = lfirst_node(IndexClause, cell);
		RestrictInfo *info = linitial_node(RestrictInfo, clause->indexquals);

		if (!is_radius(clause))
			continue;
		passing->radius = true;
		passing->within = Min(
			passing->within,
			ivf_sphere_selectivity(root, path->indexinfo,
								   lsecond(((OpExpr *) info->clause)->args)));
	}
}

IvfPassing
ivf_passing(PlannerInfo *root, const IndexPath *path)
{
	IvfPassing passing = {.within = 1, .scalar = 1, .second = 1};

	if (path->indexclauses == NIL)
		return passing;
	find_radius(root, path, &passing);
	for (int i = 0; i < path->indexinfo->nkeycolumns; i++)
	{
		Selectivity share = column_selectivity(root, path, i);

		if (i == 1)
			passing.second = share;
		passing.scalar *= share;
	}
	return passing;
}

void
ivf_passing_lists(const IvfPassing *passing, double list_rows, double *lists,
				  double *groups)
{
	double second = 1 - pow(1 - passing->second, list_rows);
	double sorted = Min(passing->second + second * VDB_GROUP / list_rows, 1);
	double random =
		1 - pow(1 - passing->scalar / Max(passing->second, 1e-10), VDB_GROUP);

	*lists = *groups = 1;
	if (passing->scalar >= 1)
		return;
	*lists = 1 - pow(1 - passing->scalar, list_rows);
	*groups = sorted * random;
}
