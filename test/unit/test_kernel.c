/*
 * test_kernel.c: every instruction set that this processor has, against the
 * definitions in kernel.h.
 *
 * Sums of small integers are exact in any order, so an element dropped or
 * counted twice shows at any length; sums of random reals may differ from the
 * scalar kernel by rounding.  All inputs end where a page without
 * access begins: reading one byte too many ends the program.
 *
 *		test_kernel [seed]
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "kernel/kernel.h"

#define LONGEST 16000	 /* dimensions that a vector may have */
#define MANY_LINES 20000 /* more than 32 bits hold in place */

/* An area of memory whose end is the start of a page without access. */
typedef struct Area
{
	uint8_t *end;
	size_t size;
} Area;

static Area area_a;
static Area area_b;
static uint64_t seed = 20260611;
static uint64_t state;

/* xorshift64*: the tests shall not change with the C library. */
static uint32_t
rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t) ((state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static int
rnd_between(int low, int high)
{
	return low + (int) (rnd() % (uint32_t) (high - low + 1));
}

/* Uniform within -1 and 1. */
static float
rnd_float(void)
{
	return (float) ((int32_t) rnd() * 0x1p-31);
}

static Area
area_make(size_t size)
{
	size_t page = (size_t) sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) / page * page;
	Area area;
	uint8_t *start = mmap(NULL, whole + page, PROT_READ | PROT_WRITE,
						  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + whole, page, PROT_NONE) != 0)
	{
		perror("mmap");
		exit(2);
	}
	area.end = start + whole;
	area.size = whole;
	return area;
}

static bool
same(float x, float y)
{
	return x == y || (isnan(x) && isnan(y));
}

/*
 * The sums over pairs
 */

enum
{
	L2SQ,
	DOT,
	L1,
	COSINE_AB,
	COSINE_AA,
	COSINE_BB,
	SUMS
};

static const char *const sum_names[SUMS] = {
	"l2sq", "dot", "l1", "cosine ab", "cosine aa", "cosine bb"};

typedef enum Element
{
	F32,
	F16,
	ELEMENTS
} Element;

static const char *const element_names[ELEMENTS] = {"f32", "f16"};

/* The vectors of a test, which are put into the areas as floats or halves. */
static float a[LONGEST];
static float b[LONGEST];

/*
 * Put x so that "behind" elements' room follows; the alignment varies with n.
 * As a half, x is rounded first.
 */
static const void *
put(Area area, Element element, float *x, size_t n, size_t behind)
{
	uint16_t *halves = (uint16_t *) area.end - n - behind;
	float *floats = (float *) area.end - n - behind;

	if (element == F32)
		return memcpy(floats, x, n * sizeof(float));
	for (size_t i = 0; i < n; i++)
	{
		halves[i] = vdb_f32_to_f16(x[i]);
		x[i] = vdb_f16_to_f32(halves[i]);
	}
	return halves;
}

/* The sums of a and b, with some room behind them. */
static void
sums_behind(const VdbKernel *kernel, Element element, size_t n, size_t behind,
			float sums[SUMS])
{
	const void *x = put(area_a, element, a, n, behind);
	const void *y = put(area_b, element, b, n, behind * 2);

	if (element == F32)
	{
		sums[L2SQ] = kernel->l2sq_f32(x, y, n);
		sums[DOT] = kernel->dot_f32(x, y, n);
		sums[L1] = kernel->l1_f32(x, y, n);
		kernel->cosine_f32(x, y, n, sums + COSINE_AB);
	}
	else
	{
		sums[L2SQ] = kernel->l2sq_f16(x, y, n);
		sums[DOT] = kernel->dot_f16(x, y, n);
		sums[L1] = kernel->l1_f16(x, y, n);
		kernel->cosine_f16(x, y, n, sums + COSINE_AB);
	}
}

static void
sums_of(const VdbKernel *kernel, Element element, size_t n, float sums[SUMS])
{
	sums_behind(kernel, element, n, 0, sums);
}

/* The sums in double, and the sums of the terms' absolute values. */
static void
sums_exact(size_t n, double sums[SUMS], double sizes[SUMS])
{
	memset(sums, 0, SUMS * sizeof(double));
	memset(sizes, 0, SUMS * sizeof(double));
	for (size_t i = 0; i < n; i++)
	{
		double x = a[i];
		double y = b[i];
		double terms[SUMS] = {
			(x - y) * (x - y), x * y, fabs(x - y), x * y, x * x, y * y};

		for (int j = 0; j < SUMS; j++)
		{
			sums[j] += terms[j];
			sizes[j] += fabs(terms[j]);
		}
	}
}

/* Lengths up to 130, then those that are common or the longest. */
static size_t
next_length(size_t n)
{
	static const size_t lengths[] = {768, 1536, 2000, 15999, LONGEST};

	if (n < 130)
		return n + 1;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (lengths[i] > n)
			return lengths[i];
	return LONGEST + 1;
}

static void
test_sums_integers(const VdbKernel *kernel, Element element)
{
	check_begin("%s: sums of integers are exact in %s", kernel->name,
				element_names[element]);
	for (size_t n = 0; n <= LONGEST; n = next_length(n))
	{
		float got[SUMS];
		double want[SUMS];
		double sizes[SUMS];

		for (size_t i = 0; i < n; i++)
		{
			a[i] = (float) rnd_between(-8, 8);
			b[i] = (float) rnd_between(-8, 8);
		}
		sums_of(kernel, element, n, got);
		sums_exact(n, want, sizes);
		for (int j = 0; j < SUMS; j++)
			check_that(got[j] == want[j], "%s of %zu: %g, not %g", sum_names[j],
					   n, got[j], want[j]);
	}
	check_end();
}

/*
 * An error of half a unit for each addition that a term may pass through is
 * the worst case; with random signs, sums of n come nowhere near a tenth.
 */
static void
test_sums_reals(const VdbKernel *kernel, Element element)
{
	const VdbKernel *scalar = vdb_kernel_at(VDB_SCALAR);

	check_begin("%s: sums of reals agree with scalar in %s", kernel->name,
				element_names[element]);
	for (size_t n = 0; n <= LONGEST; n = next_length(n))
	{
		/* not at the end, and at all alignments that an element may have */
		size_t behind = rnd() % 32;
		float got[SUMS];
		float plain[SUMS];
		double exact[SUMS];
		double sizes[SUMS];

		for (size_t i = 0; i < n; i++)
		{
			a[i] = rnd_float();
			b[i] = rnd_float();
		}
		sums_behind(kernel, element, n, behind, got);
		sums_behind(scalar, element, n, behind, plain);
		sums_exact(n, exact, sizes);
		for (int j = 0; j < SUMS; j++)
		{
			double slack = ((double) n / 20 + 4) * FLT_EPSILON * sizes[j];

			check_that(fabs(got[j] - exact[j]) <= slack &&
						   fabs((double) got[j] - plain[j]) <= 2 * slack,
					   "%s of %zu: %.9g, scalar %.9g, exact %.9g", sum_names[j],
					   n, got[j], plain[j], exact[j]);
		}
	}
	check_end();
}

/* Both vectors constant: all kernels have the same, known answers. */
static void
check_constant(const VdbKernel *kernel, Element element, size_t n, float x,
			   float y)
{
	const VdbKernel *scalar = vdb_kernel_at(VDB_SCALAR);
	float got[SUMS];
	float want[SUMS];

	for (size_t i = 0; i < n; i++)
	{
		a[i] = x;
		b[i] = y;
	}
	sums_of(kernel, element, n, got);
	sums_of(scalar, element, n, want);
	for (int j = 0; j < SUMS; j++)
		check_that(same(got[j], want[j]), "%s of %zu times %g, %g: %g, not %g",
				   sum_names[j], n, x, y, got[j], want[j]);
}

static void
test_sums_extremes(const VdbKernel *kernel, Element element)
{
	static const float pairs[][2] = {
		{0, 0},
		{0.0f, -0.0f},
		{-0.0f, -0.0f},
		{3e38f, -3e38f},
		{3e38f, 3e38f},
		{0x1p100f, 0x1p100f},
		{-0x1p100f, 0x1p100f},
		{INFINITY, 1},
		{1, -INFINITY},
		{INFINITY, INFINITY},
		{INFINITY, -INFINITY},
		{INFINITY, 0},
		{NAN, 1},
		{1, NAN},
		/* subnormal: differences are exact, squares vanish */
		{0x1p-149f, 0},
		{0x3p-149f, -0x1p-149f},
		{0x1p-127f, 1},
		{0, 0x1p-140f},
		{0x1p-149f, 0x1p-149f},
		{0x1p-140f, 1},
		/* the same as halves, whose squares do not vanish */
		{0x1p-24f, 0},
		{0x3p-24f, -0x1p-24f},
		{0x1p-15f, 1},
		{0, 0x1p-20f},
		{0x1p15f, -0x1p15f},
	};

	check_begin("%s: sums of zeros, subnormals, huge values, inf and NaN in %s",
				kernel->name, element_names[element]);
	for (size_t n = 0; n <= 130; n++)
		for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
			check_constant(kernel, element, n, pairs[i][0], pairs[i][1]);
	check_end();
}

/* What stands at one place only must reach the result, wherever it stands. */
static void
test_sums_nan(const VdbKernel *kernel, Element element)
{
	check_begin("%s: a NaN or infinity at any place is not lost in %s",
				kernel->name, element_names[element]);
	for (size_t n = 1; n <= 130; n++)
	{
		for (size_t i = 0; i < n; i++)
			a[i] = b[i] = 1;
		for (size_t i = 0; i < n; i++)
		{
			float got[SUMS];

			a[i] = NAN;
			sums_of(kernel, element, n, got);
			check_that(isnan(got[L2SQ]) && isnan(got[DOT]) && isnan(got[L1]) &&
						   isnan(got[COSINE_AB]) && isnan(got[COSINE_AA]) &&
						   got[COSINE_BB] == (float) n,
					   "NaN at %zu of %zu", i, n);
			a[i] = -INFINITY;
			sums_of(kernel, element, n, got);
			check_that(got[L2SQ] == INFINITY && got[DOT] == -INFINITY &&
						   got[L1] == INFINITY && got[COSINE_AB] == -INFINITY &&
						   got[COSINE_AA] == INFINITY &&
						   got[COSINE_BB] == (float) n,
					   "-inf at %zu of %zu", i, n);
			a[i] = 1;
		}
	}
	check_end();
}

/*
 * Codes
 */

static VdbCodeDot
code_dot_of(const VdbKernel *kernel, int bits)
{
	return bits == 1   ? kernel->code_dot1
		   : bits == 2 ? kernel->code_dot2
		   : bits == 4 ? kernel->code_dot4
					   : kernel->code_dot8;
}

/* Bytes of the query that meet a line: at one bit, they are of bits, too. */
static size_t
query_line(int bits)
{
	return bits == 1 ? 4 : 32 / (size_t) bits;
}

/* What dimension d of a line meets. */
static int
query_field(const int8_t *query, int bits, size_t d)
{
	return bits == 1 ? (uint8_t) query[d % 4] >> d / 4 & 1 : query[d];
}

/* The definition, from the dimension to the field, in 64 bits. */
static void
code_dot_exact(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int bits, int64_t sums[VDB_GROUP])
{
	size_t line_dims = 32 / (size_t) bits;

	memset(sums, 0, VDB_GROUP * sizeof(int64_t));
	for (size_t i = 0; i < nlines * line_dims; i++)
	{
		const uint8_t *line = lines + i / line_dims * VDB_LINE;
		size_t d = i % line_dims;

		for (int v = 0; v < VDB_GROUP; v++)
			sums[v] +=
				(line[v * 4 + d % 4] >> (d / 4 * (size_t) bits) &
				 ((1 << bits) - 1)) *
				query_field(query + i / line_dims * query_line(bits), bits, d);
	}
}

typedef enum Fill
{
	FILL_RANDOM,
	FILL_MAX_PLUS,
	FILL_MAX_MINUS,
	FILL_MAX_ALTERNATE,
	FILL_EXTREMES,
	FILLS
} Fill;

static uint8_t
fill_code(Fill fill)
{
	if (fill == FILL_RANDOM)
		return (uint8_t) rnd();
	if (fill == FILL_EXTREMES)
		return (uint8_t) (rnd() % 2 ? 255 : 0);
	return 255;
}

static int8_t
fill_query(Fill fill, int bits, size_t i)
{
	if (bits == 1)
		return (int8_t) fill_code(fill);
	switch (fill)
	{
		case FILL_RANDOM:
			return (int8_t) rnd_between(-127, 127);
		case FILL_MAX_PLUS:
			return 127;
		case FILL_MAX_MINUS:
			return -127;
		case FILL_MAX_ALTERNATE:
			return i % 2 ? 127 : -127;
		default:
			return rnd() % 2 ? 127 : -127;
	}
}

/* Fill the ends of the areas; the sums start from what is there already. */
static void
check_codes(VdbCodeDot code_dot, int bits, size_t nlines, Fill fill,
			bool pieces)
{
	size_t bytes = nlines * query_line(bits);
	uint8_t *lines = area_a.end - nlines * VDB_LINE;
	int8_t *query = (int8_t *) area_b.end - bytes;
	int32_t acc[VDB_GROUP];
	int32_t start[VDB_GROUP];
	int64_t sums[VDB_GROUP];
	size_t done = 0;

	for (size_t i = 0; i < nlines * VDB_LINE; i++)
		lines[i] = fill_code(fill);
	for (size_t i = 0; i < bytes; i++)
		query[i] = fill_query(fill, bits, i);
	for (int v = 0; v < VDB_GROUP; v++)
		acc[v] = start[v] = rnd_between(-1000, 1000);

	while (done < nlines)
	{
		size_t count = pieces ? rnd() % (nlines - done + 1) : nlines;

		code_dot(lines + done * VDB_LINE, query + done * query_line(bits),
				 count, acc);
		done += count;
	}
	code_dot_exact(lines, query, nlines, bits, sums);
	for (int v = 0; v < VDB_GROUP; v++)
		check_that(acc[v] == sums[v] + start[v],
				   "%zu lines, fill %d, vector %d: %d, not %lld", nlines, fill,
				   v, acc[v], (long long) (sums[v] + start[v]));
}

static void
test_codes(const VdbKernel *kernel, int bits)
{
	VdbCodeDot code_dot = code_dot_of(kernel, bits);

	check_begin("%s: code_dot%d is exact", kernel->name, bits);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
			check_codes(code_dot, bits, nlines, (Fill) fill, false);
	for (int fill = 0; fill < FILLS; fill++)
	{
		check_codes(code_dot, bits, LONGEST * (size_t) bits / 32, (Fill) fill,
					false);
		/* at 8 bits the result itself ends at 16,577 lines */
		check_codes(code_dot, bits, bits == 8 ? 16500 : MANY_LINES, (Fill) fill,
					false);
	}
	check_end();

	check_begin("%s: code_dot%d in pieces", kernel->name, bits);
	for (size_t nlines = 1; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
			check_codes(code_dot, bits, nlines, (Fill) fill, true);
	check_end();
}

/* Lines ahead may be anywhere: here, where nothing is. */
static void
test_codes_ahead(const VdbKernel *kernel)
{
	check_begin("%s: code_dot2_ahead is code_dot2", kernel->name);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
		{
			size_t bytes = nlines * query_line(2);
			uint8_t *lines = area_a.end - nlines * VDB_LINE;
			int8_t *query = (int8_t *) area_b.end - bytes;
			int32_t acc[VDB_GROUP] = {0};
			int32_t plain[VDB_GROUP] = {0};

			for (size_t i = 0; i < nlines * VDB_LINE; i++)
				lines[i] = fill_code((Fill) fill);
			for (size_t i = 0; i < bytes; i++)
				query[i] = fill_query((Fill) fill, 2, i);
			kernel->code_dot2(lines, query, nlines, plain);
			kernel->code_dot2_ahead(lines, query, nlines, area_a.end, acc);
			check_that(memcmp(acc, plain, sizeof(acc)) == 0,
					   "%zu lines, fill %d differ", nlines, fill);
		}
	check_end();
}

static void
test_codes_two(const VdbKernel *kernel)
{
	check_begin("%s: code_dot8_two is code_dot8 twice", kernel->name);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
		{
			size_t bytes = nlines * query_line(8);
			uint8_t *lines = area_a.end - nlines * VDB_LINE;
			int8_t *first = (int8_t *) area_b.end - bytes;
			const int8_t *const queries[2] = {first, first - bytes};
			int32_t acc[2][VDB_GROUP];
			int32_t plain[2][VDB_GROUP];

			for (size_t i = 0; i < nlines * VDB_LINE; i++)
				lines[i] = fill_code((Fill) fill);
			for (size_t i = 0; i < 2 * bytes; i++)
				first[(ptrdiff_t) i - (ptrdiff_t) bytes] =
					fill_query((Fill) fill, 8, i);
			for (int i = 0; i < 2; i++)
			{
				for (int v = 0; v < VDB_GROUP; v++)
					acc[i][v] = plain[i][v] = rnd_between(-1000, 1000);
				kernel->code_dot8(lines, queries[i], nlines, plain[i]);
			}
			kernel->code_dot8_two(lines, queries, nlines, acc);
			check_that(memcmp(acc, plain, sizeof(acc)) == 0,
					   "%zu lines, fill %d differ", nlines, fill);
		}
	check_end();
}

/* An odd address is as good as any other. */
static void
test_codes_unaligned(const VdbKernel *kernel)
{
	check_begin("%s: code_dot1, 2, 4 and 8 at any address", kernel->name);
	for (size_t shift = 0; shift < VDB_LINE; shift++)
		for (int bits = 1; bits <= 8; bits *= 2)
		{
			size_t nlines = 37;
			size_t bytes = nlines * query_line(bits);
			uint8_t *lines = area_a.end - nlines * VDB_LINE - shift;
			int8_t *query = (int8_t *) area_b.end - bytes - shift;
			int32_t acc[VDB_GROUP] = {0};
			int64_t sums[VDB_GROUP];

			for (size_t i = 0; i < nlines * VDB_LINE; i++)
				lines[i] = fill_code(FILL_RANDOM);
			for (size_t i = 0; i < bytes; i++)
				query[i] = fill_query(FILL_RANDOM, bits, i);
			code_dot_of(kernel, bits)(lines, query, nlines, acc);
			code_dot_exact(lines, query, nlines, bits, sums);
			for (int v = 0; v < VDB_GROUP; v++)
				check_that(acc[v] == sums[v],
						   "%d bits, shifted by %zu, vector %d: %d, not %lld",
						   bits, shift, v, acc[v], (long long) sums[v]);
		}
	check_end();
}

/*
 * Lower bounds
 */

static void
put_factors(uint8_t *factors, const uint16_t add[VDB_GROUP],
			const uint16_t gain[VDB_GROUP])
{
	memcpy(factors, add, VDB_GROUP * sizeof(uint16_t));
	memcpy(factors + VDB_LINE / 2, gain, VDB_GROUP * sizeof(uint16_t));
}

static void
check_bounds(const VdbKernel *kernel, size_t shift)
{
	uint8_t *factors = area_a.end - VDB_LINE - shift;
	VdbBound bound = {10 * rnd_float(), rnd_float() / 1000, rnd_float()};
	uint16_t add[VDB_GROUP];
	uint16_t gain[VDB_GROUP];
	int32_t acc[VDB_GROUP];
	float out[VDB_GROUP];
	float threshold = 10 * rnd_float();
	uint32_t keep;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		add[v] = vdb_f32_to_f16(10 * rnd_float());
		gain[v] = vdb_f32_to_f16(rnd_float());
		acc[v] = rnd_between(-2000000, 2000000);
	}
	put_factors(factors, add, gain);
	keep = kernel->bound_f16(factors, acc, &bound, threshold, out);
	check_that(keep >> VDB_GROUP == 0, "mask %x", keep);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		double x = vdb_f16_to_f32(add[v]);
		double g = vdb_f16_to_f32(gain[v]);
		double product = (double) bound.scale * acc[v];
		double want = bound.base + x - g * (product + bound.shift);
		double size = fabs(bound.base) + fabs(x) +
					  fabs(g) * (fabs(product) + fabs(bound.shift));

		check_that(fabs(out[v] - want) <= 3 * FLT_EPSILON * size,
				   "vector %d: %.9g, not %.9g", v, out[v], want);
		check_that((keep >> v & 1) == !(out[v] > threshold),
				   "vector %d: %g against %g, mask %x", v, out[v], threshold,
				   keep);
	}
}

static void
test_bounds(const VdbKernel *kernel)
{
	check_begin("%s: bound_f16", kernel->name);
	for (int i = 0; i < 2000; i++)
		check_bounds(kernel, (size_t) i % VDB_LINE);
	check_end();
}

/* Every half in every lane, as "add" and as "gain", with the scalar's answer */
static void
test_bounds_halves(const VdbKernel *kernel)
{
	const VdbKernel *scalar = vdb_kernel_at(VDB_SCALAR);
	static const VdbBound as_add = {0, 0, 0};
	static const VdbBound as_gain = {0, 1, 0};
	uint8_t *factors = area_a.end - VDB_LINE;
	int32_t acc[VDB_GROUP];
	float got[VDB_GROUP];
	float want[VDB_GROUP];

	for (int v = 0; v < VDB_GROUP; v++)
		acc[v] = v - VDB_GROUP / 2;

	check_begin("%s: bound_f16 reads every half and keeps NaN", kernel->name);
	for (uint32_t half = 0; half < 65536; half++)
	{
		uint16_t halves[VDB_GROUP];
		uint16_t zeros[VDB_GROUP] = {0};
		uint32_t keep;

		for (int v = 0; v < VDB_GROUP; v++)
			halves[v] = (uint16_t) (half + (uint32_t) v * 4099);

		for (int i = 0; i < 2; i++)
		{
			const VdbBound *bound = i == 0 ? &as_add : &as_gain;

			put_factors(factors, i == 0 ? halves : zeros,
						i == 0 ? zeros : halves);
			keep = kernel->bound_f16(factors, acc, bound, 0.5f, got);
			check_that(keep ==
						   scalar->bound_f16(factors, acc, bound, 0.5f, want),
					   "half %04x: mask %x", half, keep);
			for (int v = 0; v < VDB_GROUP; v++)
			{
				check_that(same(got[v], want[v]), "half %04x: %g, not %g",
						   halves[v], got[v], want[v]);
				check_that((keep >> v & 1) == !(want[v] > 0.5f),
						   "half %04x: mask %x", halves[v], keep);
			}
		}
	}
	check_end();
}

/* Thresholds that are infinite or no number, and one that is met exactly. */
static void
test_bounds_thresholds(const VdbKernel *kernel)
{
	static const VdbBound bound = {1, 0, 0};
	static const struct
	{
		float threshold;
		uint32_t keep;
	} cases[] = {
		{INFINITY, 0xffff}, {-INFINITY, 0}, {NAN, 0xffff},
		{1, 0xffff},		{0.99f, 0},		{1.01f, 0xffff},
	};
	uint8_t *factors = area_a.end - VDB_LINE;
	int32_t acc[VDB_GROUP] = {0};
	float out[VDB_GROUP];

	memset(factors, 0, VDB_LINE);
	check_begin("%s: bound_f16 thresholds", kernel->name);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint32_t keep =
			kernel->bound_f16(factors, acc, &bound, cases[i].threshold, out);

		check_that(keep == cases[i].keep, "threshold %g: mask %x, not %x",
				   cases[i].threshold, keep, cases[i].keep);
	}
	check_end();
}

/*
 * Keys of rows against a group of codes
 */

#define GUARD 12345.0f

static void
check_keys(const VdbKernel *kernel, size_t rows, size_t nlines, bool extreme)
{
	uint8_t *lines = area_a.end - nlines * VDB_LINE;
	int8_t *bytes = (int8_t *) area_b.end - rows * nlines * 4;
	VdbTile tile = {.count = rows};
	float half[VDB_GROUP];
	float gain[VDB_GROUP];
	float out[(VDB_GEMM_ROWS + 1) * VDB_GROUP];
	uint32_t below;

	for (size_t i = 0; i < nlines * VDB_LINE; i++)
		lines[i] = extreme ? 255 : (uint8_t) rnd();
	for (size_t i = 0; i < rows * nlines * 4; i++)
		bytes[i] =
			(int8_t) (extreme ? (i / (nlines * 4) % 2 ? 1 : -1) * VDB_ROW_MAX
							  : rnd_between(-VDB_ROW_MAX, VDB_ROW_MAX));
	for (int v = 0; v < VDB_GROUP; v++)
	{
		half[v] = (float) rnd_between(0, 1000);
		gain[v] = (float) rnd_between(1, 1000) / 1000;
	}
	for (size_t i = 0; i < rows; i++)
	{
		tile.rows[i] = bytes + i * nlines * 4;
		tile.scale[i] = (float) rnd_between(1, 1000) / 1000;
		tile.bias[i] = (float) rnd_between(-1000, 1000) / 2;
		tile.limit[i] = (float) rnd_between(-4000, 1000);
	}
	out[VDB_GEMM_ROWS * VDB_GROUP] = GUARD;

	below = kernel->code_keys(lines, nlines, &tile, half, gain, out);
	check_that(out[VDB_GEMM_ROWS * VDB_GROUP] == GUARD, "wrote too far");
	check_that(below >> rows == 0, "a bit of no row");
	for (size_t i = 0; i < rows; i++)
	{
		int64_t dots[VDB_GROUP];
		double least = INFINITY;
		double slack = 0;

		code_dot_exact(lines, tile.rows[i], nlines, 8, dots);
		for (int v = 0; v < VDB_GROUP; v++)
		{
			double inner = (double) tile.scale[i] * gain[v];
			double want = half[v] - inner * ((double) dots[v] - tile.bias[i]);
			double error = 4 * FLT_EPSILON *
						   (half[v] + inner * (fabs((double) dots[v]) + 500));

			least = fmin(least, want);
			slack = fmax(slack, error);
			if (below >> i & 1)
				check_that(fabs(out[i * VDB_GROUP + v] - want) <= error,
						   "%zu lines, row %zu, lane %d: %.9g, not %.9g",
						   nlines, i, v, out[i * VDB_GROUP + v], want);
		}
		if (fabs(least - tile.limit[i]) > slack)
			check_that((below >> i & 1) == (least < tile.limit[i]),
					   "%zu lines, row %zu: least %.9g, limit %.9g", nlines, i,
					   least, tile.limit[i]);
	}
}

static void
test_keys(const VdbKernel *kernel)
{
	static const size_t depths[] = {0, 1, 2, 3, 7, 28, 192, 4000};

	check_begin("%s: code_keys", kernel->name);
	for (size_t rows = 0; rows <= VDB_GEMM_ROWS; rows++)
		for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
		{
			check_keys(kernel, rows, depths[i], false);
			check_keys(kernel, rows, depths[i], true);
		}
	check_end();
}

/*
 * Half precision
 */

static void
test_half_round_trip(void)
{
	check_begin("half: all 65536 make the round trip");
	for (uint32_t i = 0; i < 65536; i++)
	{
		uint16_t half = (uint16_t) i;
		int exponent = half >> 10 & 0x1f;
		int fraction = half & 0x3ff;
		float value = vdb_f16_to_f32(half);
		double want = exponent == 0 ? ldexp(fraction, -24)
									: ldexp(1024 + fraction, exponent - 25);

		if (exponent == 0x1f)
			check_that((fraction ? isnan(value) : isinf(value)) &&
						   !signbit(value) == !(half & 0x8000),
					   "half %04x gives %g", half, value);
		else
			check_that(value == (half & 0x8000 ? -want : want) &&
						   !signbit(value) == !(half & 0x8000),
					   "half %04x gives %.9g", half, value);

		/* a signalling NaN becomes a quiet one */
		if (exponent == 0x1f && fraction != 0)
			half |= 0x0200;
		check_that(vdb_f32_to_f16(value) == half,
				   "half %04x comes back as %04x", half, vdb_f32_to_f16(value));
	}
	check_end();
}

/* Positive halves are ordered; 0x7c00 stands for the 2^16 that is rounded off
 */
static double
half_value(uint32_t half)
{
	return half == 0x7c00 ? 65536.0 : vdb_f16_to_f32((uint16_t) half);
}

/* The greatest positive half not above a finite value >= 0. */
static uint32_t
half_below(double value)
{
	uint32_t low = 0;
	uint32_t high = 0x7c00;

	while (high - low > 1)
	{
		uint32_t middle = (low + high) / 2;

		if (half_value(middle) <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static uint16_t
half_nearest(float value)
{
	uint16_t sign = signbit(value) ? 0x8000 : 0;
	double size = fabs((double) value);
	uint32_t low;
	double down;
	double up;

	if (size >= 65536.0)
		return sign | 0x7c00;
	low = half_below(size);
	down = size - half_value(low);
	up = half_value(low + 1) - size;
	if (up < down || (up == down && (low & 1)))
		low++;
	return (uint16_t) (sign | low);
}

static void
check_half(float value)
{
	uint16_t nearest = vdb_f32_to_f16(value);
	uint16_t floor = vdb_f32_to_f16_floor(value);
	uint16_t above;

	check_that(nearest == half_nearest(value), "%a rounds to %04x, not %04x",
			   value, nearest, half_nearest(value));

	/* the next half up, of all but the greatest, must be above the value */
	above = floor & 0x8000 ? (floor == 0x8000 ? 0x0001 : floor - 1) : floor + 1;
	check_that(vdb_f16_to_f32(floor) <= value &&
				   (floor == 0x7c00 || vdb_f16_to_f32(above) > value),
			   "%a has floor %04x", value, floor);
}

static float
float_of(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void
test_half_rounding(void)
{
	check_begin("half: rounds to nearest even, floor is the greatest below");
	for (uint32_t half = 0; half < 0x7c00; half++)
	{
		float value = (float) half_value(half);
		float middle = (float) ((half_value(half) + half_value(half + 1)) / 2);
		float near[] = {value,
						nextafterf(value, INFINITY),
						middle,
						nextafterf(middle, INFINITY),
						nextafterf(middle, 0),
						(float) (value + rnd_float() * (middle - value)),
						nextafterf((float) half_value(half + 1), 0)};

		for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		{
			check_half(near[i]);
			check_half(-near[i]);
		}
	}
	/* a stride over all bit patterns, NaN and infinity apart */
	for (uint64_t bits = 0; bits < 0x7f800000; bits += 4099)
	{
		check_half(float_of((uint32_t) bits));
		check_half(float_of((uint32_t) bits | 0x80000000));
	}
	check_end();
}

static void
test_half_specials(void)
{
	static const struct
	{
		float value;
		uint16_t nearest;
		uint16_t floor;
	} cases[] = {
		{0.0f, 0x0000, 0x0000},
		{-0.0f, 0x8000, 0x8000},
		{INFINITY, 0x7c00, 0x7c00},
		{-INFINITY, 0xfc00, 0xfc00},
		{FLT_MAX, 0x7c00, 0x7bff},
		{-FLT_MAX, 0xfc00, 0xfc00},
		{65504, 0x7bff, 0x7bff},
		{65519.996f, 0x7bff, 0x7bff},
		{65520, 0x7c00, 0x7bff},
		{-65504, 0xfbff, 0xfbff},
		{-65505, 0xfbff, 0xfc00},
		{0x1p-149f, 0x0000, 0x0000},
		{-0x1p-149f, 0x8000, 0x8001},
		{0x1p-25f, 0x0000, 0x0000},
		{0x1.000002p-25f, 0x0001, 0x0000},
		{-0x1p-25f, 0x8000, 0x8001},
	};

	check_begin("half: zeros, infinities, limits and NaN");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		float value = cases[i].value;

		check_that(vdb_f32_to_f16(value) == cases[i].nearest &&
					   vdb_f32_to_f16_floor(value) == cases[i].floor,
				   "%a gives %04x and %04x", value, vdb_f32_to_f16(value),
				   vdb_f32_to_f16_floor(value));
	}
	/* quiet, signalling and negative */
	for (uint32_t bits = 0x7f800001; bits < 0x80000000; bits += 997)
		for (int negative = 0; negative < 2; negative++)
		{
			float value = float_of(bits | (negative ? 0x80000000 : 0));
			uint16_t half = vdb_f32_to_f16(value);

			check_that((half & 0x7fff) > 0x7c00 && half >> 15 == negative,
					   "NaN %08x gives %04x", bits, half);
			check_that(vdb_f32_to_f16_floor(value) == 0xfc00,
					   "NaN %08x has floor %04x", bits,
					   vdb_f32_to_f16_floor(value));
		}
	check_end();
}

/* The bits of a float: NaNs are compared, too. */
static uint32_t
bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

#define LOT 4096 /* halves or floats to convert at a time */

static void
test_widen(const VdbKernel *kernel)
{
	uint16_t *in = (uint16_t *) area_a.end - LOT;
	float *out = (float *) area_b.end - LOT;

	check_begin("%s: f16_to_f32 of every half", kernel->name);
	for (uint32_t start = 0; start < 65536; start += LOT)
	{
		for (uint32_t i = 0; i < LOT; i++)
			in[i] = (uint16_t) (start + i);
		kernel->f16_to_f32(in, out, LOT);
		for (uint32_t i = 0; i < LOT; i++)
			check_that(bits_of(out[i]) == bits_of(vdb_f16_to_f32(in[i])),
					   "half %04x gives %a", in[i], out[i]);
	}
	check_end();
}

static void
check_narrow(const VdbKernel *kernel, const float *in, uint16_t *out)
{
	kernel->f32_to_f16(in, out, LOT);
	for (int i = 0; i < LOT; i++)
		check_that(out[i] == vdb_f32_to_f16(in[i]), "%a gives %04x, not %04x",
				   in[i], out[i], vdb_f32_to_f16(in[i]));
}

/* Where halves meet and in between, and a stride over all bit patterns. */
static void
test_narrow(const VdbKernel *kernel)
{
	float *in = (float *) area_a.end - LOT;
	uint16_t *out = (uint16_t *) area_b.end - LOT;
	uint64_t bits = 0;

	check_begin("%s: f32_to_f16 rounds to nearest even", kernel->name);
	for (uint32_t half = 0; half < 0x7c00;)
	{
		for (int i = 0; i < LOT; i += 8, half++)
		{
			float value = (float) half_value(half % 0x7c00);
			float next = (float) half_value(half % 0x7c00 + 1);
			float middle = (value + next) / 2;
			float near[] = {value, middle, nextafterf(middle, 0),
							nextafterf(middle, INFINITY)};

			for (int j = 0; j < 8; j++)
				in[i + j] = j < 4 ? near[j] : -near[j - 4];
		}
		check_narrow(kernel, in, out);
	}
	while (bits <= UINT32_MAX)
	{
		for (int i = 0; i < LOT; i++, bits += 4099)
			in[i] = float_of((uint32_t) bits);
		check_narrow(kernel, in, out);
	}
	check_end();
}

/* Any number of them, at any address, and none beyond. */
static void
test_convert_lengths(const VdbKernel *kernel)
{
	check_begin("%s: conversions at any length and address", kernel->name);
	for (size_t n = 0; n <= 130; n++)
		for (size_t behind = 0; behind < 32; behind += 1 + rnd() % 5)
		{
			uint16_t *halves = (uint16_t *) area_a.end - n - behind;
			float *floats = (float *) area_b.end - n - behind;
			uint16_t back[131];

			for (size_t i = 0; i < n; i++)
				halves[i] = (uint16_t) (rnd() % 0x7c00);
			back[n] = 0xbeef;
			if (behind > 0)
				floats[n] = GUARD;
			kernel->f16_to_f32(halves, floats, n);
			kernel->f32_to_f16(floats, back, n);
			check_that(memcmp(back, halves, n * sizeof(uint16_t)) == 0,
					   "%zu halves do not come back", n);
			check_that(back[n] == 0xbeef && (behind == 0 || floats[n] == GUARD),
					   "%zu: wrote too far", n);
		}
	check_end();
}

/*
 * The choice of a table
 */

static const struct
{
	VdbLevel level;
	const char *name;
	int rank; /* on its own kind of processor */
	bool x86;
} known[VDB_LEVELS] = {
	{VDB_SCALAR, "scalar", 0, false}, {VDB_AVX2, "avx2", 1, true},
	{VDB_AVX512, "avx512", 2, true},  {VDB_AVX512_VNNI, "avx512_vnni", 3, true},
	{VDB_NEON, "neon", 1, false},
};

/* What vdb_kernel_limit has to choose, from what vdb_kernel_at offers. */
static const VdbKernel *
best_within(int limit)
{
	const VdbKernel *best = vdb_kernel_at(VDB_SCALAR);
	int rank = 0;

	for (int i = 0; i < VDB_LEVELS; i++)
		if (vdb_kernel_at(known[i].level) != NULL && known[i].rank > rank &&
			known[i].rank <= known[limit].rank &&
			known[i].x86 == known[limit].x86)
		{
			best = vdb_kernel_at(known[i].level);
			rank = known[i].rank;
		}
	return best;
}

/* Runs before any other call: the first one chooses. */
static void
test_choice(void)
{
	const VdbKernel *first = vdb_kernel();
	const VdbKernel *best = best_within(VDB_AVX512_VNNI);
	int rank = 0;

	if (vdb_kernel_at(VDB_NEON) != NULL)
		best = vdb_kernel_at(VDB_NEON);
	check(first == best, "the first call chooses %s", best->name);

	check_begin("vdb_kernel_at");
	check_that(vdb_kernel_at(VDB_SCALAR) != NULL, "no scalar table");
	check_that(vdb_kernel_at(VDB_NEON) == NULL ||
				   vdb_kernel_at(VDB_AVX2) == NULL,
			   "two kinds of processor");
	check_that(vdb_kernel_at((VdbLevel) VDB_LEVELS) == NULL, "one too many");
	for (int i = 0; i < VDB_LEVELS; i++)
	{
		const VdbKernel *kernel = vdb_kernel_at(known[i].level);

		check_that(kernel == NULL || strncmp(kernel->name, known[i].name,
											 strlen(known[i].name)) == 0,
				   "level %d is called %s", i, kernel ? kernel->name : "");
		/* no processor has a level without those below it */
		if (known[i].x86 && kernel != NULL)
			check_that(known[i].rank == ++rank, "level %d without another", i);
	}
	check_end();
}

static void
test_limit(void)
{
	check_begin("vdb_kernel_limit takes the best level within the limit");
	for (int i = 0; i < VDB_LEVELS; i++)
	{
		vdb_kernel_limit(known[i].level);
		check_that(vdb_kernel() == best_within(i), "limit %s chose %s",
				   known[i].name, vdb_kernel()->name);
		check_that(vdb_kernel() == vdb_kernel(), "and changed its mind");
	}
	check_end();
}

/*
 * Bits
 */

/* Bit by bit, as the definition says. */
static void
count_exactly(const uint8_t *a, const uint8_t *b, size_t n, uint64_t counts[4])
{
	memset(counts, 0, 4 * sizeof(uint64_t));
	for (size_t i = 0; i < 8 * n; i++)
	{
		int x = a[i / 8] >> i % 8 & 1;
		int y = b[i / 8] >> i % 8 & 1;

		counts[0] += (uint64_t) (x & y);
		counts[1] += (uint64_t) x;
		counts[2] += (uint64_t) y;
		counts[3] += (uint64_t) (x ^ y);
	}
}

/* The last n bytes of the areas, which start anywhere; share of ones by "set".
 */
static void
compare_bits(const VdbKernel *kernel, size_t n, uint32_t set)
{
	uint8_t *a = area_a.end - n;
	uint8_t *b = area_b.end - n;
	uint64_t wanted[4];
	uint64_t counts[3];

	for (size_t i = 0; i < n; i++)
	{
		a[i] = (uint8_t) (set == 0 ? 0xFF : rnd() & rnd() >> set);
		b[i] = (uint8_t) (set == 0 ? 0xFF : rnd());
	}
	count_exactly(a, b, n, wanted);
	kernel->bit_counts(a, b, n, counts);
	check_that(kernel->hamming(a, b, n) == wanted[3] &&
				   memcmp(counts, wanted, sizeof(counts)) == 0,
			   "%zu bytes", n);
}

static void
test_bits(const VdbKernel *kernel)
{
	check_begin("%s: counts of bits", kernel->name);
	for (size_t n = 0; n <= 300; n++)
		compare_bits(kernel, n, 1 + (uint32_t) n % 3);
	for (size_t n = 0; n <= 200; n++)
		compare_bits(kernel, n, 0);
	compare_bits(kernel, 8000, 1);
	compare_bits(kernel, 32001, 0);
	check_end();
}

/*
 * Ranges
 */

#define MOST_RANGES 20

/* One that is likely at an end, in the middle or near another one. */
static uint64_t
rnd_key(size_t width, uint64_t near)
{
	const uint64_t most = UINT64_MAX >> (64 - 8 * width);
	const uint64_t ends[] = {0, 1, most / 2, most / 2 + 1, most - 1, most};

	switch (rnd() % 4)
	{
		case 0:
			return ends[rnd() % 6];
		case 1:
			return (near + rnd() % 3 - 1) & most;
		default:
			return ((uint64_t) rnd() << 32 | rnd()) & most;
	}
}

/* Put a key of so many bytes where the group has lane v. */
static void
put_key(uint8_t *keys, size_t width, int v, uint64_t key)
{
	uint8_t one = (uint8_t) key;
	uint16_t two = (uint16_t) key;
	uint32_t four = (uint32_t) key;
	const void *from = width == 1	? (void *) &one
					   : width == 2 ? (void *) &two
					   : width == 4 ? (void *) &four
									: (void *) &key;

	memcpy(keys + (size_t) v * width, from, width);
}

/* "behind" bytes after the keys make their address odd. */
static void
compare_ranges(const VdbKernel *kernel, size_t width, size_t n, size_t behind)
{
	uint8_t *keys = area_a.end - VDB_GROUP * width - behind;
	VdbRange ranges[MOST_RANGES];
	uint32_t wanted = 0;
	uint64_t key = 0;

	for (size_t i = 0; i < n; i++)
	{
		uint64_t x = rnd_key(width, key);
		uint64_t y = rnd_key(width, x);

		ranges[i] = (VdbRange){x < y ? x : y, x < y ? y : x};
		key = rnd() % 2 ? x : y;
	}
	for (int v = 0; v < VDB_GROUP; v++)
	{
		key = rnd_key(width, n ? ranges[rnd() % n].first : 0);
		put_key(keys, width, v, key);
		for (size_t i = 0; i < n; i++)
			if (ranges[i].first <= key && key <= ranges[i].last)
				wanted |= (uint32_t) 1 << v;
	}
	check_that(kernel->keys_in_ranges(keys, width, ranges, n) == wanted,
			   "%zu bytes, %zu ranges", width, n);
}

static void
test_ranges(const VdbKernel *kernel)
{
	check_begin("%s: keys in ranges", kernel->name);
	for (size_t width = 1; width <= 8; width *= 2)
		for (size_t i = 0; i < 4000; i++)
			compare_ranges(kernel, width, i % 10 ? i % 3 : i % MOST_RANGES,
						   i % 5);
	check_end();
}

static void
test_level(const VdbKernel *kernel)
{
	for (int element = 0; element < ELEMENTS; element++)
	{
		test_sums_integers(kernel, (Element) element);
		test_sums_reals(kernel, (Element) element);
		test_sums_extremes(kernel, (Element) element);
		test_sums_nan(kernel, (Element) element);
	}
	test_widen(kernel);
	test_narrow(kernel);
	test_convert_lengths(kernel);
	for (int bits = 1; bits <= 8; bits *= 2)
		test_codes(kernel, bits);
	test_codes_ahead(kernel);
	test_codes_two(kernel);
	test_codes_unaligned(kernel);
	test_bounds(kernel);
	test_bounds_halves(kernel);
	test_bounds_thresholds(kernel);
	test_keys(kernel);
	test_bits(kernel);
	test_ranges(kernel);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	state = seed * 2 + 1;
	check_note("seed %llu", (unsigned long long) seed);

	area_a = area_make((size_t) MANY_LINES * VDB_LINE);
	area_b = area_make((size_t) MANY_LINES * VDB_LINE);

	test_choice();
	test_limit();
	test_half_round_trip();
	test_half_rounding();
	test_half_specials();
	for (int i = 0; i < VDB_LEVELS; i++)
	{
		const VdbKernel *kernel = vdb_kernel_at(known[i].level);

		if (kernel != NULL)
			test_level(kernel);
		else
			check_skip(known[i].name, "not on this processor");
	}
	return check_done();
}
