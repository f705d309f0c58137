/*
 * test_kernel_sums.c: sums over pairs of floats and of halves.
 *
 * Sums of small integers are exact in any order, so an element dropped or
 * counted twice shows at any length; sums of random reals may differ from the
 * scalar kernel by rounding.
 */
#include "kernel_test.h"

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
}

int
main(int argc, char **argv)
{
	return kernel_test(argc, argv, NULL, test_level);
}
