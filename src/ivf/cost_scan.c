/*
 * cost_scan.c: see cost_scan.h.
 *
 * Before the first row, a scan compares all centroids, scans the codes of the
 * first lists and fetches a few rows.  After that it is a matter of rows: each
 * one that it returns was fetched for its exact distance, and so were some
 * others whose bounds were too low.  README.md compares the outcome with times.
 */
#include "compat.h"

#include <math.h>

#include "ivf/cost_scan.h"
#include "ivf/scan/probes.h"
#include "ivf/space/tree.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "types/value_cost.h"

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

/* A list, before its rows: 1.4 us. */
#define LIST_OPERATORS 280

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
 * So many times more where answers are sorted and not all of them wait for the
 * last one, for bounds that fail more rarely: on word vectors 4.8 for 100 rows
 * and 3 for 1,000, and where a scan goes on, which lets more of them wait, 7.7
 * and 8, and fewer where rows lie in clusters.
 */
#define SORTED_VAIN 3
#define STRICT_VAIN 6

/* Of a row in a list, beside its code. */
#define ENTRY_BYTES 12

/* A look at the keys of a row, of which a group has 16. */
#define LISTING_OPERATORS 0.5

/* How often the codes are read, if a scan is run to its end. */
#define PASSES 4

/* Of each row in lists: bytes that lie on pages, and those that are read. */
typedef struct Entries
{
	double stored;
	double read;
	Cost list; /* its part of its list */
} Entries;

static Cost
bytes_cost(double bytes)
{
	return bytes / OPERATOR_CODE_BYTES * cpu_operator_cost;
}

/* So many rows of lists, of so many bytes each. */
static Cost
lists_cost(double rows, const Entries *row)
{
	return rows * (row->list + bytes_cost(row->read) +
				   row->stored / BLCKSZ * seq_page_cost);
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
 * A list, before its rows.  Where most lists are left out for a condition on
 * another column, few rows pass, and a B-tree may serve as well.  The planner
 * takes each of its rows to be on a page of its own that is read at random,
 * also where all is in memory: with nothing of that here, 60 rows of 384
 * dimensions were searched in twice the time.  What it leaves out are values
 * out of line, which take as long as that is too much.
 */
static Cost
list_cost(double walked, const VdbStored *stored)
{
	return LIST_OPERATORS * cpu_operator_cost +
		   (1 - walked) * (1 - stored->outside) * random_page_cost;
}

/* Of an index of so many rows. */
static Entries
entries_cost(const IvfMetaPage *meta, const IvfPassing *conditions,
			 const VdbStored *stored, double tuples)
{
	double code = meta->padded * meta->bits / 8.0;
	double entries = ivf_entries_a_row(meta);
	double list_rows = entries * tuples / meta->lists;
	double walked;
	double read;

	ivf_passing_lists(conditions, list_rows, &walked, &read);
	return (Entries){.stored = entries * walked * (ENTRY_BYTES + code),
					 .read = entries * (walked * ENTRY_BYTES + code * read),
					 .list = entries * walked / list_rows *
							 list_cost(walked, stored)};
}

/* How many times more fetches are in vain than where rows may come late. */
static double
order_vain(const IvfSettings *settings, bool all_wait)
{
	if (all_wait || !ivf_scan_sorted(settings))
		return 1;
	return settings->iterative_scan == IVF_ITERATIVE_STRICT ? STRICT_VAIN
															: SORTED_VAIN;
}

/*
 * So many rows that pass other conditions are found among more that are as
 * near: no fewer than the first lists are for.
 */
void
ivf_scan_cost(PlannerInfo *root, const IndexPath *path, const IvfMetaPage *meta,
			  const IvfSettings *settings, const IvfPassing *conditions,
			  double wanted, bool all_wait, IvfScanCost *cost)
{
	const IndexOptInfo *info = path->indexinfo;
	const RelOptInfo *rel = info->rel;
	VdbStored stored = fetched_values(root, info, cost->bytes);
	double lists = ivf_tree_centroids(meta);
	Entries entries = entries_cost(meta, conditions, &stored, cost->tuples);

	wanted = Max(wanted, IVF_USUAL_DEPTH);
	wanted = Min(wanted / Max(conditions->scalar, 1e-10),
				 Max(cost->tuples * conditions->within, 1));

	cost->first = ivf_probed_share(meta, settings, IVF_USUAL_DEPTH);
	cost->share = cost->first;
	if (ivf_scan_goes_on(settings) || all_wait)
		cost->share = Max(lists_share(meta, settings, wanted), cost->first);
	cost->vain = pow(VAIN_DIMENSIONS / meta->padded, 1.5) *
				 pow(VAIN_BIT, meta->bits - 2);
	cost->vain = cost->vain * order_vain(settings, all_wait);
	if (vdb_code_format(meta->bits)->verbatim)
		cost->vain = 0;
	cost->fetch = fetch_cost(rel, &stored);
	cost->page = page_price(rel->pages) * rel->pages / Max(rel->tuples, 1);
	cost->passes = (PASSES - 1) * bytes_cost(entries.read);
	cost->deeper =
		lists_cost(cost->tuples * (cost->share - cost->first), &entries);
	cost->startup =
		(START_OPERATORS + ROTATE_OPERATORS * meta->padded) *
			cpu_operator_cost +
		bytes_cost(lists * (meta->padded + 20)) +
		lists_cost(cost->tuples * cost->first, &entries) +
		Min(FIRST_FETCHES, cost->tuples) * (cost->fetch + cost->page);
}

/*
 * From the first to so many rows.  Once the lists that were probed first are
 * exhausted, all their rows have been fetched, and none of them in vain.
 */
Cost
ivf_scan_rows_cost(const IvfScanCost *cost, double rows)
{
	double listed = cost->tuples * cost->share;
	double vain = Min(rows * cost->vain, Max(listed - rows, 0));

	return cost->deeper + rows * (cost->fetch + cost->passes) +
		   vain * (cost->fetch + cost->page);
}

/*
 * Rows at which a scan ends because its lists do.  Where settings end it after
 * so many rows instead, what it leaves out is not taken off: else a query
 * without a LIMIT would be thought cheap, and lack rows.
 */
double
ivf_scan_reachable(const IvfScanCost *cost, const IvfMetaPage *meta,
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

/*
 * Without an order and a radius, all groups of all lists are looked at, and
 * what passes is returned: as rows of a B-tree are, which the planner knows.
 */
void
ivf_listing_cost(const IndexOptInfo *info, Cost *startup, Cost *total)
{
	*startup = START_OPERATORS * cpu_operator_cost;
	*total = *startup + info->pages * seq_page_cost +
			 info->tuples * LISTING_OPERATORS * cpu_operator_cost;
}
