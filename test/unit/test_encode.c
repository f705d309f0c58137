/*
 * test_encode.c: codes are near the best ones, at any scale and at extremes.
 */
#include <float.h>

#include "code_test.h"

/* Residuals whose codes are compared with the best ones, which is slow. */
#define SWEPT 16

/* A component moves to the next value of the grid, see sweep(). */
typedef struct Event
{
	double at; /* where 1 / step is this */
	double magnitude;
	int whole; /* to so many whole steps */
} Event;

static int
compare_events(const void *a, const void *b)
{
	double x = ((const Event *) a)->at;
	double y = ((const Event *) b)->at;

	return (x > y) - (x < y);
}

/* The greatest cosine of any grid, by going through all changes of the code. */
static double
sweep(const VdbCodeFormat *format, const float *r, uint32_t dim)
{
	int half = 1 << (format->bits - 1);
	Event *events = must_alloc((size_t) dim * half * sizeof(Event));
	size_t count = 0;
	double inner = 0;
	double square = dim * 0.25;
	double best;

	for (uint32_t i = 0; i < dim; i++)
	{
		inner += 0.5 * fabs(r[i]);
		for (int k = 1; k < half && r[i] != 0; k++)
			events[count++] = (Event){k / fabs(r[i]), fabs(r[i]), k};
	}
	qsort(events, count, sizeof(Event), compare_events);
	best = inner * inner / square;
	for (size_t i = 0; i < count; i++)
	{
		inner += events[i].magnitude;
		square += 2 * events[i].whole; /* (w + .5)^2 - (w - .5)^2 */
		best = fmax(best, inner * inner / square);
	}
	free(events);
	return sqrt(best / dot_double(r, r, dim));
}

static double
direct_error(const Direct *direct, uint32_t dim)
{
	double sine2 = 1 - direct->cosine * direct->cosine;

	return sqrt(direct->square * sine2 / (dim - 1));
}

static void
test_formats(void)
{
	const VdbKernel *kernel = vdb_kernel();

	check_begin("formats");
	for (int bits = -1; bits < 20; bits++)
	{
		const VdbCodeFormat *format = vdb_code_format(bits);
		bool wanted = bits == 1 || bits == 2 || bits == 4 || bits == 8;

		check_that((format != NULL) == wanted, "%d bits", bits);
		if (format == NULL)
			continue;
		check_that(format->bits == bits && format->line_dims == 32 / bits &&
					   format->verbatim == (bits == 1) &&
					   (format->verbatim ||
						format->center == ((1 << bits) - 1) / 2.0f),
				   "fields of %d bits", bits);
		check_that(vdb_code_lines(format, 224) * VDB_LINE ==
						   224 * VDB_GROUP * (uint32_t) bits / 8 &&
					   vdb_code_lines(format, 208) ==
						   (208 * (uint32_t) bits + 31) / 32,
				   "lines of %d bits", bits);
	}
	check_that(
		vdb_code_dot(kernel, vdb_code_format(1)) == kernel->code_dot1 &&
			vdb_code_dot(kernel, vdb_code_format(2)) == kernel->code_dot2 &&
			vdb_code_dot(kernel, vdb_code_format(4)) == kernel->code_dot4 &&
			vdb_code_dot(kernel, vdb_code_format(8)) == kernel->code_dot8,
		"kernels");
	check_end();
}

/* Means over residuals of one width and dimension. */
typedef struct Means
{
	double cosine;
	double error;
	double spread;
	double sine2;	   /* of the first SWEPT residuals */
	double best_sine2; /* the least that these could have */
} Means;

static Means
measure_codes(const VdbCodeFormat *format, uint32_t dim, int trials)
{
	VdbRng rng = {SEED + dim};
	Means means = {0, 0, 0, 0, 0};
	float r[MAX_DIM];
	uint8_t fields[MAX_DIM];

	for (int t = 0; t < trials; t++)
	{
		VdbEncoded encoded;
		Direct direct;

		random_normals(&rng, r, dim);
		check_that(vdb_encode(format, r, dim, fields, &encoded), "encoded");
		direct = measure_code(format, fields, r, dim);
		check_that(fabs(encoded.norm2 / direct.norm2 - 1) < 1e-5 &&
					   fabs(encoded.gain * direct.inner / direct.norm2 - 1) <
						   1e-5,
				   "gain %g, norm %g", encoded.gain, encoded.norm2);
		check_that(fabs(encoded.error / direct_error(&direct, dim) - 1) < 1e-3,
				   "error %g for %g", encoded.error,
				   direct_error(&direct, dim));
		means.cosine += direct.cosine / trials;
		means.error += encoded.error / trials;
		means.spread += sqrt(direct.square / dim) / trials;
		if (t >= SWEPT)
			continue;
		means.sine2 += (1 - pow(direct.cosine, 2)) / SWEPT;
		means.best_sine2 += (1 - pow(sweep(format, r, dim), 2)) / SWEPT;
	}
	return means;
}

/* The search has to lose little of the sine that the full sweep reaches. */
static void
test_quality(int bits, double least_cosine, double most_loss)
{
	static const uint32_t dims[] = {96, 112, 128, 256, 768, 1536, MAX_DIM};
	const VdbCodeFormat *format = vdb_code_format(bits);

	check_begin("codes of %d bits have a cosine of at least %g", bits,
				least_cosine);
	for (size_t k = 0; k < sizeof(dims) / sizeof(dims[0]); k++)
	{
		Means means = measure_codes(format, dims[k], 100);
		double loss = sqrt(means.sine2 / means.best_sine2);

		check_note("%d bits, %4u dimensions: cos %.6f, error %.4f, "
				   "spread %.4f, sine %.4f of the least one",
				   bits, dims[k], means.cosine, means.error, means.spread,
				   loss);
		check_that(means.cosine >= least_cosine, "cosine %f", means.cosine);
		check_that(loss < most_loss, "sine %f of the least one", loss);
		if (dims[k] == 768)
			check_that(fabs(means.error / format->error - 1) < 0.02 &&
						   fabs(means.spread / format->spread - 1) < 0.02,
					   "constants of the format");
	}
	check_end();
}

/* A longer residual of the same direction has the same code. */
static void
test_scale(const VdbCodeFormat *format)
{
	enum
	{
		DIM = 112
	};
	VdbRng rng = {SEED};
	float r[DIM];
	float scaled[DIM];
	uint8_t fields[2][DIM];
	VdbEncoded encoded[2];

	random_normals(&rng, r, DIM);
	vdb_encode(format, r, DIM, fields[0], &encoded[0]);
	for (int exponent = -60; exponent <= 60; exponent += 20)
	{
		for (int i = 0; i < DIM; i++)
			scaled[i] = ldexpf(r[i], exponent);
		check_that(vdb_encode(format, scaled, DIM, fields[1], &encoded[1]),
				   "2^%d is encoded", exponent);
		check_that(memcmp(fields[0], fields[1], DIM) == 0, "fields at 2^%d",
				   exponent);
		check_that(encoded[1].gain == ldexpf(encoded[0].gain, exponent) &&
					   fabsf(encoded[1].error / encoded[0].error - 1) < 1e-5f,
				   "numbers at 2^%d", exponent);
	}
}

/* No usable code: all numbers are zero then. */
static void
refuses(const VdbCodeFormat *format, const float *r, uint32_t dim,
		const char *what)
{
	uint8_t fields[MAX_DIM];
	VdbEncoded encoded = {1, 1, 1};

	check_that(!vdb_encode(format, r, dim, fields, &encoded) &&
				   encoded.gain == 0 && encoded.norm2 == 0 &&
				   encoded.error == 0,
			   "%s, %d bits", what, format->bits);
}

/* A code like any other: finite numbers, fields within their width. */
static void
accepts(const VdbCodeFormat *format, const float *r, uint32_t dim,
		const char *what)
{
	uint8_t fields[MAX_DIM];
	VdbEncoded encoded = {NAN, NAN, NAN};
	bool within = true;

	check_that(vdb_encode(format, r, dim, fields, &encoded) &&
				   isfinite(encoded.gain) && encoded.gain > 0 &&
				   isfinite(encoded.error) && encoded.norm2 > 0,
			   "%s, %d bits", what, format->bits);
	for (uint32_t i = 0; i < dim; i++)
		within &= fields[i] < 1 << format->bits;
	check_that(within, "%s: fields of %d bits", what, format->bits);
}

static void
test_extremes(const VdbCodeFormat *format)
{
	enum
	{
		DIM = 112
	};
	float r[DIM];
	uint8_t fields[DIM];
	VdbEncoded encoded = {1, 1, 1};

	fill(r, DIM, 0);
	check_that(vdb_encode(format, r, DIM, fields, &encoded) &&
				   encoded.gain == 0 && encoded.norm2 == 0 &&
				   encoded.error == 0,
			   "zero residual");
	r[5] = NAN;
	refuses(format, r, DIM, "NaN");
	r[5] = INFINITY;
	refuses(format, r, DIM, "infinity");
	r[5] = -INFINITY;
	refuses(format, r, DIM, "minus infinity");
	r[5] = FLT_MAX;
	refuses(format, r, DIM, "norm beyond a float");
	r[5] = 1e-30f;
	refuses(format, r, DIM, "norm that vanishes");
	r[5] = 1e-42f;
	refuses(format, r, DIM, "denormal component");
	r[5] = 1;
	accepts(format, r, DIM, "unit vector");
	fill(r, DIM, -3);
	accepts(format, r, DIM, "equal components");
	fill(r, DIM, 1e-18f);
	accepts(format, r, DIM, "tiny components");
	fill(r, DIM, 1e18f);
	accepts(format, r, DIM, "huge components");
	r[0] = 1e-30f;
	accepts(format, r, DIM, "huge and tiny components");
}

int
main(void)
{
	check_note("seed %lld", (long long) SEED);
	test_formats();
	test_quality(2, 0.938, 1.005);
	test_quality(4, 0.994, 1.01);
	test_quality(8, 0.9999, 1.08);
	check_begin("the scale of a residual does not matter");
	for (int w = 0; w < 3; w++)
		test_scale(vdb_code_format(widths[w]));
	check_end();
	check_begin("extreme residuals");
	for (int w = 0; w < 3; w++)
		test_extremes(vdb_code_format(widths[w]));
	check_end();
	return check_done();
}
