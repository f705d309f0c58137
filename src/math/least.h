/*
 * least.h: the least of many numbers, in order.
 */
#ifndef VECDB_LEAST_H
#define VECDB_LEAST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A key that orders by distance, then by number, which is its low half.  The
 * bits of a float order like an integer, when the sign bit is turned over, and
 * all of them where it is set.
 */
static inline uint64_t
vdb_least_key(float distance, uint32_t number)
{
	uint32_t bits;

	memcpy(&bits, &distance, sizeof(bits));
	bits ^= bits >> 31 ? UINT32_MAX : UINT32_C(0x80000000);
	return (uint64_t) bits << 32 | number;
}

/* The distance in a key. */
static inline float
vdb_least_distance(uint64_t key)
{
	uint32_t bits = (uint32_t) (key >> 32);
	float distance;

	bits ^= bits >> 31 ? UINT32_C(0x80000000) : UINT32_MAX;
	memcpy(&distance, &bits, sizeof(distance));
	return distance;
}

/*
 * Reorder keys[0 .. count) so that the least n <= count come first, ascending;
 * the others follow in no order.  Expected time O(count + n log n).
 */
extern void vdb_sort_least(uint64_t *keys, size_t count, size_t n);

/*
 * A limit that n of the values are not above, 1 <= n <= count, none of them
 * NaN: where some of them lie closer together than a four-thousandth of the
 * range of all, it may be more than n.
 */
extern float vdb_least_limit(const float *values, size_t count, size_t n);

/* The mask of those among 16 values that are not above a limit; no NaN is. */
extern uint32_t vdb_least_lanes(const float values[16], float limit);

/* For qsort(): floats, none of them NaN, ascending. */
extern int vdb_compare_floats(const void *a, const void *b);

/* The same for doubles. */
extern int vdb_compare_doubles(const void *a, const void *b);

#endif /* VECDB_LEAST_H */
