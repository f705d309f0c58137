/*
 * ordered.h: numbers as unsigned keys that have the same order.
 *
 * A key of a number of "width" bytes (1, 2, 4 or 8) fits so many bytes.  The
 * two zeros of floats are one key, as are all NaN, which are above +infinity:
 * the order that PostgreSQL gives them.
 */
#ifndef VECDB_ORDERED_H
#define VECDB_ORDERED_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The greatest key of so many bytes. */
static inline uint64_t
vdb_key_most(size_t width)
{
	return UINT64_MAX >> (64 - 8 * width);
}

static inline uint64_t
vdb_key_of_signed(int64_t value, size_t width)
{
	return ((uint64_t) value + (vdb_key_most(width) >> 1) + 1) &
		   vdb_key_most(width);
}

static inline int64_t
vdb_signed_of_key(uint64_t key, size_t width)
{
	return (int64_t) (key - (vdb_key_most(width) >> 1) - 1);
}

/* The key of -infinity, and that of NaN, the least and greatest there are. */
#define VDB_KEY_FLOAT_LEAST UINT64_C(0x007fffff)
#define VDB_KEY_FLOAT_MOST UINT64_C(0xffc00000)
#define VDB_KEY_DOUBLE_LEAST UINT64_C(0x000fffffffffffff)
#define VDB_KEY_DOUBLE_MOST UINT64_C(0xfff8000000000000)

/* Bits of positive numbers are in order, of negative ones in the reverse. */
static inline uint64_t
vdb_key_of_float(float value)
{
	uint32_t bits;

	if (isnan(value))
		return VDB_KEY_FLOAT_MOST;
	value += 0.0f; /* -0 is 0 */
	memcpy(&bits, &value, sizeof(bits));
	return bits >> 31 ? (uint32_t) ~bits : bits | UINT32_C(1) << 31;
}

static inline float
vdb_float_of_key(uint64_t key)
{
	uint32_t bits = (uint32_t) key;
	float value;

	bits = bits >> 31 ? bits & ~(UINT32_C(1) << 31) : ~bits;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline uint64_t
vdb_key_of_double(double value)
{
	uint64_t bits;

	if (isnan(value))
		return VDB_KEY_DOUBLE_MOST;
	value += 0.0; /* -0 is 0 */
	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double
vdb_double_of_key(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

#endif /* VECDB_ORDERED_H */
