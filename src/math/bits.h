/*
 * bits.h: distances of bit strings from counts, as of lists that hold the bits
 * themselves.
 *
 * With a and b bits set in query and value and i of them in both, Hamming's
 * distance is h = a + b - 2 i.  Jaccard's, j, is
 *
 *		j / (1 - j) = h / i		and so		h a / i >= h
 *
 * which orders as j does and, since i is at most a, is never below h.  These
 * are the keys below: exact, where codes of residuals have bounds.
 */
#ifndef VECDB_BITS_H
#define VECDB_BITS_H

#include <stdint.h>

#include "kernel/kernel.h"

/* The most bits of a string: its count of ones fits in 16 bits. */
#define VDB_MAX_BITS 64000

/* Bits that are set among n bytes. */
static inline uint32_t
vdb_bit_ones(const uint8_t *bits, size_t n)
{
	uint64_t counts[3];

	vdb_kernel()->bit_counts(bits, bits, n, counts);
	return (uint32_t) counts[0];
}

typedef struct VdbBitDistance
{
	const char *name;

	/* Of one value, from the bits set in both, in the query and in it. */
	double (*key)(double both, double query, double value);

	/*
	 * Of a group, whose counts of ones "value" points to, as float.  Writes
	 * out[v] and returns a mask whose bit v is set unless out[v] > threshold.
	 */
	uint32_t (*keys)(const int32_t both[VDB_GROUP], uint32_t query,
					 const uint16_t *value, float threshold,
					 float out[VDB_GROUP]);
} VdbBitDistance;

extern const VdbBitDistance vdb_bit_hamming_distance;

/*
 * Infinite where no bit is set in both.  A query without any is as far from
 * all: then Hamming's order is as good as another.
 */
extern const VdbBitDistance vdb_bit_jaccard_distance;

#endif /* VECDB_BITS_H */
