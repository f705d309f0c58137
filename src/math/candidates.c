/*
 * candidates.c: see candidates.h.
 */
#include "math/candidates.h"

/*
 * Entries to look at for the middle: what stays of 512 is between 75 and 437
 * of them in all but one of a thousand cases.
 */
#define MIDDLE_SAMPLES 15

/* Every entry is swapped, without a branch (Lomuto's scheme). */
size_t
vdb_candidates_partition(VdbCandidate *items, size_t n, size_t pivot)
{
	VdbRank rank = vdb_rank(&items[pivot]);
	size_t m = 0;

	vdb_candidate_swap(&items[0], &items[pivot]);
	for (size_t i = 1; i < n; i++)
	{
		bool less = vdb_rank_less(vdb_rank(&items[i]), rank);

		vdb_candidate_swap(&items[i], &items[m + 1]);
		m += less;
	}

	/* m entries come before the pivot, which belongs behind them */
	vdb_candidate_swap(&items[0], &items[m]);
	return m > 0 ? m : 1;
}

/*
 * Lists come in patterns (sorted runs, say), which entries at fixed places
 * would fall for.
 */
size_t
vdb_candidates_middle(const VdbCandidate *items, size_t n)
{
	VdbRng rng = {n};
	size_t sample[MIDDLE_SAMPLES];

	for (int i = 0; i < MIDDLE_SAMPLES; i++)
	{
		size_t entry = vdb_rng_below(&rng, n);
		int j = i;

		for (; j > 0 &&
			   vdb_candidate_before(&items[entry], &items[sample[j - 1]]);
			 j--)
			sample[j] = sample[j - 1];
		sample[j] = entry;
	}
	return sample[MIDDLE_SAMPLES / 2];
}

size_t
vdb_candidates_least(const VdbCandidate *items, size_t n, size_t samples,
					 VdbRng *rng)
{
	size_t least = vdb_rng_below(rng, n);

	while (--samples > 0)
	{
		size_t other = vdb_rng_below(rng, n);

		if (vdb_candidate_before(&items[other], &items[least]))
			least = other;
	}
	return least;
}
