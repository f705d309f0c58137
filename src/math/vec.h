/*
 * vec.h: four floats at a time in portable C.
 *
 * GCC's and Clang's vector extension, which becomes SSE2 or NEON without any
 * target attribute and without a function per instruction set: enough for
 * what runs once a vector (rotation, encoding), as opposed to once a code.
 * Only operations that GCC 5 has are used, so conversions between float and
 * integer go through the bits of a float (see VEC_ROUND).
 */
#ifndef VECDB_VEC_H
#define VECDB_VEC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define VEC_WIDTH 4

typedef float Vec __attribute__((vector_size(16)));
typedef int32_t VecInt __attribute__((vector_size(16)));

/*
 * Added to a float t with |t| < 2^22 this rounds it to an integer, to even on
 * a tie, and leaves that integer in the low bits: in the binade of 2^23 the
 * last place is worth one.  The half of 2^23 makes room for negative ones.
 */
#define VEC_ROUND 12582912.0f /* 1.5 * 2^23 */

#define VEC_SIGN_BIT ((int32_t) 0x80000000)

#ifdef __clang__
#define vec_shuffle(a, b, i, j, k, l)                                          \
	__builtin_shufflevector((a), (b), (i), (j), (k), (l))
#else
#define vec_shuffle(a, b, i, j, k, l)                                          \
	__builtin_shuffle((a), (b), (VecInt){(i), (j), (k), (l)})
#endif

static inline Vec
vec_load(const float *from)
{
	Vec v;

	memcpy(&v, from, sizeof(v));
	return v;
}

static inline void
vec_store(float *to, Vec v)
{
	memcpy(to, &v, sizeof(v));
}

static inline Vec
vec_all(float x)
{
	return (Vec){x, x, x, x};
}

static inline VecInt
vec_all_int(int32_t x)
{
	return (VecInt){x, x, x, x};
}

static inline Vec
vec_abs(Vec v)
{
	return (Vec) ((VecInt) v & ~vec_all_int(VEC_SIGN_BIT));
}

/* Lane by lane: where the mask is set a, else b. */
static inline Vec
vec_choose(VecInt mask, Vec a, Vec b)
{
	return (Vec) ((mask & (VecInt) a) | (~mask & (VecInt) b));
}

/* A NaN in a is dropped for b. */
static inline Vec
vec_min(Vec a, Vec b)
{
	return vec_choose(a < b, a, b);
}

static inline Vec
vec_max(Vec a, Vec b)
{
	return vec_choose(a > b, a, b);
}

static inline float
vec_sum(Vec v)
{
	return (v[0] + v[2]) + (v[1] + v[3]);
}

/*
 * The squared norm, not finite if r is not, and the greatest magnitude; dim is
 * a multiple of eight.
 */
static inline void
vec_measure(const float *r, uint32_t dim, float *norm2, float *greatest)
{
	Vec sum0 = vec_all(0);
	Vec sum1 = vec_all(0);
	Vec most = vec_all(0);

	for (uint32_t i = 0; i < dim; i += 2 * VEC_WIDTH)
	{
		Vec a = vec_load(r + i);
		Vec b = vec_load(r + i + VEC_WIDTH);

		sum0 += a * a;
		sum1 += b * b;
		most = vec_max(vec_max(vec_abs(a), vec_abs(b)), most);
	}
	*norm2 = vec_sum(sum0 + sum1);
	*greatest = fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3]));
}

#endif /* VECDB_VEC_H */
