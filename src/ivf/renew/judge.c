/*
 * judge.c: whether a tree serves its rows still.
 *
 * Each list counts its inserts and adds up how far they are from its centroid.
 * Together they say how many rows the tree got that training did not see: where
 * they are many, lists are too few; where they are farther off, or went into a
 * few lists, they are others than those that centroids and calibration came
 * from.
 */
#include "compat.h"

#include <math.h>

#include "ivf/renew/renew.h"
#include "ivf/space/options.h"
#include "ivf/space/tree.h"
#include "miscadmin.h"
#include "utils/rel.h"

/*
 * Codes that a search looks at, for each that it would in a fresh tree, beyond
 * which one is made even where few rows were added; what autovacuum waits for,
 * a user who vacuums by hand does not.
 */
#define MOST_CODES 1.4
#define MOST_CODES_BY_HAND 1.018

/*
 * How they go with the number of lists: with twice as many, a quarter fewer
 * (docs/benchmarks.md), as long as the root is cheap.
 */
#define LISTS_POWER 0.45

/*
 * And with |r|^2 of the rows that were added, over that in training: as a ball
 * of six dimensions does.  README.md has estimates beside what they were for.
 */
#define FIT_POWER 3

/*
 * What such trees may cost: rows that went from one to another, for each that
 * was ever inserted.  Of trees that grow by a factor g it is at most 1 + 1/g +
 * 1/g^2 + ... = g / (g - 1); by hand, so many more.
 */
#define RECODED_BY_HAND 0.51

/* Added ones below which a mean of them says nothing. */
#define LEAST_ADDED 100

/* Rows are few where there are less than one for so many in training. */
#define SHRINKAGE 2

/* Rows in training below which it does not matter which ones there are. */
#define LEAST_TRAINED 1000

/* Rows of a list that a user asked for, without which none is made. */
#define LEAST_ROWS_A_LIST 20

/* Of all lists, in entries. */
typedef struct Sums
{
	double lists;
	double entries;
	double squares; /* of each list's entries */
	double added;
	double added_rows; /* those added that are a row's first or only one */
	double residuals;  /* |r|^2 of those that were added */
} Sums;

static void
count_list(Relation index, BlockNumber head, Sums *sums)
{
	Buffer buffer =
		ivf_page_read(index, head, BUFFER_LOCK_SHARE, IVF_LEAF, head, 0);
	const IvfPageTail *tail = ivf_tail(BufferGetPage(buffer));
	double entries = ivf_listed_rows(tail->slots, tail->dead);

	sums->lists++;
	sums->entries += entries;
	sums->squares += entries * entries;
	sums->added += tail->changes;
	sums->added_rows += ivf_rows_added(tail);
	sums->residuals += tail->residual;
	UnlockReleaseBuffer(buffer);
}

static void
count_lists(Relation index, const IvfState *state, Sums *sums)
{
	IvfLeaf *leaves;
	uint32 nleaves = ivf_tree_leaves(index, state, &leaves);

	memset(sums, 0, sizeof(*sums));
	for (uint32 i = 0; i < nleaves; i++)
	{
		CHECK_FOR_INTERRUPTS();
		count_list(index, leaves[i].head, sums);
	}
	pfree(leaves);
}

static double
count_unplaced(Relation index, const IvfMetaPage *meta)
{
	Buffer buffer = ivf_page_read(index, meta->unplaced, BUFFER_LOCK_SHARE,
								  IVF_UNPLACED, meta->unplaced, 0);
	double added = ivf_tail(BufferGetPage(buffer))->changes;

	UnlockReleaseBuffer(buffer);
	return added;
}

/*
 * Rows that k-means saw are nearer to its centroids than others like them. With
 * m rows a list that made 1 + 4 / m, within two hundredths, in 12 and in 100
 * dimensions and for m from 35 to 170.
 */
static double
expected_fit(const IvfMetaPage *meta)
{
	return 1 + 4 * meta->lists / Max(meta->trained_rows, meta->lists);
}

/*
 * Of a row, on average, of all that ever had a place in the tree.  Those that
 * are gone are not known to have had more or fewer.
 */
static double
entries_a_row(const IvfMetaPage *meta, const Sums *sums)
{
	double rows = meta->trained_rows + sums->added_rows;
	double entries = meta->trained_rows + meta->spill.entries + sums->added;

	return rows > 0 ? entries / rows : 1;
}

/* Rows without a place among centroids have no part in what is judged. */
static void
measure(Relation index, const IvfState *state, IvfRenewal *renewal)
{
	const IvfMetaPage *meta = &state->meta;
	const IvfHistory *history = &meta->history;
	Sums sums;

	count_lists(index, state, &sums);
	memset(renewal, 0, sizeof(*renewal));
	renewal->rows = sums.entries / entries_a_row(meta, &sums);
	renewal->added = sums.added_rows;
	renewal->inserted =
		ivf_rows_inserted(meta) + renewal->added + count_unplaced(index, meta);
	renewal->recoded = history->recoded;
	if (history->residual2 > 0 && sums.added >= LEAST_ADDED)
		renewal->fit = sums.residuals / sums.added / history->residual2 /
					   expected_fit(meta);
	if (history->imbalance > 0 && sums.entries > 0)
		renewal->imbalance = sums.squares * sums.lists /
							 (sums.entries * sums.entries) / history->imbalance;
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

/* Codes that a search looks at for want of each thing, as a factor. */
typedef struct Loss
{
	double lists;
	double fit;
	double balance;
} Loss;

/* By the number of lists: as many as rows would have had, if nobody asked. */
static double
lists_loss(Relation index, const IvfMetaPage *meta, double rows)
{
	double now = ivf_automatic_lists(rows, meta->padded);
	double then = ivf_automatic_lists(meta->trained_rows, meta->padded);

	return ivf_option_lists(index) == 0 && now > then
			   ? pow(now / then, LISTS_POWER)
			   : 1;
}

/* Rows that are nearer than others were, by chance, save nothing. */
static double
fit_loss(const IvfRenewal *renewal)
{
	double share = renewal->added / Max(renewal->rows, renewal->added);

	return renewal->fit > 1 ? 1 + share * (pow(renewal->fit, FIT_POWER) - 1)
							: 1;
}

static Loss
estimate_loss(Relation index, const IvfMetaPage *meta,
			  const IvfRenewal *renewal)
{
	return (Loss){
		.lists = lists_loss(index, meta, renewal->rows),
		.fit = fit_loss(renewal),
		.balance = renewal->imbalance > 0 ? renewal->imbalance : 1,
	};
}

/*
 * What most of it is for, as the reason for another tree.  Rows far from all
 * lists crowd in those on their side: where that alone is enough, it is said.
 */
static IvfRenewalReason
greatest_loss(const Loss *loss)
{
	if (loss->fit > MOST_CODES ||
		(loss->fit >= loss->lists && loss->fit >= loss->balance))
		return IVF_UNLIKE;
	return loss->balance >= loss->lists ? IVF_UNEVEN : IVF_GROWN;
}

/* May a tree be made before the growth option says so? */
static bool
is_within_costs(Relation index, const IvfRenewal *renewal, double more)
{
	double growth = ivf_option_growth(index);
	double most = growth / (growth - 1) + more;

	return renewal->recoded + renewal->rows <= most * renewal->inserted;
}

/*
 * What the rows call for, in a tree that has lists.  For autovacuum, the growth
 * option has said already what their number calls for.
 */
static IvfRenewalReason
judge_rows(Relation index, const IvfMetaPage *meta, bool by_hand,
		   const IvfRenewal *renewal)
{
	Loss loss = estimate_loss(index, meta, renewal);

	if (meta->trained_rows < LEAST_TRAINED)
		return IVF_KEEP;
	if (renewal->rows * SHRINKAGE < meta->trained_rows)
		return IVF_SHRUNK;
	if (!by_hand)
		loss.lists = 1;
	if (renewal->added >= LEAST_ADDED &&
		loss.lists * loss.fit * loss.balance >
			(by_hand ? MOST_CODES_BY_HAND : MOST_CODES) &&
		is_within_costs(index, renewal, by_hand ? RECODED_BY_HAND : 0))
		return greatest_loss(&loss);
	return IVF_KEEP;
}

static IvfRenewalReason
judge(Relation index, const IvfMetaPage *meta, bool by_hand,
	  const IvfRenewal *renewal)
{
	bool many = renewal->added >
				(ivf_option_growth(index) - 1) * Max(meta->trained_rows, 1);

	if (meta->bits != ivf_index_bits(index, meta->padded))
		return ivf_option_bits(index, 0) > 0 ? IVF_OPTIONS : IVF_OLD;
	if (ivf_tree_centroids(meta) == 0)
		return (many || (by_hand && renewal->added >= LEAST_ADDED)) &&
					   is_worth_lists(index, meta, renewal->rows)
				   ? IVF_FIRST
				   : IVF_KEEP;
	if (are_lists_changed(index, meta) ||
		meta->spill.asked != ivf_spill_asked(index))
		return IVF_OPTIONS;
	if (meta->calibration.points > 0 && meta->shares.count == 0)
		return IVF_OLD;
	return many ? IVF_GROWN : judge_rows(index, meta, by_hand, renewal);
}

void
ivf_renewal_judge(Relation index, IvfRenewal *renewal)
{
	IvfState *state = ivf_index_open(index, CurrentMemoryContext);

	measure(index, state, renewal);
	renewal->reason = judge(index, &state->meta, false, renewal);
	renewal->by_hand = judge(index, &state->meta, true, renewal);
	renewal->may_pack = is_within_costs(index, renewal, 0);
	renewal->may_pack_by_hand =
		is_within_costs(index, renewal, RECODED_BY_HAND);
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
		[IVF_UNLIKE] = "new rows are far from its lists",
		[IVF_UNEVEN] = "new rows went into few of its lists",
		[IVF_OPTIONS] = "its options were changed",
		[IVF_OLD] = "an older version made it",
		[IVF_SPACE] = "most of its pages are free",
	};

	return texts[reason];
}
