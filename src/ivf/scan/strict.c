/*
 * strict.c: see strict.h.
 *
 * A relaxed scan empties its first lists and goes on with others, whose rows
 * may be nearer than what it returned last.  In a strict order these are lost;
 * and the rows at the far end of the first lists are farther than most of the
 * table.  So a strict scan goes on before it gets there: with more lists than
 * before, the earlier ones among them, from which it begins anew, passing over
 * what is not farther than the row that was returned last.
 *
 * What comes at that row's own distance may have been returned or not: those
 * that were are kept, and no others, so that memory goes to ties alone.
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/probes.h"
#include "ivf/scan/strict.h"
#include "utils/memutils.h"

/*
 * Answers before a batch is outrun: the first one's lists were chosen for ten,
 * and serve a hundred almost as well; twice the lists serve sixteen times as
 * many (of word vectors, a hundred need 1.7 times the codes that ten need, a
 * thousand 3.6 times).
 */
#define FIRST_LIMIT 100
#define LIMIT_GROWTH 16

/*
 * How many standard deviations below the distance of a list's rows, on average,
 * the list counts as reached: when rows of it begin to come in numbers.
 */
#define REACHED_DEVIATIONS 2

/* Room for ties at first. */
#define TIES_ROOM 64

void
ivf_strict_reset(IvfScan *scan)
{
	IvfStrict *strict = &scan->strict;

	scan->fetched_again = 0;
	strict->limit = FIRST_LIMIT;
	strict->next = -INFINITY;
	strict->returned = strict->passed = 0;
	strict->ties = strict->known_ties = 0;
}

/*
 * The key from which on rows of the list of this rank are to be expected: of
 * their residuals r, |r|^2 is added to the list's distance and the product with
 * z - c taken off (math/space.h), which is zero on average.
 */
static double
reach(IvfScan *scan, uint32 rank, uint32 limit)
{
	const IvfMetaPage *meta = &scan->state->meta;
	const VdbSpace *space = scan->state->space;
	double residual2 =
		meta->calibration.points > 0 ? meta->calibration.residual2 : 0;
	const VdbNear *near;

	if (rank >= scan->probes.sorted)
		ivf_probes_sort(&scan->probes, Min(2 * rank + 1, limit));
	near = &ivf_nth_probe(&scan->probes, rank)->near;
	return near->distance + vdb_space_part(space->norm, residual2) -
		   REACHED_DEVIATIONS * space->inner * near->gap *
			   sqrt(residual2 / meta->dim);
}

bool
ivf_strict_outrun(IvfScan *scan, const VdbCandidate *answer)
{
	uint32 limit = ivf_probes_most(&scan->settings, scan->probes.count);

	if (scan->settings.iterative_scan != IVF_ITERATIVE_STRICT ||
		scan->answers.given < FIRST_LIMIT || scan->batch_end >= limit ||
		ivf_scan_fetched(scan) >= scan->settings.most_fetches)
		return false;
	scan->strict.next = answer->key;
	return scan->answers.given >= scan->strict.limit ||
		   answer->key >= reach(scan, scan->batch_end, limit);
}

static int
compare_ties(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

uint32
ivf_strict_next_batch(IvfScan *scan, uint32 done, uint32 limit)
{
	IvfStrict *strict = &scan->strict;
	uint32 lists = done + Min(done, limit - done);

	while (lists < limit && reach(scan, lists, limit) <= strict->next)
		lists++;
	scan->fetched_again = scan->report.fetches;
	strict->limit *= LIMIT_GROWTH;
	strict->returned = scan->answers.given;
	strict->passed = 0;
	strict->known_ties = strict->ties;
	if (strict->ties > 0)
		qsort(strict->tied, strict->ties, sizeof(ItemPointerData),
			  compare_ties);
	vdb_answers_restart(&scan->answers);
	return lists;
}

bool
ivf_strict_passed(IvfScan *scan, const VdbCandidate *answer)
{
	IvfStrict *strict = &scan->strict;
	ItemPointerData tid;
	bool passed = false;

	if (strict->returned == 0)
		return false;
	if (answer->key < scan->answers.farthest)
		passed = true;
	else if (answer->key == scan->answers.farthest && strict->known_ties > 0)
	{
		ItemPointerSet(&tid, answer->high, answer->low);
		passed = bsearch(&tid, strict->tied, strict->known_ties,
						 sizeof(ItemPointerData), compare_ties) != NULL;
	}
	strict->passed += passed;
	return passed;
}

void
ivf_strict_returned(IvfScan *scan, const VdbCandidate *answer)
{
	IvfStrict *strict = &scan->strict;

	if (scan->settings.iterative_scan != IVF_ITERATIVE_STRICT)
		return;
	if (strict->ties > 0 && answer->key != strict->tied_key)
		strict->ties = strict->known_ties = 0;
	if (strict->ties == strict->room)
	{
		strict->room = Max(2 * strict->room, TIES_ROOM);
		if (strict->tied == NULL)
			strict->tied = MemoryContextAlloc(
				scan->context, strict->room * sizeof(ItemPointerData));
		else
			strict->tied = repalloc_huge(
				strict->tied, strict->room * sizeof(ItemPointerData));
	}
	strict->tied_key = answer->key;
	ItemPointerSet(&strict->tied[strict->ties], answer->high, answer->low);
	strict->ties++;
}

/*
 * Of what a batch passed over, so many were returned before; what else there
 * was came too late, and so did what the answers left out.
 */
uint64
ivf_strict_late(const IvfScan *scan)
{
	const IvfStrict *strict = &scan->strict;
	uint64 late = strict->passed > strict->returned
					  ? strict->passed - strict->returned
					  : 0;

	return scan->answers.late + late;
}
