/*
 * cost.c: what the planner is told of a scan (cost_scan.c).
 *
 * The planner takes the total to be reached in a straight line, and of it the
 * share that a LIMIT needs; so the line is drawn through the number of rows
 * that will probably be asked for.  It adds the heap pages of the rows that are
 * returned, the filter, and the columns of the result.
 */
#include "compat.h"

#include "access/genam.h"
#include "ivf/callbacks.h"
#include "ivf/clauses.h"
#include "ivf/cost_scan.h"
#include "ivf/pathkeys.h"
#include "ivf/scan/effort.h"
#include "ivf/space/method.h"
#include "ivf/space/type.h"
#include "math/queue.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "utils/selfuncs.h"

/*
 * Of a scan that would end in an error, or give wrong results: above any plan
 * that was switched off, but a number, of which the planner can take
 * differences.
 */
#define IMPOSSIBLE_COST 1e100

/*
 * With conditions the planner takes each row to be on a page of its own, at the
 * price of one read at random.  Where they are on other columns, a B-tree may
 * serve them too, whose rows are taken to cost that as well.  Under a radius
 * pages are as cheap as they are to a scan that goes on: it reckons with so
 * much of a row, and we add the rest of what it would do with all of it.
 */
static double
seen_of_row(const RelOptInfo *rel, const IvfPassing *conditions,
			const IvfScanCost *cost, Cost *row)
{
	double seen =
		random_page_cost > 0 ? Min(cost->page / random_page_cost, 1) : 1;

	if (conditions->scalar < 1)
		return 1;
	*row += (1 - seen) * (cpu_tuple_cost + rel->baserestrictcost.per_tuple);
	return seen;
}

/*
 * What the planner adds too much for a returned row: a page at the price of
 * one read at random, though the scan has just had it in its hands.
 */
static Cost
row_surplus(PlannerInfo *root, const IndexPath *path, const IvfScanCost *cost)
{
	const RelOptInfo *rel = path->indexinfo->rel;
	double pages = index_pages_fetched(cost->rows, rel->pages,
									   path->indexinfo->pages, root);

	return Max(pages * random_page_cost / cost->rows - cost->page, 0);
}

/* Rows that the scan will be asked for, to all that we know. */
static double
wanted_rows(const PlannerInfo *root, const IndexPath *path, double tuples)
{
	const RelOptInfo *rel = path->indexinfo->rel;
	double filtered = Min(Max(rel->rows, 1), tuples);
	double wanted;

	if (path->path.param_info)
		return tuples;
	if (root->limit_tuples > 0)
		wanted = root->limit_tuples;
	else if (root->tuple_fraction >= 1)
		wanted = root->tuple_fraction;
	else if (root->tuple_fraction > 0)
		wanted = root->tuple_fraction * filtered;
	else
		return tuples;
	return Min(Max(wanted * tuples / filtered, 1), tuples);
}

/* Do the index's conditions leave no filter of the executor? */
static bool
all_in_index(const IndexPath *path)
{
	ListCell *cell;

	foreach (cell, path->indexinfo->indrestrictinfo)
		if (!is_redundant_with_indexclauses(lfirst_node(RestrictInfo, cell),
											path->indexclauses))
			return false;
	return true;
}

/*
 * Will the scan learn from a LIMIT how many rows are wanted, and have room to
 * let all of them wait?  As scan/demand.c finds it in the plan.
 */
static bool
all_wait(const PlannerInfo *root, const IndexPath *path,
		 const IvfSettings *settings, double wanted)
{
	return root->limit_tuples > 0 && path->path.param_info == NULL &&
		   bms_membership(root->all_baserels) == BMS_SINGLETON &&
		   all_in_index(path) &&
		   wanted * sizeof(VdbCandidate) <= settings->memory / 2;
}

static bool
can_scan(PlannerInfo *root, const IndexPath *path)
{
	if (path->indexorderbys == NIL)
		return path->indexclauses != NIL;
	return ivf_pathkeys_serve(root, path);
}

void
ivf_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count,
				  Cost *startup, Cost *total, Selectivity *selectivity,
				  double *correlation, double *pages)
{
	IndexOptInfo *info = path->indexinfo;
	IvfPassing conditions;
	IvfSettings settings;
	double wanted;
	double read;
	Cost row;
	IvfMetaPage meta;
	Relation index;
	IvfScanCost cost;
	bool readable;

	ivf_pathkeys_correct(root, path);
	ivf_clauses_complete(root, path);
	conditions = ivf_passing(root, path);

	/* The share of the table that a partial index has, and conditions leave. */
	*selectivity = Min(info->tuples / Max(info->rel->tuples, 1), 1) *
				   conditions.within * conditions.scalar;
	*correlation = 0;
	*pages = info->pages;

	/*
	 * Without an order or a condition there is nothing that a scan can do, and
	 * its order is not one that everything can be built on.
	 */
	if (!can_scan(root, path))
	{
		*startup = *total = IMPOSSIBLE_COST;
		vdb_disable_index_path(path);
		return;
	}

	if (path->indexorderbys == NIL && !conditions.radius)
	{
		ivf_listing_cost(info, startup, total);
		return;
	}

	/* What is wrong with an index is the scan's to say: let it come to that. */
	index = index_open(info->indexoid, NoLock);
	readable = ivf_meta_peek(index, &meta);
	if (readable)
	{
		settings = ivf_scan_settings(ivf_method(index), &meta);
		cost.bytes = ivf_type(index)->bytes(meta.dim);
	}
	index_close(index, NoLock);
	if (!readable)
	{
		*startup = *total = 0;
		return;
	}

	cost.tuples = Max(info->tuples, 1);
	cost.rows = Max(cost.tuples * conditions.within * conditions.scalar, 1);
	wanted = wanted_rows(root, path, cost.rows);
	ivf_scan_cost(root, path, &meta, &settings, &conditions, wanted,
				  all_wait(root, path, &settings, wanted), &cost);
	read = Min(wanted, ivf_scan_reachable(&cost, &meta, &settings));
	row = ivf_scan_rows_cost(&cost, read) / wanted;
	if (path->indexclauses != NIL)
		*selectivity *= seen_of_row(info->rel, &conditions, &cost, &row);
	else
		row = Max(row - row_surplus(root, path, &cost), cpu_index_tuple_cost);
	*startup = cost.startup;
	*total = cost.startup + row * cost.rows;
}
