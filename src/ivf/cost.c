/*
 * cost.c: what the planner should expect of a scan.
 *
 * Before the first row, a scan compares all centroids, scans the codes of the
 * first lists and fetches a few rows.  After that it is a matter of rows: each
 * one that it returns was fetched for its exact distance, and so were some
 * others whose bounds were too low.
 *
 * The planner takes the total to be reached in a straight line, and of it the
 * share that a LIMIT needs; so the line is drawn through the number of rows
 * that will probably be asked for.  It adds the heap pages of the rows that are
 * returned, the filter, and the columns of the result.  README.md compares the
 * outcome with times.
 */
#include "compat.h"

#include <math.h>

#include "access/genam.h"
#include "ivf/callbacks.h"
#include "ivf/clauses.h"
#include "ivf/pathkeys.h"
#include "ivf/selectivity.h"
#include "ivf/scan/effort.h"
#include "ivf/scan/probes.h"
#include "ivf/space/method.h"
#include "ivf/space/tree.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "types/value_cost.h"
#include "utils/selfuncs.h"

/*
 * The figures below are in operators' costs (cpu_operator_cost), which stand
 * for 3 to 4 ns; "./dev bench --parts costs" measures them together.
 */

/* Beginning a scan; rotating the query, for each dimension. */
#define START_OPERATORS 2000
#define ROTATE_OPERATORS 3

/* Bytes of codes for an operator's cost, pages apart. */
#define OPERATOR_CODE_BYTES 80

/*
 * Fetching a row with its way through the queue, for each doubling of the
 * table's pages, since what is larger is farther from the processor: a row of
 * 50 dimensions took 0.5 us in a table of 300 kB and 2 us in one of 240 MB, all
 * in memory.  A value out of line counts as so many more fetches.
 */
#define FETCH_OPERATORS 18
#define DETOAST_FETCHES 1.2

/* Rows that are fetched before the first one is returned. */
#define FIRST_FETCHES 8

/*
 * Fetches in vain for each row returned, with two bits: one at so many
 * dimensions, fewer at more, as the error of a code decreases; and a third of
 * them with each further bit.  Data that does not cluster has more.
 */
#define VAIN_DIMENSIONS 100.0
#define VAIN_BIT (1 / 3.0)

/*
 * So many times more where answers are sorted, for bounds that fail more
 * rarely: 3.8 for LIMIT 10 on word vectors, 2.5 for LIMIT 100.
 */
#define SORTED_VAIN 3

/* Of a row in a list, beside its code. */
#define ENTRY_BYTES 12

/* A look at the keys of a row, of which a group has 16. */
#define LISTING_OPERATORS 0.5

/* How often the codes are read, if a scan is run to its end. */
#define PASSES 4

/*
 * Of a scan that would end in an error, or give wrong results: above any plan
 * that was switched off, but a number, of which the planner can take
 * differences.
 */
#define IMPOSSIBLE_COST 1e100

/* What an index's conditions let through, as shares of the rows. */
typedef struct Conditions
{
	bool radius;
	Selectivity within; /* its radius */
	Selectivity scalar; /* by its other columns */
	Selectivity second; /* of these by the first one, which sorts lists */
} Conditions;

typedef struct ScanCost
{
	double bytes;  /* of a value */
	double tuples; /* in the index */
	double rows;   /* of them, those that a scan run to its end returns */
	double first;  /* share of them in the lists that are probed first */
	double share;  /* the same of all lists that so many answers ask for */
	double vain;   /* fetches in vain for each row */
	Cost startup;
	Cost fetch;	 /* of a row, its page apart */
	Cost page;	 /* the row's part of it */
	Cost passes; /* codes read for each row */
	Cost deeper; /* codes of lists that come after the first */
} ScanCost;

/* Bytes of lists: which lie on pages, and of which a share is looked at. */
typedef struct Bytes
{
	double stored;
	double read;
} Bytes;

static Cost
bytes_cost(double bytes)
{
	return bytes / OPERATOR_CODE_BYTES * cpu_operator_cost;
}

/* So many rows of lists, of so many bytes each. */
static Cost
lists_cost(double rows, const Bytes *row)
{
	return rows *
		   (bytes_cost(row->read) + row->stored / BLCKSZ * seq_page_cost);
}

/* The values that are fetched: of an expression, those of its first column. */
static VdbStored
fetched_values(PlannerInfo *root, const IndexOptInfo *info, double bytes)
{
	const RangeTblEntry *rte = planner_rt_fetch(info->rel->relid, root);
	AttrNumber attribute = info->indexkeys[0];
	List *vars;

	if (attribute != 0)
		return vdb_stored_column(rte->relid, attribute, bytes);
	vars = pull_var_clause(linitial(info->indexprs), 0);
	if (vars == NIL)
		return (VdbStored){.bytes = bytes};
	return vdb_stored_column(rte->relid, linitial_node(Var, vars)->varattno, 0);
}

/*
 * The price of one of so many pages, read in no order: the nearer to that of
 * seq_page_cost, the likelier it is to be in memory.
 */
static Cost
page_price(double pages)
{
	double absent = Min(pages / effective_cache_size, 1);

	return seq_page_cost + Max(random_page_cost - seq_page_cost, 0) * absent;
}

static Cost
fetch_cost(const RelOptInfo *rel, const VdbStored *stored)
{
	double outside = stored->outside * stored->pages;
	double pages = rel->pages + rel->tuples * outside;
	double fetches = 1 + stored->outside * DETOAST_FETCHES;

	return fetches * FETCH_OPERATORS * log2(pages + 2) * cpu_operator_cost +
		   outside * page_price(pages) + vdb_distance_cost(stored->bytes);
}

/*
 * The share of the groups of codes that hold a row which passes, and so are
 * read: rows are in a random order, or sorted by the first scalar column.
 */
static double
groups_read(const Conditions *conditions, double list_rows)
{
	double sorted = Min(conditions->second + VDB_GROUP / list_rows, 1);
	double random =
		1 -
		pow(1 - conditions->scalar / Max(conditions->second, 1e-10), VDB_GROUP);

	return conditions->scalar < 1 ? sorted * random : 1;
}

/*
 * The share of the rows in the lists that so many neighbours ask for; beyond
 * what the calibration knows, it grows as it did in the last decade before.
 */
static double
lists_share(const IvfMetaPage *meta, const IvfSettings *settings, double k)
{
	double deepest = ivf_probes_deepest(meta) / 10;
	double last = ivf_probed_share(meta, settings, Min(k, deepest));
	double before = ivf_probed_share(meta, settings, deepest / 10);

	if (k <= deepest || before <= 0 || meta->shares.count == 0)
		return last;
	return Min(last * pow(last / before, log10(k / deepest)), 1);
}

/*
 * So many rows that pass other conditions are found among more that are as
 * near: no fewer than the first lists are for.
 */
static void
scan_cost(PlannerInfo *root, const IndexPath *path, const IvfMetaPage *meta,
		  const IvfSettings *settings, const Conditions *conditions,
		  double wanted, ScanCost *cost)
{
	const IndexOptInfo *info = path->indexinfo;
	const RelOptInfo *rel = info->rel;
	VdbStored stored = fetched_values(root, info, cost->bytes);
	double lists = ivf_tree_centroids(meta);
	double code = meta->padded * meta->bits / 8.0;
	double entries = ivf_entries_a_row(meta);
	double read = groups_read(conditions, entries * cost->tuples / meta->lists);
	Bytes bytes = {entries * (ENTRY_BYTES + code),
				   entries * (ENTRY_BYTES + code * read)};

	wanted = Max(wanted, IVF_USUAL_DEPTH);
	wanted = Min(wanted / Max(conditions->scalar, 1e-10),
				 Max(cost->tuples * conditions->within, 1));

	cost->first = ivf_probed_share(meta, settings, IVF_USUAL_DEPTH);
	cost->share = cost->first;
	if (ivf_scan_goes_on(settings))
		cost->share = Max(lists_share(meta, settings, wanted), cost->first);
	cost->vain = pow(VAIN_DIMENSIONS / meta->padded, 1.5) *
				 pow(VAIN_BIT, meta->bits - 2);
	if (ivf_scan_sorted(settings))
		cost->vain = cost->vain * SORTED_VAIN;
	if (vdb_code_format(meta->bits)->verbatim)
		cost->vain = 0;
	cost->fetch = fetch_cost(rel, &stored);
	cost->page = page_price(rel->pages) * rel->pages / Max(rel->tuples, 1);
	cost->passes = (PASSES - 1) * bytes_cost(bytes.read);
	cost->deeper =
		lists_cost(cost->tuples * (cost->share - cost->first), &bytes);
	cost->startup =
		(START_OPERATORS + ROTATE_OPERATORS * meta->padded) *
			cpu_operator_cost +
		bytes_cost(lists * (meta->padded + 20)) +
		lists_cost(cost->tuples * cost->first, &bytes) +
		Min(FIRST_FETCHES, cost->tuples) * (cost->fetch + cost->page);
}

/*
 * From the first to so many rows.  Once the lists that were probed first are
 * exhausted, all their rows have been fetched, and none of them in vain.
 */
static Cost
rows_cost(const ScanCost *cost, double rows)
{
	double listed = cost->tuples * cost->share;
	double vain = Min(rows * cost->vain, Max(listed - rows, 0));

	return cost->deeper + rows * (cost->fetch + cost->passes) +
		   vain * (cost->fetch + cost->page);
}

/*
 * With conditions the planner takes each row to be on a page of its own, at the
 * price of one read at random.  Where they are on other columns, a B-tree may
 * serve them too, whose rows are taken to cost that as well.  Under a radius
 * pages are as cheap as they are to a scan that goes on: it reckons with so
 * much of a row, and we add the rest of what it would do with all of it.
 */
static double
seen_of_row(const RelOptInfo *rel, const Conditions *conditions,
			const ScanCost *cost, Cost *row)
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
row_surplus(PlannerInfo *root, const IndexPath *path, const ScanCost *cost)
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

/*
 * Rows at which a scan ends because its lists do.  Where settings end it after
 * so many rows instead, what it leaves out is not taken off: else a query
 * without a LIMIT would be thought cheap, and lack rows.
 */
static double
reachable_rows(const ScanCost *cost, const IvfMetaPage *meta,
			   const IvfSettings *settings)
{
	double share = cost->share;

	if (settings->most_fetches < PG_UINT64_MAX)
		return cost->tuples;
	if (settings->iterative_scan != IVF_ITERATIVE_OFF)
		share = Max(share, (double) ivf_probes_most(settings, meta->lists) /
							   Max(meta->lists, 1));
	return Max(share * cost->tuples, 1);
}

/* Is it one of a radius?  Of the vector itself it may also be asked: NULL? */
static bool
is_radius(const IndexClause *clause)
{
	return clause->indexcol == 0 &&
		   IsA(linitial_node(RestrictInfo, clause->indexquals)->clause, OpExpr);
}

/* Of one column, a share of the rows that its conditions let through. */
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
find_radius(PlannerInfo *root, const IndexPath *path, Conditions *conditions)
{
	ListCell *cell;

	foreach (cell, path->indexclauses)
	{
		const IndexClause *clause = lfirst_node(IndexClause, cell);
		RestrictInfo *info = linitial_node(RestrictInfo, clause->indexquals);

		if (!is_radius(clause))
			continue;
		conditions->radius = true;
		conditions->within = Min(
			conditions->within,
			ivf_sphere_selectivity(root, path->indexinfo,
								   lsecond(((OpExpr *) info->clause)->args)));
	}
}

static Conditions
find_conditions(PlannerInfo *root, const IndexPath *path)
{
	Conditions conditions = {.within = 1, .scalar = 1, .second = 1};

	if (path->indexclauses == NIL)
		return conditions;
	find_radius(root, path, &conditions);
	for (int i = 0; i < path->indexinfo->nkeycolumns; i++)
	{
		Selectivity passing = column_selectivity(root, path, i);

		if (i == 1)
			conditions.second = passing;
		conditions.scalar *= passing;
	}
	return conditions;
}

static bool
can_scan(PlannerInfo *root, const IndexPath *path)
{
	if (path->indexorderbys == NIL)
		return path->indexclauses != NIL;
	return ivf_pathkeys_serve(root, path);
}

/*
 * Without an order and a radius, all groups of all lists are looked at, and
 * what passes is returned: as rows of a B-tree are, which the planner knows.
 */
static void
listing_cost(const IndexOptInfo *info, Cost *startup, Cost *total)
{
	*startup = START_OPERATORS * cpu_operator_cost;
	*total = *startup + info->pages * seq_page_cost +
			 info->tuples * LISTING_OPERATORS * cpu_operator_cost;
}

void
ivf_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count,
				  Cost *startup, Cost *total, Selectivity *selectivity,
				  double *correlation, double *pages)
{
	IndexOptInfo *info = path->indexinfo;
	Conditions conditions;
	IvfSettings settings;
	double wanted;
	double read;
	Cost row;
	IvfMetaPage meta;
	Relation index;
	ScanCost cost;
	bool readable;

	ivf_clauses_complete(root, path);
	conditions = find_conditions(root, path);

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
		listing_cost(info, startup, total);
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
	scan_cost(root, path, &meta, &settings, &conditions, wanted, &cost);
	read = Min(wanted, reachable_rows(&cost, &meta, &settings));
	row = rows_cost(&cost, read) / wanted;
	if (path->indexclauses != NIL)
		*selectivity *= seen_of_row(info->rel, &conditions, &cost, &row);
	else
		row = Max(row - row_surplus(root, path, &cost), cpu_index_tuple_cost);
	*startup = cost.startup;
	*total = cost.startup + row * cost.rows;
}
