/*
 * summary.c: see summary.h.
 */
#include "math/summary.h"

/* Keys of a set whose hashes are looked at: with more, all are likely set. */
#define MOST_HASHED 128

/* Fibonacci hashing: the top six bits of a multiple of 2^64 / phi. */
static uint64_t
hash_bit(uint64_t key)
{
	return UINT64_C(1) << (key * UINT64_C(0x9E3779B97F4A7C15) >> 58);
}

bool
vdb_summary_join(VdbSummary *summary, const VdbSummary *other)
{
	VdbSummary before = *summary;

	if (other->has & VDB_SUMMARY_KEYS)
	{
		bool first = !(summary->has & VDB_SUMMARY_KEYS);

		if (first || other->least < summary->least)
			summary->least = other->least;
		if (first || other->most > summary->most)
			summary->most = other->most;
	}
	summary->hashes |= other->hashes;
	summary->has |= other->has;
	return summary->least != before.least || summary->most != before.most ||
		   summary->hashes != before.hashes || summary->has != before.has;
}

bool
vdb_summary_add(VdbSummary *summary, bool null, uint64_t key)
{
	VdbSummary row = {.has = VDB_SUMMARY_NULLS};

	if (!null)
		row = (VdbSummary){key, key, hash_bit(key), VDB_SUMMARY_KEYS};
	return vdb_summary_join(summary, &row);
}

uint64_t
vdb_summary_hashes(const VdbRange *set, size_t n)
{
	uint64_t hashes = 0;
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++)
	{
		uint64_t more = set[i].last - set[i].first;

		if (more >= MOST_HASHED || (count += more + 1) > MOST_HASHED)
			return UINT64_MAX;
		for (uint64_t j = 0; j <= more; j++)
			hashes |= hash_bit(set[i].first + j);
	}
	return hashes;
}
