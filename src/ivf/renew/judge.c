/*
 * judge.c: whether a tree serves its rows still.
 *
 * Each list counts its inserts.  Together they say how many rows the tree got
 * that training did not see: where they are many, lists are too few, or the
 * rows in them others than those that centroids and calibration came from.
 */
#include "compat.h"

#include "ivf/renew/renew.h"
#include "ivf/space/options.h"
#include "ivf/space/tree.h"
#include "miscadmin.h"
#include "utils/rel.h"

/*
 * Who vacuums by hand wants the index at its best: a share of the new rows that
 * autovacuum waits for is enough.
 */
#define SHARE_BY_HAND 0.25

/* Rows are few where there are less than one for so many in training. */
#define SHRINKAGE 2

/* Rows in training below which that does not matter. */
#define LEAST_SHRUNK 1000

/* Rows of a list that a user asked for, without which none is made. */
#define LEAST_ROWS_A_LIST 20

static void
count_list(Relation index, BlockNumber head, IvfRenewal *renewal)
{
	Buffer buffer =
		ivf_page_read(index, head, BUFFER_LOCK_SHARE, IVF_LEAF, head, 0);
	const IvfPageTail *tail = ivf_tail(BufferGetPage(buffer));

	renewal->rows += tail->slots - Min(tail->dead, tail->slots);
	renewal->added += tail->changes;
	UnlockReleaseBuffer(buffer);
}

/*
 * Rows without a place among centroids have no part in it.  Lists count
 * entries, of which a row has as many as it had in training, on average.
 */
static void
count_rows(Relation index, const IvfState *state, IvfRenewal *renewal)
{
	IvfLeaf *leaves;
	uint32 nleaves = ivf_tree_leaves(index, state, &leaves);

	for (uint32 i = 0; i < nleaves; i++)
	{
		CHECK_FOR_INTERRUPTS();
		count_list(index, leaves[i].head, renewal);
	}
	pfree(leaves);
	renewal->rows /= ivf_entries_a_row(&state->meta);
	renewal->added /= ivf_entries_a_row(&state->meta);
}

/* Are there rows for more than one list? */
static bool
is_worth_lists(Relation index, const IvfMetaPage *meta, double rows)
{
	uint32 lists = ivf_option_lists(index);

	return ivf_automatic_lists(rows, meta->padded) > 1 ||
		   (lists > 1 && rows >= (double) lists * LEAST_ROWS_A_LIST);
}

/* An older version did not keep what was asked for, but made that or less. */
static bool
are_lists_changed(Relation index, const IvfMetaPage *meta)
{
	uint32 lists = ivf_option_lists(index);

	return lists != meta->trees.asked && lists != meta->lists;
}

/* "share" of the new rows that autovacuum waits for are many. */
static IvfRenewalReason
judge(Relation index, const IvfMetaPage *meta, double share,
	  const IvfRenewal *renewal)
{
	double most_added =
		share * (ivf_option_growth(index) - 1) * Max(meta->trained_rows, 1);

	if (meta->bits != ivf_index_bits(index, meta->padded))
		return ivf_option_bits(index, 0) > 0 ? IVF_OPTIONS : IVF_OLD;
	if (ivf_tree_centroids(meta) == 0)
		return renewal->added > most_added &&
					   is_worth_lists(index, meta, renewal->rows)
				   ? IVF_FIRST
				   : IVF_KEEP;
	if (are_lists_changed(index, meta) ||
		meta->spill.asked != ivf_spill_asked(index))
		return IVF_OPTIONS;
	if (meta->calibration.points > 0 && meta->shares.count == 0)
		return IVF_OLD;
	if (renewal->added > most_added)
		return IVF_GROWN;
	if (meta->trained_rows >= LEAST_SHRUNK &&
		renewal->rows * SHRINKAGE < meta->trained_rows)
		return IVF_SHRUNK;
	return IVF_KEEP;
}

void
ivf_renewal_judge(Relation index, IvfRenewal *renewal)
{
	IvfState *state = ivf_index_open(index, CurrentMemoryContext);

	renewal->rows = renewal->added = 0;
	count_rows(index, state, renewal);
	renewal->reason = judge(index, &state->meta, 1, renewal);
	renewal->by_hand = judge(index, &state->meta, SHARE_BY_HAND, renewal);
	pfree(state);
}

const char *
ivf_renewal_reason_text(IvfRenewalReason reason)
{
	static const char *const texts[] = {
		[IVF_KEEP] = "nothing",
		[IVF_FIRST] = "there are enough rows now",
		[IVF_GROWN] = "many rows were added",
		[IVF_SHRUNK] = "many rows are gone",
		[IVF_OPTIONS] = "its options were changed",
		[IVF_OLD] = "an older version made it",
		[IVF_SPACE] = "most of its pages are free",
	};

	return texts[reason];
}
