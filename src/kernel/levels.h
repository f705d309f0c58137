/*
 * levels.h: the tables of the instruction sets, for dispatch.c alone.
 *
 * VDB_X86 and VDB_ARM say which of them this build has.  A file of another
 * processor compiles to nothing.
 */
#ifndef VECDB_LEVELS_H
#define VECDB_LEVELS_H

#include "kernel/kernel.h"

#if defined(__x86_64__)
#define VDB_X86 1
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define VDB_ARM 1
#endif

/*
 * SDOT needs an attribute on the function and intrinsics that heed it; clang
 * hides them behind the command line's -march before version 16.
 */
#if defined(VDB_ARM) && (!defined(__clang__) || __clang_major__ >= 16 ||       \
						 defined(__ARM_FEATURE_DOTPROD))
#define VDB_ARM_DOTPROD 1
#endif

/*
 * In front of a loop over an array of vector registers: without unrolling
 * the array would live in memory, and gcc -O2 does not unroll by itself.
 */
#if defined(__clang__)
#define VDB_UNROLL _Pragma("unroll")
#else
#define VDB_UNROLL _Pragma("GCC unroll 16")
#endif

/* A helper that has to vanish into a function of the same target. */
#define VDB_INLINE static inline __attribute__((always_inline))

/*
 * Kernels that a file makes for the table of its level, which is in another
 * one; nobody beyond the library sees them.
 */
#define VDB_KERNEL(kernel, level)                                              \
	extern __attribute__((                                                     \
		visibility("hidden"))) __typeof__(*((const VdbKernel *) 0)             \
											   ->kernel) kernel##_##level;

#define VDB_FLOAT_KERNELS(level)                                               \
	VDB_KERNEL(l2sq_f32, level)                                                \
	VDB_KERNEL(dot_f32, level)                                                 \
	VDB_KERNEL(l1_f32, level)                                                  \
	VDB_KERNEL(cosine_f32, level)                                              \
	VDB_KERNEL(l2sq_f16, level)                                                \
	VDB_KERNEL(dot_f16, level)                                                 \
	VDB_KERNEL(l1_f16, level)                                                  \
	VDB_KERNEL(cosine_f16, level)                                              \
	VDB_KERNEL(f16_to_f32, level)                                              \
	VDB_KERNEL(f32_to_f16, level)

#define VDB_CODE_KERNELS(level)                                                \
	VDB_KERNEL(code_dot2, level)                                               \
	VDB_KERNEL(code_dot4, level)                                               \
	VDB_KERNEL(code_dot8, level)                                               \
	VDB_KERNEL(code_dot2_ahead, level)                                         \
	VDB_KERNEL(code_dot8_fine, level)                                          \
	VDB_KERNEL(code_bounds2, level)                                            \
	VDB_KERNEL(code_keys, level)                                               \
	VDB_KERNEL(code_keys_screened, level)

#define VDB_BIT_KERNELS(level)                                                 \
	VDB_KERNEL(code_dot1, level)                                               \
	VDB_KERNEL(hamming, level)                                                 \
	VDB_KERNEL(bit_counts, level)

/*
 * A level's sums over pairs of floats and of halves, from its loops: sum_pairs
 * with add_l2sq, add_dot and add_l1, and sum_cosine, which take the width of an
 * element.
 */
#define VDB_PAIR_SUMS(target, level)                                           \
	VDB_PAIR_SUMS_OF(target, level, f32, float)                                \
	VDB_PAIR_SUMS_OF(target, level, f16, uint16_t)

#define VDB_PAIR_SUMS_OF(target, level, element, type)                         \
	VDB_PAIR_SUM(target, level, element, type, l2sq)                           \
	VDB_PAIR_SUM(target, level, element, type, dot)                            \
	VDB_PAIR_SUM(target, level, element, type, l1)                             \
	target void cosine_##element##_##level(const type *a, const type *b,       \
										   size_t n, float out[3])             \
	{                                                                          \
		sum_cosine(a, b, n, sizeof(type), out);                                \
	}

#define VDB_PAIR_SUM(target, level, element, type, sum)                        \
	target float sum##_##element##_##level(const type *a, const type *b,       \
										   size_t n)                           \
	{                                                                          \
		return sum_pairs(a, b, n, sizeof(type), add_##sum);                    \
	}

/* The places of kernels in a level's table. */
#define VDB_FLOAT_ROWS(level)                                                  \
	.l2sq_f32 = l2sq_f32_##level, .dot_f32 = dot_f32_##level,                  \
	.l1_f32 = l1_f32_##level, .cosine_f32 = cosine_f32_##level,                \
	.l2sq_f16 = l2sq_f16_##level, .dot_f16 = dot_f16_##level,                  \
	.l1_f16 = l1_f16_##level, .cosine_f16 = cosine_f16_##level,                \
	.f16_to_f32 = f16_to_f32_##level, .f32_to_f16 = f32_to_f16_##level

#define VDB_CODE_ROWS(level)                                                   \
	.code_dot2 = code_dot2_##level, .code_dot4 = code_dot4_##level,            \
	.code_dot8 = code_dot8_##level,                                            \
	.code_dot2_ahead = code_dot2_ahead_##level,                                \
	.code_dot8_fine = code_dot8_fine_##level,                                  \
	.code_bounds2 = code_bounds2_##level, .code_keys = code_keys_##level,      \
	.code_keys_screened = code_keys_screened_##level

#define VDB_BIT_ROWS(level)                                                    \
	.code_dot1 = code_dot1_##level, .hamming = hamming_##level,                \
	.bit_counts = bit_counts_##level

/*
 * A level's keys_in_ranges, from its in_range1 to in_range8, which give the
 * mask of one range for keys of so many bytes.
 */
#define VDB_KEYS_IN_RANGES(name)                                               \
	uint32_t name(const uint8_t *keys, size_t width, const VdbRange *ranges,   \
				  size_t n)                                                    \
	{                                                                          \
		uint32_t mask = 0;                                                     \
                                                                               \
		for (size_t i = 0; i < n; i++)                                         \
			mask |= width == 1	 ? in_range1(keys, &ranges[i])                 \
					: width == 2 ? in_range2(keys, &ranges[i])                 \
					: width == 4 ? in_range4(keys, &ranges[i])                 \
								 : in_range8(keys, &ranges[i]);                \
		return mask;                                                           \
	}

extern const VdbKernel vdb_kernel_scalar;

/* Ask for so many lines at once. */
VDB_INLINE void
touch_ahead(const uint8_t *ahead, size_t nlines)
{
	for (size_t line = 0; line < nlines; line++)
		__builtin_prefetch(ahead + line * VDB_LINE);
}

/* code_dot2_ahead by a level's own code_dot2: all lines are asked for first. */
VDB_INLINE void
code_dot2_touched(VdbCodeDot code_dot2, const uint8_t *lines,
				  const int8_t *query, size_t nlines, const uint8_t *ahead,
				  int32_t acc[VDB_GROUP])
{
	touch_ahead(ahead, nlines);
	code_dot2(lines, query, nlines, acc);
}

/* code_dot8_fine by a level's own code_dot8, one byte after the other. */
VDB_INLINE void
code_dot8_by_query(VdbCodeDot code_dot8, const uint8_t *lines,
				   const int8_t *const queries[2], size_t nlines,
				   const uint8_t *ahead, int32_t acc[2][VDB_GROUP])
{
	touch_ahead(ahead, nlines);
	for (int i = 0; i < 2; i++)
		code_dot8(lines, queries[i], nlines, acc[i]);
}

/*
 * Both kernels of a level that has no better ones; "linkage" is static, or
 * nothing where the table is in another file.
 */
#define VDB_CODES_BY_PARTS(linkage, level)                                     \
	linkage void code_dot2_ahead_##level(                                      \
		const uint8_t *lines, const int8_t *query, size_t nlines,              \
		const uint8_t *ahead, int32_t acc[VDB_GROUP])                          \
	{                                                                          \
		code_dot2_touched(code_dot2_##level, lines, query, nlines, ahead,      \
						  acc);                                                \
	}                                                                          \
	linkage void code_dot8_fine_##level(                                       \
		const uint8_t *lines, const int8_t *const queries[2], size_t nlines,   \
		const uint8_t *ahead, int32_t acc[2][VDB_GROUP])                       \
	{                                                                          \
		code_dot8_by_query(code_dot8_##level, lines, queries, nlines, ahead,   \
						   acc);                                               \
	}

/*
 * A level's code_bounds2, from two functions of one group: dots2(lines, query,
 * nlines, ahead), whose lines from "ahead" on are asked for, and what makes of
 * its result the bounds and their mask, as bound_f16 does.
 */
#define VDB_CODE_BOUNDS2(target, level, dots2, bounds_of)                      \
	target size_t code_bounds2_##level(                                        \
		const uint8_t *groups, size_t n, const VdbGroups *form,                \
		const int8_t *query, const VdbBound *bound, float threshold,           \
		float out[VDB_GROUP], uint32_t *mask)                                  \
	{                                                                          \
		for (size_t i = 0; i < n; i++)                                         \
		{                                                                      \
			const uint8_t *group = groups + i * form->stride;                  \
			const uint8_t *ahead = group + form->ahead;                        \
                                                                               \
			__builtin_prefetch(ahead);                                         \
			*mask = bounds_of(group,                                           \
							  dots2(group + form->codes, query, form->nlines,  \
									ahead + form->codes),                      \
							  bound, threshold, out);                          \
			if (*mask != 0)                                                    \
				return i;                                                      \
		}                                                                      \
		return n;                                                              \
	}

/* The products of a group with one query. */
typedef struct VdbDots
{
	int32_t acc[VDB_GROUP];
} VdbDots;

/* The same by the kernels of one group that a level has. */
#define VDB_BOUNDS_BY_PARTS(linkage, level, bounds_level)                      \
	static VdbDots dots2_##level(const uint8_t *lines, const int8_t *query,    \
								 size_t nlines, const uint8_t *ahead)          \
	{                                                                          \
		VdbDots dots = {{0}};                                                  \
                                                                               \
		code_dot2_ahead_##level(lines, query, nlines, ahead, dots.acc);        \
		return dots;                                                           \
	}                                                                          \
	static uint32_t bounds_of_##level(const uint8_t *factors, VdbDots dots,    \
									  const VdbBound *bound, float threshold,  \
									  float out[VDB_GROUP])                    \
	{                                                                          \
		return bound_f16_##bounds_level(factors, dots.acc, bound, threshold,   \
										out);                                  \
	}                                                                          \
	VDB_CODE_BOUNDS2(linkage, level, dots2_##level, bounds_of_##level)

/* The keys of a row from its products; whether one is below the limit. */
VDB_INLINE uint32_t
row_keys(const int32_t acc[VDB_GROUP], float scale, float bias, float limit,
		 const float *half, const float *gain, float out[VDB_GROUP])
{
	uint32_t below = 0;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		float inner = scale * gain[v] * ((float) acc[v] - bias);

		out[v] = half[v] - inner;
		below |= out[v] < limit;
	}
	return below;
}

/* code_keys by a level's own code_dot8, row by row. */
VDB_INLINE uint32_t
code_keys_by_row(VdbCodeDot code_dot8, const uint8_t *lines, size_t nlines,
				 const VdbTile *tile, const float *half, const float *gain,
				 float *out)
{
	uint32_t below = 0;

	for (size_t i = 0; i < tile->count; i++)
	{
		int32_t acc[VDB_GROUP] = {0};

		code_dot8(lines, tile->rows[i], nlines, acc);
		below |= row_keys(acc, tile->scale[i], tile->bias[i], tile->limit[i],
						  half, gain, out + i * VDB_GROUP)
				 << i;
	}
	return below;
}

/* The same of code_keys_screened; other lanes count where one of them does. */
VDB_INLINE uint32_t
code_keys_screened_by_row(VdbCodeDot code_dot8, const uint8_t *lines,
						  size_t nlines, const VdbTile *tile,
						  const VdbScreen *screen, const float *half,
						  const float *gain, float *out)
{
	size_t first = screen->lines;
	uint32_t below = 0;

	for (size_t i = 0; i < tile->count; i++)
	{
		int32_t acc[VDB_GROUP] = {0};
		float *keys = out + i * VDB_GROUP;

		code_dot8(lines, tile->rows[i], first, acc);
		if (row_keys(acc, tile->scale[i], screen->bias[i], screen->limit[i],
					 screen->half, gain, keys) == 0)
			continue;
		code_dot8(lines + first * VDB_LINE, tile->rows[i] + first * 4,
				  nlines - first, acc);
		below |= row_keys(acc, tile->scale[i], tile->bias[i], tile->limit[i],
						  half, gain, keys)
				 << i;
	}
	return below;
}

/* Both kernels of a level by its own code_dot8. */
#define VDB_KEYS_BY_ROW(linkage, level)                                        \
	linkage uint32_t code_keys_##level(const uint8_t *lines, size_t nlines,    \
									   const VdbTile *tile, const float *half, \
									   const float *gain, float *out)          \
	{                                                                          \
		return code_keys_by_row(code_dot8_##level, lines, nlines, tile, half,  \
								gain, out);                                    \
	}                                                                          \
	linkage uint32_t code_keys_screened_##level(                               \
		const uint8_t *lines, size_t nlines, const VdbTile *tile,              \
		const VdbScreen *screen, const float *half, const float *gain,         \
		float *out)                                                            \
	{                                                                          \
		return code_keys_screened_by_row(code_dot8_##level, lines, nlines,     \
										 tile, screen, half, gain, out);       \
	}

#ifdef VDB_X86
extern const VdbKernel vdb_kernel_avx2;
extern const VdbKernel vdb_kernel_avx512;
extern const VdbKernel vdb_kernel_avx512_vnni;
extern uint32_t vdb_keys_in_ranges_avx2(const uint8_t *keys, size_t width,
										const VdbRange *ranges, size_t n);
extern uint32_t vdb_keys_in_ranges_avx512(const uint8_t *keys, size_t width,
										  const VdbRange *ranges, size_t n);
#endif

#ifdef VDB_ARM
extern const VdbKernel vdb_kernel_neon;
extern uint32_t vdb_keys_in_ranges_neon(const uint8_t *keys, size_t width,
										const VdbRange *ranges, size_t n);
#ifdef VDB_ARM_DOTPROD
extern const VdbKernel vdb_kernel_neon_dotprod;
#endif
#endif

#endif /* VECDB_LEVELS_H */
