/*
 * scalar.c: the kernels as obvious loops, for every processor.
 *
 * They are the specification of kernel.h in C: the other instruction sets are
 * tested against them, so clarity comes before speed here.
 */
#include <math.h>
#include <string.h>

#include "kernel/levels.h"

static float
l2sq_f32_scalar(const float *a, const float *b, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		float diff = a[i] - b[i];

		sum += diff * diff;
	}
	return sum;
}

static float
dot_f32_scalar(const float *a, const float *b, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static float
l1_f32_scalar(const float *a, const float *b, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += fabsf(a[i] - b[i]);
	return sum;
}

static void
cosine_f32_scalar(const float *a, const float *b, size_t n, float out[3])
{
	float ab = 0;
	float aa = 0;
	float bb = 0;

	for (size_t i = 0; i < n; i++)
	{
		ab += a[i] * b[i];
		aa += a[i] * a[i];
		bb += b[i] * b[i];
	}
	out[0] = ab;
	out[1] = aa;
	out[2] = bb;
}

static float
l2sq_f16_scalar(const uint16_t *a, const uint16_t *b, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		float diff = vdb_f16_to_f32(a[i]) - vdb_f16_to_f32(b[i]);

		sum += diff * diff;
	}
	return sum;
}

static float
dot_f16_scalar(const uint16_t *a, const uint16_t *b, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += vdb_f16_to_f32(a[i]) * vdb_f16_to_f32(b[i]);
	return sum;
}

static float
l1_f16_scalar(const uint16_t *a, const uint16_t *b, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += fabsf(vdb_f16_to_f32(a[i]) - vdb_f16_to_f32(b[i]));
	return sum;
}

static void
cosine_f16_scalar(const uint16_t *a, const uint16_t *b, size_t n, float out[3])
{
	float ab = 0;
	float aa = 0;
	float bb = 0;

	for (size_t i = 0; i < n; i++)
	{
		float x = vdb_f16_to_f32(a[i]);
		float y = vdb_f16_to_f32(b[i]);

		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	out[0] = ab;
	out[1] = aa;
	out[2] = bb;
}

static void
f16_to_f32_scalar(const uint16_t *in, float *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = vdb_f16_to_f32(in[i]);
}

static void
f32_to_f16_scalar(const float *in, uint16_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = vdb_f32_to_f16(in[i]);
}

static void
code_dot_scalar(const uint8_t *lines, const int8_t *query, size_t nlines,
				int32_t acc[VDB_GROUP], int bits)
{
	int fields = 8 / bits;
	int mask = (1 << bits) - 1;

	for (size_t line = 0; line < nlines; line++)
	{
		for (int v = 0; v < VDB_GROUP; v++)
			for (int s = 0; s < fields; s++)
				for (int b = 0; b < 4; b++)
					acc[v] += ((lines[v * 4 + b] >> (s * bits)) & mask) *
							  query[s * 4 + b];
		lines += VDB_LINE;
		query += fields * 4;
	}
}

static void
code_dot2_scalar(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	code_dot_scalar(lines, query, nlines, acc, 2);
}

static void
code_dot4_scalar(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	code_dot_scalar(lines, query, nlines, acc, 4);
}

static void
code_dot8_scalar(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	code_dot_scalar(lines, query, nlines, acc, 8);
}

VDB_CODES_BY_PARTS(static, scalar)

VDB_KEYS_BY_ROW(static, scalar)

static uint32_t
bound_f16_scalar(const uint8_t *factors, const int32_t acc[VDB_GROUP],
				 const VdbBound *bound, float threshold, float out[VDB_GROUP])
{
	uint16_t add[VDB_GROUP];
	uint16_t gain[VDB_GROUP];
	uint32_t keep = 0;

	memcpy(add, factors, sizeof(add));
	memcpy(gain, factors + sizeof(add), sizeof(gain));
	for (int v = 0; v < VDB_GROUP; v++)
	{
		float inner = bound->scale * (float) acc[v] + bound->shift;

		out[v] = (bound->base + vdb_f16_to_f32(add[v])) -
				 vdb_f16_to_f32(gain[v]) * inner;
		if (!(out[v] > threshold))
			keep |= (uint32_t) 1 << v;
	}
	return keep;
}

VDB_BOUNDS_BY_PARTS(static, scalar, scalar)

/* Eight bytes, or as many as there are. */
static uint64_t
load_word(const uint8_t *bytes, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, bytes, n < sizeof(word) ? n : sizeof(word));
	return word;
}

static void
code_dot1_scalar(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	for (size_t line = 0; line < nlines; line++)
		for (int v = 0; v < VDB_GROUP; v++)
			for (int b = 0; b < 4; b++)
				acc[v] +=
					__builtin_popcount(lines[line * VDB_LINE + v * 4 + b] &
									   (uint8_t) query[line * 4 + b]);
}

static uint64_t
hamming_scalar(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i += sizeof(uint64_t))
		count += (uint64_t) __builtin_popcountll(load_word(a + i, n - i) ^
												 load_word(b + i, n - i));
	return count;
}

static void
bit_counts_scalar(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3])
{
	out[0] = out[1] = out[2] = 0;
	for (size_t i = 0; i < n; i += sizeof(uint64_t))
	{
		uint64_t x = load_word(a + i, n - i);
		uint64_t y = load_word(b + i, n - i);

		out[0] += (uint64_t) __builtin_popcountll(x & y);
		out[1] += (uint64_t) __builtin_popcountll(x);
		out[2] += (uint64_t) __builtin_popcountll(y);
	}
}

static uint32_t
keys_in_ranges_scalar(const uint8_t *keys, size_t width, const VdbRange *ranges,
					  size_t n)
{
	uint32_t mask = 0;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		uint64_t key = vdb_key_load(keys + v * width, width);

		for (size_t i = 0; i < n; i++)
			if (key >= ranges[i].first && key <= ranges[i].last)
				mask |= (uint32_t) 1 << v;
	}
	return mask;
}

const VdbKernel vdb_kernel_scalar = {
	.name = "scalar",
	VDB_FLOAT_ROWS(scalar),
	VDB_CODE_ROWS(scalar),
	.bound_f16 = bound_f16_scalar,
	VDB_BIT_ROWS(scalar),
	.keys_in_ranges = keys_in_ranges_scalar,
};
