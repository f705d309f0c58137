/*
 * neon_floats.c: sums over pairs of floats and halves, and conversions, in
 * NEON.
 */
#include "kernel/neon.h"

#ifdef VDB_ARM

VDB_INLINE float
sum16(const float32x4_t sum[4])
{
	return vaddvq_f32(
		vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
}

/* The elements from i on, of floats or halves: "width" is a constant. */
VDB_INLINE float32x4_t
load(const void *x, size_t i, size_t width)
{
	if (width == sizeof(uint16_t))
		return load_f16((const uint16_t *) x + i);
	return vld1q_f32((const float *) x + i);
}

/* No more than n < 4 of them, the others zero and not read. */
VDB_INLINE float32x4_t
load_first(const void *x, size_t i, size_t n, size_t width)
{
	float some[4] = {0};

	memcpy(some, (const char *) x + i * width, n * width);
	return load(some, 0, width);
}

VDB_INLINE float32x4_t
add_l2sq(float32x4_t sum, float32x4_t a, float32x4_t b)
{
	float32x4_t diff = vsubq_f32(a, b);

	return vfmaq_f32(sum, diff, diff);
}

VDB_INLINE float32x4_t
add_dot(float32x4_t sum, float32x4_t a, float32x4_t b)
{
	return vfmaq_f32(sum, a, b);
}

VDB_INLINE float32x4_t
add_l1(float32x4_t sum, float32x4_t a, float32x4_t b)
{
	return vaddq_f32(sum, vabdq_f32(a, b));
}

typedef float32x4_t (*AddTerm)(float32x4_t sum, float32x4_t a, float32x4_t b);

/* The one loop of the sums over pairs; "add" is a constant and vanishes. */
VDB_INLINE float
sum_pairs(const void *a, const void *b, size_t n, size_t width, AddTerm add)
{
	float32x4_t sum[4];
	size_t i = 0;

	sum[0] = sum[1] = sum[2] = sum[3] = vdupq_n_f32(0);
	for (; i + 16 <= n; i += 16)
	{
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			sum[j] = add(sum[j], load(a, i + j * 4, width),
						 load(b, i + j * 4, width));
	}
	for (; i + 4 <= n; i += 4)
		sum[0] = add(sum[0], load(a, i, width), load(b, i, width));
	if (i < n)
		sum[1] = add(sum[1], load_first(a, i, n - i, width),
					 load_first(b, i, n - i, width));
	return sum16(sum);
}

VDB_INLINE void
add_cosine(float32x4_t sum[3], float32x4_t a, float32x4_t b)
{
	sum[0] = vfmaq_f32(sum[0], a, b);
	sum[1] = vfmaq_f32(sum[1], a, a);
	sum[2] = vfmaq_f32(sum[2], b, b);
}

VDB_INLINE void
sum_cosine(const void *a, const void *b, size_t n, size_t width, float out[3])
{
	float32x4_t even[3];
	float32x4_t odd[3];
	size_t i = 0;

	even[0] = even[1] = even[2] = vdupq_n_f32(0);
	odd[0] = odd[1] = odd[2] = vdupq_n_f32(0);
	for (; i + 8 <= n; i += 8)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		add_cosine(odd, load(a, i + 4, width), load(b, i + 4, width));
	}
	if (i + 4 <= n)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		i += 4;
	}
	if (i < n)
		add_cosine(odd, load_first(a, i, n - i, width),
				   load_first(b, i, n - i, width));
	VDB_UNROLL
	for (int j = 0; j < 3; j++)
		out[j] = vaddvq_f32(vaddq_f32(even[j], odd[j]));
}

VDB_PAIR_SUMS(, neon)

void
f16_to_f32_neon(const uint16_t *in, float *out, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(out + i, load_f16(in + i));
	for (; i < n; i++)
		out[i] = vdb_f16_to_f32(in[i]);
}

void
f32_to_f16_neon(const float *in, uint16_t *out, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1_u16(out + i,
				 vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(in + i))));
	for (; i < n; i++)
		out[i] = vdb_f32_to_f16(in[i]);
}

#endif /* VDB_ARM */
