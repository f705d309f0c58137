/*
 * cost.c: what the planner should expect of a scan.
 *
 * Before the first row, a scan compares all centroids, scans the codes of the
 * probed lists and fetches some rows from the heap.  Run to its end, it scans
 * all codes and fetches every row; the planner takes the share of that which
 * a LIMIT needs, and itself adds the fetch of the rows that are returned.
 */
#include "compat.h"

#include <math.h>

#include "access/genam.h"
#include "ivf/ivf.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/float.h"
#include "utils/selfuncs.h"

/*
 * Bytes of code that cost as much as one operator.  A scan reads about 5 GB/s
 * with everything around it, an operator on two columns takes some 10 ns.
 */
#define BYTES_PER_OPERATOR 40.0

/* Heap rows fetched for each row wanted, and at least: measured, recall 0.95.
 */
#define FETCHES_PER_ROW 4.0
#define LEAST_FETCHES 40.0

static double
code_cost(double codes, double bytes)
{
	return codes * bytes / BYTES_PER_OPERATOR * cpu_operator_cost;
}

/* Fetching rows for their exact distance. */
static double
fetch_cost(PlannerInfo *root, IndexPath *path, double rows)
{
	RelOptInfo *rel = path->indexinfo->rel;
	double heap_pages =
		index_pages_fetched(rows, rel->pages, path->indexinfo->pages, root);

	return heap_pages * random_page_cost +
		   rows * (cpu_tuple_cost + cpu_operator_cost);
}

static double
first_fetches(PlannerInfo *root, double tuples)
{
	double wanted = root->limit_tuples > 0 ? root->limit_tuples : 1;

	return Min(Max(wanted * FETCHES_PER_ROW, LEAST_FETCHES), tuples);
}

void
ivf_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count,
				  Cost *startup, Cost *total, Selectivity *selectivity,
				  double *correlation, double *pages)
{
	IndexOptInfo *info = path->indexinfo;
	double tuples = Max(info->tuples, 1);
	double share;
	double bytes;
	double root_cost;
	IvfMetaPage meta;
	Relation index;

	*selectivity = 1;
	*correlation = 0;
	*pages = info->pages;

	/* Without a distance to order by there is nothing that a scan can do. */
	if (path->indexorderbys == NIL)
	{
		*startup = *total = get_float8_infinity();
		return;
	}

	index = index_open(info->indexoid, NoLock);
	meta = ivf_index_get(index)->meta;
	index_close(index, NoLock);

	share = ivf_probed_share(&meta);
	bytes = meta.padded * meta.bits / 8.0 + 12;
	root_cost = code_cost(meta.lists, meta.padded + 20);

	*startup = root_cost + code_cost(tuples * share, bytes) +
			   info->pages * share * seq_page_cost +
			   fetch_cost(root, path, first_fetches(root, tuples));
	*total =
		*startup + code_cost(tuples * (1 - share), bytes) +
		info->pages * (1 - share) * seq_page_cost +
		tuples * (cpu_index_tuple_cost + cpu_tuple_cost + cpu_operator_cost);
}
