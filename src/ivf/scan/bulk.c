/*
 * bulk.c: see bulk.h.
 *
 * Neighbours on a page are fetched by one pin, and pages that come from disk
 * are asked for many at a time, those that lie side by side together.
 */
#include "compat.h"

#include "ivf/scan/bulk.h"
#include "ivf/scan/radius.h"
#include "ivf/scan/twins.h"
#include "miscadmin.h"

/*
 * Fewer rows than these are fetched one by one; where values lie out of line,
 * reads of which come on top of those of rows, one is no bulk.
 */
#define LEAST_ROWS 16
#define LEAST_ROWS_OUTSIDE 2

/* Rows at a time. */
#define MOST_ROWS 8192

/*
 * Where nobody knows how many answers will be wanted: as many again as are
 * certain, and so many at first.
 */
#define FIRST_ROWS 32

/*
 * When less than this share of the entries had to be fetched, those before the
 * wanted answers are nearly all exact, and the rest comes one by one.
 */
#define LEAST_SHARE 8

/*
 * Rows whose pages are asked for before they are fetched; more from disk, which
 * sorts and joins what it is asked for; and of the entries behind them.
 */
#define ROWS_AHEAD 4
#define ROWS_AHEAD_OF_DISK 1024
#define MOST_NEXT 256

/* Values out of line that are asked for before they are read. */
#define VALUES_AHEAD 256

void
ivf_bulk_reset(IvfScan *scan)
{
	scan->bulk.resume = 0;
}

/*
 * Answers that will be wanted beyond so many: all that a radius has; half of
 * what the plan expects until its LIMIT is reached, which may be far too many;
 * else some.
 */
static double
expected_answers(const IvfScan *scan, uint64 certain)
{
	bool limited = ivf_demand_limited(scan->demand);

	if (ivf_radius_ends(scan) && !limited)
		return MOST_ROWS;
	if (limited)
		return (ivf_demand_expected(scan->demand, scan->answers.given) -
				certain) /
			   2;
	return certain / 4.0;
}

Size
ivf_bulk_wanted(const IvfScan *scan)
{
	uint64 certain = vdb_answers_so_far(&scan->answers);
	Size most = scan->settings.memory / sizeof(IvfBulkRow);
	Size least =
		ivf_refiner_outside(scan->refiner) ? LEAST_ROWS_OUTSIDE : LEAST_ROWS;
	double wanted;

	if (certain < scan->bulk.resume ||
		!vdb_fetch_in_order(ivf_refiner_fetch(scan->refiner)))
		return 0;
	if (certain < scan->bound)
		wanted = scan->bound - certain;
	else
		wanted = Min(expected_answers(scan, certain), Max(certain, FIRST_ROWS));
	if (scan->report.probes > scan->report.first_probes)
		wanted =
			Min(wanted, scan->settings.most_fetches - scan->report.fetches);
	wanted = Min(wanted, Min(MOST_ROWS, most));
	return wanted >= least ? (Size) wanted : 0;
}

/* Collecting --------------------------------------------------------------- */

static void
make_room(IvfScan *scan, Size room)
{
	IvfBulk *bulk = &scan->bulk;

	if (room <= bulk->room)
		return;
	if (bulk->room > 0)
	{
		bulk->room = 0;
		pfree(bulk->rows);
		pfree(bulk->exact);
	}
	bulk->rows = MemoryContextAlloc(scan->context, room * sizeof(IvfBulkRow));
	bulk->exact =
		MemoryContextAlloc(scan->context, room * sizeof(VdbCandidate));
	bulk->room = room;
}

/* How many rows with the candidate's bound came right before it. */
static int
rows_before(const IvfScan *scan, const VdbCandidate *candidate)
{
	const IvfBulk *bulk = &scan->bulk;

	if (bulk->nrows > 0)
		return candidate->key == bulk->last ? bulk->same : 0;
	return candidate->key == scan->twins.bound ? scan->twins.count : 0;
}

/*
 * Of many that have the same bound, some rows are enough to see whether they
 * are one vector: then false.
 */
static bool
add_row(IndexScanDesc desc, const VdbCandidate *candidate)
{
	IvfScan *scan = desc->opaque;
	IvfBulk *bulk = &scan->bulk;

	ivf_refiner_require_row(scan->refiner, desc->indexRelation, candidate->high,
							candidate->low);
	bulk->same = rows_before(scan, candidate) + 1;
	bulk->last = candidate->key;
	bulk->rows[bulk->nrows++].candidate = *candidate;
	return bulk->same < IVF_TWINS;
}

/* A bound was taken; false where no more should be. */
static bool
take_row(IndexScanDesc desc, const VdbCandidate *candidate)
{
	IvfScan *scan = desc->opaque;

	if (candidate->twice &&
		ivf_twice_met(&scan->twice, scan->context, candidate))
		return true;
	if (ivf_is_twin(scan, candidate))
	{
		vdb_queue_assumed(&scan->queue, candidate, scan->twins.distance);
		return false;
	}
	return add_row(desc, candidate);
}

/* Up to so many entries of the queue, the first of which was taken. */
static void
collect(IndexScanDesc desc, const VdbCandidate *first, Size wanted)
{
	IvfScan *scan = desc->opaque;
	IvfBulk *bulk = &scan->bulk;
	bool more;

	make_room(scan, wanted);
	bulk->nrows = bulk->nexact = 0;
	more = add_row(desc, first);
	while (more && bulk->nrows + bulk->nexact < wanted)
	{
		VdbCandidate candidate;

		CHECK_FOR_INTERRUPTS();
		switch (vdb_queue_take(&scan->queue, &candidate))
		{
			case VDB_TAKE_REFINE:
				more = take_row(desc, &candidate);
				break;
			case VDB_TAKE_ANSWER:
				bulk->exact[bulk->nexact++] = candidate;
				break;
			default:
				more = false;
		}
	}
}

/* Fetching ----------------------------------------------------------------- */

static inline uint64
row_id(const IvfBulkRow *row)
{
	return (uint64) row->candidate.high << 16 | row->candidate.low;
}

static int
by_place(const void *a, const void *b)
{
	uint64 x = row_id(a);
	uint64 y = row_id(b);

	return (x > y) - (x < y);
}

/* Is row number i on another page than the one before? */
static inline bool
turns_page(const IvfBulk *bulk, Size i)
{
	return i == 0 ||
		   bulk->rows[i].candidate.high != bulk->rows[i - 1].candidate.high;
}

static int
by_block(const void *a, const void *b)
{
	BlockNumber x = *(const BlockNumber *) a;
	BlockNumber y = *(const BlockNumber *) b;

	return (x > y) - (x < y);
}

/*
 * As many rows again of the entries behind will be fetched, in what is seen,
 * so the disk is asked for their pages already.
 */
static void
ask_next(IvfScan *scan)
{
	VdbFetch *fetch = ivf_refiner_fetch(scan->refiner);
	BlockNumber blocks[MOST_NEXT];
	Size wanted = Min(scan->bulk.nrows, MOST_NEXT);
	Size n = 0;

	for (Size i = 0; i < wanted; i++)
	{
		VdbCandidate *next = vdb_queue_ahead(&scan->queue, i);

		if (next == NULL)
			break;
		if (next->exact || next->prefetched)
			continue;
		next->prefetched = true;
		blocks[n++] = next->high;
	}
	qsort(blocks, n, sizeof(BlockNumber), by_block);
	for (Size i = 0; i < n; i++)
		vdb_fetch_ahead(fetch, blocks[i], FirstOffsetNumber);
}

/* How far the pages of the rows are asked for. */
typedef struct Asked
{
	Size rows;
	Size ahead;
} Asked;

/*
 * Ask for the pages of the rows behind number i.  If one comes from disk,
 * others do, too.
 */
static void
look_ahead(IvfScan *scan, Size i, Asked *asked)
{
	const IvfBulk *bulk = &scan->bulk;
	VdbFetch *fetch = ivf_refiner_fetch(scan->refiner);
	Size next = i + 1;

	for (; asked->rows < Min(i + asked->ahead, bulk->nrows); asked->rows++)
	{
		const VdbCandidate *row = &bulk->rows[asked->rows].candidate;

		if (turns_page(bulk, asked->rows) &&
			!vdb_fetch_ahead(fetch, row->high, row->low))
			asked->ahead = ROWS_AHEAD_OF_DISK;
	}
	if (next < bulk->nrows && turns_page(bulk, next))
		vdb_fetch_next(fetch, bulk->rows[next].candidate.high,
					   bulk->rows[next].candidate.low);
}

static void
fetch_row(IvfScan *scan, IvfBulkRow *row)
{
	ItemPointerData tid;

	CHECK_FOR_INTERRUPTS();
	ItemPointerSet(&tid, row->candidate.high, row->candidate.low);
	scan->report.fetches++;
	ivf_refine_first(scan->refiner, &tid, &row->refined);
	scan->report.invisible += !row->refined.found;
}

/* Read the values of the rows from number i on that lie out of line. */
static void
read_values(IvfScan *scan, Size i, Size end)
{
	for (; i < end; i++)
	{
		IvfRefined *row = &scan->bulk.rows[i].refined;

		CHECK_FOR_INTERRUPTS();
		if (row->later)
			ivf_refine_later(scan->refiner, row);
	}
}

static void
fetch_rows(IvfScan *scan)
{
	const IvfBulk *bulk = &scan->bulk;
	Asked asked = {.ahead = ROWS_AHEAD};
	Size read = 0; /* the values of so many rows */

	look_ahead(scan, 0, &asked);
	if (asked.ahead > ROWS_AHEAD && bulk->nexact == 0)
		ask_next(scan);
	for (Size i = 0; i < bulk->nrows; i++)
	{
		look_ahead(scan, i, &asked);
		fetch_row(scan, &bulk->rows[i]);
		if (i + 1 == bulk->nrows || i + 1 - read == VALUES_AHEAD)
		{
			read_values(scan, read, i + 1);
			read = i + 1;
		}
	}
}

/* Give all of it back. */
static void
give_back(IvfScan *scan)
{
	const IvfBulk *bulk = &scan->bulk;

	for (Size i = 0; i < bulk->nexact; i++)
		vdb_queue_return(&scan->queue, &bulk->exact[i]);
	for (Size i = 0; i < bulk->nrows; i++)
	{
		const IvfBulkRow *row = &bulk->rows[i];
		double distance = ivf_scan_key(scan, row->refined.distance);

		if (!row->refined.found)
			continue;
		if (row->candidate.key == bulk->last)
			ivf_count_twin(&scan->twins, bulk->last, distance);
		if (row->refined.distance <= scan->radius.reach)
			vdb_queue_refined(&scan->queue, &row->candidate, distance);
	}
}

void
ivf_bulk_refine(IndexScanDesc desc, const VdbCandidate *first, Size wanted)
{
	IvfScan *scan = desc->opaque;
	IvfBulk *bulk = &scan->bulk;

	collect(desc, first, wanted);
	qsort(bulk->rows, bulk->nrows, sizeof(IvfBulkRow), by_place);
	fetch_rows(scan);
	give_back(scan);
	if (bulk->nrows < wanted / LEAST_SHARE)
		bulk->resume = vdb_answers_so_far(&scan->answers) + wanted;
}
