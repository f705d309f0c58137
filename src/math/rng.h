/*
 * rng.h: the seeded generator of everything random here, splitmix64
 * (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * 2014).  Equal seeds give equal streams on every machine.
 */
#ifndef VECDB_RNG_H
#define VECDB_RNG_H

#include <stdint.h>

typedef struct VdbRng
{
	uint64_t state;
} VdbRng;

static inline uint64_t
vdb_rng_next(VdbRng *rng)
{
	uint64_t z = (rng->state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* Uniform in [0, n), n > 0; the bias is below n / 2^64. */
static inline uint64_t
vdb_rng_below(VdbRng *rng, uint64_t n)
{
	return (uint64_t) (((unsigned __int128) vdb_rng_next(rng) * n) >> 64);
}

/* Uniform in [0, 1). */
static inline double
vdb_rng_double(VdbRng *rng)
{
	return (double) (vdb_rng_next(rng) >> 11) * 0x1p-53;
}

#endif /* VECDB_RNG_H */
