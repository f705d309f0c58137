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

/* The high half of a product, by halves: not all processors have 128 bits. */
static inline uint64_t
vdb_high_product(uint64_t a, uint64_t b)
{
	uint64_t a_low = (uint32_t) a;
	uint64_t b_low = (uint32_t) b;
	uint64_t middle = (a >> 32) * b_low + (a_low * b_low >> 32);
	uint64_t other = a_low * (b >> 32) + (uint32_t) middle;

	return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

/* Uniform in [0, n), n > 0; the bias is below n / 2^64. */
static inline uint64_t
vdb_rng_below(VdbRng *rng, uint64_t n)
{
	return vdb_high_product(vdb_rng_next(rng), n);
}

/*
 * The place of the next row in a sample of "room" of all that are shown, each
 * as likely as any other, after "shown" of them: "room" or more where it gets
 * none. Algorithm R of J. S. Vitter, "Random sampling with a reservoir", 1985.
 */
static inline uint64_t
vdb_rng_place(VdbRng *rng, uint64_t shown, uint64_t room)
{
	return shown < room ? shown : vdb_rng_below(rng, shown + 1);
}

/* Uniform in [0, 1). */
static inline double
vdb_rng_double(VdbRng *rng)
{
	return (double) (vdb_rng_next(rng) >> 11) * 0x1p-53;
}

#endif /* VECDB_RNG_H */
