/*
 * kernel.h: the innermost loops, one function table per instruction set.
 *
 * Plain C: nothing here knows about PostgreSQL.  The scalar table is the
 * specification; every other table is tested against it.  Integer kernels
 * agree bit for bit, floating-point kernels up to the order of summation.
 *
 * No pointer has to be aligned beyond what its type asks: bytes may start at
 * any address.  Lengths are element counts and may be zero.
 */
#ifndef VECDB_KERNEL_H
#define VECDB_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * What is rounded by adding and taking away a great number (math/vec.h), and
 * bounds that are compared where they were computed and where they were stored,
 * need floats that have no more digits than their type.
 */
#if defined(__i386__) && !defined(__SSE2_MATH__)
#error "vecdb needs SSE2 on 32-bit x86: compile it with -msse2 -mfpmath=sse"
#endif

/* Vectors whose codes are interleaved into one group, a 32-bit lane each. */
#define VDB_GROUP 16

/* Of a query's second byte, to one of its first. */
#define VDB_FINE_STEPS 254

/* Bytes of one line of interleaved codes: VDB_GROUP lanes of four bytes. */
#define VDB_LINE 64

/* Most rows that one call of code_keys takes. */
#define VDB_GEMM_ROWS 8

typedef enum VdbLevel
{
	VDB_SCALAR,
	VDB_AVX2,		 /* AVX2, FMA and F16C */
	VDB_AVX512,		 /* AVX-512 F, BW, DQ and VL */
	VDB_AVX512_VNNI, /* the same and AVX-512 VNNI */
	VDB_NEON		 /* AArch64 */
} VdbLevel;

#define VDB_LEVELS (VDB_NEON + 1)

/*
 * Turns the integer dot product of a code into a lower bound of a distance:
 * (base + add) - gain * (scale * dot + shift), see math/rabitq.h.
 */
typedef struct VdbBound
{
	float base;
	float scale;
	float shift;
} VdbBound;

/*
 * One line of dot products against codes of a fixed width.
 *
 * "lines" holds nlines * VDB_LINE bytes.  Lane v of a line (bytes 4v to
 * 4v + 3) belongs to vector v of the group.  A line covers 32 / bits dimensions
 * of each: 16 at 2 bits, 8 at 4 bits, 4 at 8 bits; dimension
 * s * 4 + b of a line is the field of "bits" bits at shift s * bits of byte b.
 * "query" has nlines times that many signed bytes, each within -127 and 127.
 * The products are added to acc[v]; the caller sets it to zero first, and may
 * hand in a group in several pieces.
 */
typedef void (*VdbCodeDot)(const uint8_t *lines, const int8_t *query,
						   size_t nlines, int32_t acc[VDB_GROUP]);

/*
 * Rows that meet groups of 8-bit codes, as in the search for the nearest of
 * many centroids: row i, of signed bytes, against the code in lane v has
 *
 *		key = half[v] - scale[i] * gain[v] * (dot - bias[i])
 *
 * where dot is what code_dot8 gives.  Bytes are within -VDB_ROW_MAX and
 * VDB_ROW_MAX: four times a line's fields, two products still fit 16 bits.
 */
#define VDB_ROW_MAX 63

typedef struct VdbTile
{
	const int8_t *rows[VDB_GEMM_ROWS];
	float scale[VDB_GEMM_ROWS];
	float bias[VDB_GEMM_ROWS];
	float limit[VDB_GEMM_ROWS];
	size_t count; /* rows, at most VDB_GEMM_ROWS */
} VdbTile;

/*
 * Fields of 8 bits in fewer, so that the products of all lines of a screen with
 * a row fit 16 bits: field ~ VDB_NARROW_STEP * narrow.
 */
#define VDB_NARROW_STEP 8
#define VDB_NARROW_CENTER 16
#define VDB_SCREEN_LINES 16 /* at most */

static inline uint8_t
vdb_narrow_field(uint8_t field)
{
	return (field + VDB_NARROW_STEP / 2) / VDB_NARROW_STEP;
}

/*
 * What the first lines of codes say of a tile's rows: keys as above, by the
 * products of these lines alone; or by those of the narrow ones with
 *
 *		key = half[v] - scale[i] * gain[v] * VDB_NARROW_STEP * (dot + start[i])
 */
typedef struct VdbScreen
{
	size_t lines;
	const uint8_t *narrow; /* the same lines of narrow fields */
	const float *half;	   /* VDB_GROUP of them */
	float bias[VDB_GEMM_ROWS];
	int16_t start[VDB_GEMM_ROWS][2]; /* of bytes 0 and 1 of four, 2 and 3 */
	float limit[VDB_GEMM_ROWS];
} VdbScreen;

/*
 * Groups one behind the other: a line of factors, as bound_f16 takes them, and
 * somewhere behind it lines of 2-bit codes.
 */
typedef struct VdbGroups
{
	size_t stride; /* bytes from one group to the next */
	size_t codes;  /* and from a group's factors to its codes */
	size_t nlines; /* of codes; products fit in 32 bits */
	size_t ahead;  /* from a group to the one to ask for meanwhile */
} VdbGroups;

/* Groups shorter than that many bytes are asked for four ahead, others one. */
#define VDB_SHORT_GROUP 1024

/* Groups of so many lines, the first of which, "head" of them, are no codes. */
static inline VdbGroups
vdb_groups(size_t lines, size_t head)
{
	size_t stride = lines * VDB_LINE;

	return (VdbGroups){.stride = stride,
					   .codes = head * VDB_LINE,
					   .nlines = lines - head,
					   .ahead = stride < VDB_SHORT_GROUP ? 4 * stride : stride};
}

/* A range of unsigned keys, both ends included: first <= last. */
typedef struct VdbRange
{
	uint64_t first;
	uint64_t last;
} VdbRange;

/* An unsigned key of so many bytes (1, 2, 4 or 8), at any address. */
static inline uint64_t
vdb_key_load(const uint8_t *bytes, size_t width)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (width)
	{
		case 1:
			return *bytes;
		case 2:
			memcpy(&two, bytes, sizeof(two));
			return two;
		case 4:
			memcpy(&four, bytes, sizeof(four));
			return four;
		default:
			memcpy(&eight, bytes, sizeof(eight));
			return eight;
	}
}

/* The other way round, what fits of it. */
static inline void
vdb_key_store(uint8_t *bytes, size_t width, uint64_t key)
{
	uint16_t two = (uint16_t) key;
	uint32_t four = (uint32_t) key;

	switch (width)
	{
		case 1:
			*bytes = (uint8_t) key;
			break;
		case 2:
			memcpy(bytes, &two, sizeof(two));
			break;
		case 4:
			memcpy(bytes, &four, sizeof(four));
			break;
		default:
			memcpy(bytes, &key, sizeof(key));
			break;
	}
}

typedef struct VdbKernel
{
	const char *name; /* "scalar", "avx2", "avx512", ... */

	/* Sum of squared differences. */
	float (*l2sq_f32)(const float *a, const float *b, size_t n);

	/* Inner product. */
	float (*dot_f32)(const float *a, const float *b, size_t n);

	/* Sum of absolute differences. */
	float (*l1_f32)(const float *a, const float *b, size_t n);

	/* out[0] = <a, b>, out[1] = <a, a>, out[2] = <b, b>, in one pass. */
	void (*cosine_f32)(const float *a, const float *b, size_t n, float out[3]);

	/* The same sums over IEEE halves, in float. */
	float (*l2sq_f16)(const uint16_t *a, const uint16_t *b, size_t n);
	float (*dot_f16)(const uint16_t *a, const uint16_t *b, size_t n);
	float (*l1_f16)(const uint16_t *a, const uint16_t *b, size_t n);
	void (*cosine_f16)(const uint16_t *a, const uint16_t *b, size_t n,
					   float out[3]);

	/*
	 * n halves to floats and back, as vdb_f16_to_f32 and vdb_f32_to_f16, bit
	 * for bit.  Input and output do not overlap.
	 */
	void (*f16_to_f32)(const uint16_t *in, float *out, size_t n);
	void (*f32_to_f16)(const float *in, uint16_t *out, size_t n);

	/*
	 * Dot products of interleaved codes of 1, 2, 4 and 8 bits.  At 1 bit the
	 * query is of single bits, too: four bytes a line, which meet those of a
	 * lane, and what is counted are the bits that are set in both.
	 */
	VdbCodeDot code_dot1;
	VdbCodeDot code_dot2;
	VdbCodeDot code_dot4;
	VdbCodeDot code_dot8;

	/*
	 * code_dot2, while as many lines from "ahead" on are brought into the
	 * cache, which will be wanted next.  One for each that is multiplied: a
	 * processor waits for a dozen lines or so at a time, and asking for more at
	 * once holds up what comes behind.  Nothing is read of them, so "ahead"
	 * may be any address.
	 */
	void (*code_dot2_ahead)(const uint8_t *lines, const int8_t *query,
							size_t nlines, const uint8_t *ahead,
							int32_t acc[VDB_GROUP]);

	/*
	 * code_dot8 of a query in two bytes a dimension, queries[0] times
	 * VDB_FINE_STEPS and queries[1].  So much as acc[0] times VDB_FINE_STEPS
	 * and acc[1] come to grows by the product; what of it goes into which sum
	 * is not said.  "ahead" is that of code_dot2_ahead.
	 */
	void (*code_dot8_fine)(const uint8_t *lines, const int8_t *const queries[2],
						   size_t nlines, const uint8_t *ahead,
						   int32_t acc[2][VDB_GROUP]);

	/*
	 * Keys of a tile's rows against one group of 8-bit codes.  Returns a mask
	 * whose bit i is set where a key of row i is below limit[i], and writes
	 * out[i * VDB_GROUP + v] for these rows at least.  out has room for
	 * VDB_GEMM_ROWS rows.
	 */
	uint32_t (*code_keys)(const uint8_t *lines, size_t nlines,
						  const VdbTile *tile, const float *half,
						  const float *gain, float *out);

	/*
	 * The same for rows and lanes that a screen lets pass, which has at most
	 * nlines: a lane counts if its keys by the first lines, narrow and as they
	 * are, are below the row's limit there, and may count if one of them is, or
	 * that of another lane.  In rows of the mask, keys of lanes that do not
	 * count are +inf.
	 */
	uint32_t (*code_keys_screened)(const uint8_t *lines, size_t nlines,
								   const VdbTile *tile, const VdbScreen *screen,
								   const float *half, const float *gain,
								   float *out);

	/*
	 * Lower bounds of one group.  "factors" is one line: VDB_GROUP IEEE half
	 * floats "add", then VDB_GROUP halves "gain".  Writes out[v] and returns
	 * a mask whose bit v is set unless out[v] > threshold, so that a NaN is
	 * always kept.
	 */
	uint32_t (*bound_f16)(const uint8_t *factors, const int32_t acc[VDB_GROUP],
						  const VdbBound *bound, float threshold,
						  float out[VDB_GROUP]);

	/*
	 * code_dot2 and bound_f16 of n groups, in their order, up to the first one
	 * that has a bound which is not above the threshold: returns its number,
	 * with out[v] and the mask as bound_f16 has them; or n, and then out is of
	 * no use.  The group behind the current one is brought into the cache
	 * meanwhile, the last one's too; nothing is read of that.
	 */
	size_t (*code_bounds2)(const uint8_t *groups, size_t n,
						   const VdbGroups *form, const int8_t *query,
						   const VdbBound *bound, float threshold,
						   float out[VDB_GROUP], uint32_t *mask);

	/* Bits in which n bytes differ. */
	uint64_t (*hamming)(const uint8_t *a, const uint8_t *b, size_t n);

	/*
	 * Bits that are set among n bytes, in one pass: out[0] in both, out[1] in
	 * a, out[2] in b.
	 */
	void (*bit_counts)(const uint8_t *a, const uint8_t *b, size_t n,
					   uint64_t out[3]);

	/*
	 * VDB_GROUP unsigned keys of "width" bytes each (1, 2, 4 or 8), in the
	 * machine's order, against n ranges whose ends fit that width.  Bit v of
	 * the mask is set where one of the ranges has key v.
	 */
	uint32_t (*keys_in_ranges)(const uint8_t *keys, size_t width,
							   const VdbRange *ranges, size_t n);
} VdbKernel;

/*
 * The table in use: the best one that this CPU runs, chosen at the first
 * call, or what vdb_kernel_limit() left.
 */
extern const VdbKernel *vdb_kernel(void);

/* The table of a level, or NULL where this build or this CPU lacks it. */
extern const VdbKernel *vdb_kernel_at(VdbLevel level);

/*
 * Use the best available level that is not above "level" (VDB_NEON stands
 * above VDB_SCALAR only).  Never fails: the scalar table is always there.
 */
extern void vdb_kernel_limit(VdbLevel level);

/* IEEE half from and to float; scalar, round to nearest even. */
extern float vdb_f16_to_f32(uint16_t half);
extern uint16_t vdb_f32_to_f16(float value);

/* The greatest half that is not above the value; NaN and -inf give -inf. */
extern uint16_t vdb_f32_to_f16_floor(float value);

#endif /* VECDB_KERNEL_H */
