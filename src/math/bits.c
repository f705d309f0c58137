/*
 * bits.c: see bits.h.
 */
#include "math/bits.h"

#include <math.h>

static double
hamming_key(double both, double query, double value)
{
	return query + value - 2 * both;
}

static double
jaccard_key(double both, double query, double value)
{
	double hamming = hamming_key(both, query, value);

	if (query <= 0)
		return hamming;
	return both > 0 ? hamming * query / both : INFINITY;
}

/* The lanes that are not above the threshold. */
static inline uint32_t
lanes_within(const float keys[VDB_GROUP], float threshold)
{
	uint32_t mask = 0;

	for (int v = 0; v < VDB_GROUP; v++)
		mask |= (uint32_t) !(keys[v] > threshold) << v;
	return mask;
}

static uint32_t
hamming_keys(const int32_t both[VDB_GROUP], uint32_t query,
			 const uint16_t *value, float threshold, float out[VDB_GROUP])
{
	for (int v = 0; v < VDB_GROUP; v++)
		out[v] = (float) ((int32_t) query + value[v] - 2 * both[v]);
	return lanes_within(out, threshold);
}

static uint32_t
jaccard_keys(const int32_t both[VDB_GROUP], uint32_t query,
			 const uint16_t *value, float threshold, float out[VDB_GROUP])
{
	for (int v = 0; v < VDB_GROUP; v++)
		out[v] = (float) jaccard_key(both[v], query, value[v]);
	return lanes_within(out, threshold);
}

const VdbBitDistance vdb_bit_hamming_distance = {"hamming", hamming_key,
												 hamming_keys};
const VdbBitDistance vdb_bit_jaccard_distance = {"jaccard", jaccard_key,
												 jaccard_keys};
