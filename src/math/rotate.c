/*
 * rotate.c: random rotation by sign flips and fast Hadamard transforms.
 *
 * After Ailon and Chazelle, "The fast Johnson-Lindenstrauss transform" (2009)
 * for the product of random signs and a Hadamard matrix, and after Kac's walk
 * for the mixing between dimensions that no power of two covers.  A round is
 *
 *		x = signs * x
 *		x[window] = H x[window] / sqrt(P)
 *
 * where the window is the first P dimensions and the last P in turn, P being
 * the largest power of two.  After both, where P < D, comes
 *
 *		(a, b) = (a + b, a - b) / sqrt(2)		a, b the halves of x
 *
 * and there are two such pairs of rounds.  The first one spreads every input
 * over a window at least; the second one over everything.  Mixing the halves
 * after each round instead, as is usual, takes a unit vector outside the
 * first window half out of that window's reach each time: at D = 2000 a
 * sixteenth of its energy stayed in one place.  All scale factors are folded
 * into the signs.
 */
#include "math/rotate.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/rng.h"
#include "math/vec.h"

#define ROUNDS 4

/* Dimensions that fht_base() transforms in registers. */
#define BASE 16

struct VdbRotation
{
	uint32_t padded;
	uint32_t power;	 /* the largest power of two <= padded */
	float weights[]; /* ROUNDS * padded signs, scaled */
};

uint32_t
vdb_padded_dim(uint32_t dim)
{
	return (dim + VDB_DIM_ALIGN - 1) / VDB_DIM_ALIGN * VDB_DIM_ALIGN;
}

size_t
vdb_rotation_size(uint32_t padded)
{
	return sizeof(VdbRotation) + ROUNDS * (size_t) padded * sizeof(float);
}

/* Whether the halves are mixed after a round. */
static bool
mixes(const VdbRotation *rotation, int round)
{
	return round % 2 == 1 && rotation->power < rotation->padded;
}

/* First of the dimensions that the Hadamard transform of a round takes. */
static uint32_t
window(const VdbRotation *rotation, int round)
{
	return round % 2 == 0 ? 0 : rotation->padded - rotation->power;
}

void
vdb_rotation_init(VdbRotation *rotation, uint32_t padded, uint64_t seed)
{
	VdbRng rng = {seed};
	float *weight = rotation->weights;

	rotation->padded = padded;
	rotation->power = BASE;
	while (rotation->power <= padded / 2)
		rotation->power *= 2;

	for (int round = 0; round < ROUNDS; round++)
	{
		uint32_t first = window(rotation, round);
		double mix = mixes(rotation, round) ? sqrt(0.5) : 1.0;
		uint64_t bits = 0;

		for (uint32_t i = 0; i < padded; i++)
		{
			bool inside = i - first < rotation->power;
			double scale = inside ? mix / sqrt(rotation->power) : mix;

			if (i % 64 == 0)
				bits = vdb_rng_next(&rng);
			*weight++ = (float) (bits & 1 ? -scale : scale);
			bits >>= 1;
		}
	}
}

/* (a, b) = (a + b, a - b) */
static inline void
butterfly(Vec *a, Vec *b)
{
	Vec sum = *a + *b;

	*b = *a - *b;
	*a = sum;
}

/* The Hadamard transform of size four, of four vectors lane by lane. */
static inline void
butterfly4(Vec v[4])
{
	butterfly(&v[0], &v[1]);
	butterfly(&v[2], &v[3]);
	butterfly(&v[0], &v[2]);
	butterfly(&v[1], &v[3]);
}

static inline void
transpose4(Vec v[4])
{
	Vec low01 = vec_shuffle(v[0], v[1], 0, 4, 1, 5);
	Vec low23 = vec_shuffle(v[2], v[3], 0, 4, 1, 5);
	Vec high01 = vec_shuffle(v[0], v[1], 2, 6, 3, 7);
	Vec high23 = vec_shuffle(v[2], v[3], 2, 6, 3, 7);

	v[0] = vec_shuffle(low01, low23, 0, 1, 4, 5);
	v[1] = vec_shuffle(low01, low23, 2, 3, 6, 7);
	v[2] = vec_shuffle(high01, high23, 0, 1, 4, 5);
	v[3] = vec_shuffle(high01, high23, 2, 3, 6, 7);
}

static inline void
store4(float *x, uint32_t stride, const Vec v[4])
{
	vec_store(x, v[0]);
	vec_store(x + stride, v[1]);
	vec_store(x + 2 * stride, v[2]);
	vec_store(x + 3 * stride, v[3]);
}

/*
 * Apply the weights, if any, and the transform of size 16 to BASE dimensions.
 * The result stays transposed as a 4 x 4 matrix: one more permutation does a
 * random rotation no harm, and undoing it would cost as much again.
 */
static inline void
fht_base(float *x, const float *weights)
{
	Vec v[4];

	for (int i = 0; i < 4; i++)
	{
		v[i] = vec_load(x + 4 * i);
		if (weights)
			v[i] *= vec_load(weights + 4 * i);
	}
	butterfly4(v);
	transpose4(v);
	butterfly4(v);
	store4(x, 4, v);
}

/* Two levels of the transform, strides h and 2h, over n dimensions. */
static inline void
fht_step4(float *x, uint32_t n, uint32_t h)
{
	for (uint32_t block = 0; block < n; block += 4 * h)
	{
		for (uint32_t i = block; i < block + h; i += VEC_WIDTH)
		{
			Vec v[4];

			v[0] = vec_load(x + i);
			v[1] = vec_load(x + i + h);
			v[2] = vec_load(x + i + 2 * h);
			v[3] = vec_load(x + i + 3 * h);
			butterfly4(v);
			store4(x + i, h, v);
		}
	}
}

/* (a, b) = (a + b, a - b) over the halves of n dimensions. */
static inline void
mix_halves(float *x, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i += VEC_WIDTH)
	{
		Vec a = vec_load(x + i);
		Vec b = vec_load(x + n / 2 + i);

		vec_store(x + i, a + b);
		vec_store(x + n / 2 + i, a - b);
	}
}

/* The strides from BASE on, of n dimensions. */
static void
fht_strides(float *x, uint32_t n)
{
	uint32_t h = BASE;

	for (; h <= n / 4; h *= 4)
		fht_step4(x, n, h);
	if (h < n)
		mix_halves(x, n);
}

/* Weights, then the transform, not normalized, of n dimensions. */
static void
weighted_fht(float *x, const float *weights, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += BASE)
		fht_base(x + i, weights + i);
	fht_strides(x, n);
}

/* The transform without weights. */
static void
plain_fht(float *x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += BASE)
		fht_base(x + i, NULL);
	fht_strides(x, n);
}

static void
apply_weights(float *x, const float *weights, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += VEC_WIDTH)
		vec_store(x + i, vec_load(x + i) * vec_load(weights + i));
}

void
vdb_rotate(const VdbRotation *rotation, const float *in, uint32_t dim,
		   float *out)
{
	uint32_t padded = rotation->padded;
	uint32_t power = rotation->power;
	const float *weights = rotation->weights;

	memcpy(out, in, dim * sizeof(float));
	memset(out + dim, 0, (padded - dim) * sizeof(float));
	for (int round = 0; round < ROUNDS; round++, weights += padded)
	{
		uint32_t first = window(rotation, round);
		uint32_t rest = first == 0 ? power : 0;

		weighted_fht(out + first, weights + first, power);
		apply_weights(out + rest, weights + rest, padded - power);
		if (mixes(rotation, round))
			mix_halves(out, padded);
	}
}

/*
 * All steps are symmetric matrices, the transposed transform of size 16 too,
 * so the same ones in reverse order are the transpose: that is the inverse, as
 * each pair of rounds is orthonormal.
 */
void
vdb_unrotate(const VdbRotation *rotation, float *x)
{
	uint32_t padded = rotation->padded;

	for (int round = ROUNDS - 1; round >= 0; round--)
	{
		if (mixes(rotation, round))
			mix_halves(x, padded);
		plain_fht(x + window(rotation, round), rotation->power);
		apply_weights(x, rotation->weights + (size_t) round * padded, padded);
	}
}
