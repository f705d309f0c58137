/*
 * test_rabitq.c: codes are near the best ones, their layout agrees with the
 * kernels, estimates are unbiased, and bounds hold as often as promised.
 */
#include "math/rabitq.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "math/rotate.h"
#include "random.h"

#define SEED 405124970913
#define MAX_DIM 2048

/* Residuals whose codes are compared with the best ones, which is slow. */
#define SWEPT 16

/* The one-sided width of a bound, and how often a normal error obeys it. */
#define EPSILON 1.9
#define NORMAL_RATE 0.97128

static const int widths[] = {2, 4, 8};

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

/* What fields say, in double precision. */
typedef struct Direct
{
	double square; /* |o|^2 */
	double inner;  /* <o, r> */
	double norm2;  /* |r|^2 */
	double cosine;
} Direct;

static Direct
measure_code(const VdbCodeFormat *format, const uint8_t *fields, const float *r,
			 uint32_t dim)
{
	Direct direct = {0, 0, dot_double(r, r, dim), 0};

	for (uint32_t i = 0; i < dim; i++)
	{
		double o = fields[i] - (double) format->center;

		direct.square += o * o;
		direct.inner += o * r[i];
	}
	direct.cosine = direct.inner / sqrt(direct.square * direct.norm2);
	return direct;
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

static void
fill(float *r, uint32_t dim, float value)
{
	for (uint32_t i = 0; i < dim; i++)
		r[i] = value;
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

/* Every slot of a group, over what was in its lines before. */
static void
test_layout(const VdbCodeFormat *format, uint32_t dim)
{
	VdbRng rng = {SEED};
	uint32_t lines = vdb_code_lines(format, dim);
	uint8_t *group = must_alloc(lines * VDB_LINE);
	uint8_t *fields = must_alloc(VDB_GROUP * dim);
	uint8_t *back = must_alloc(dim);

	memset(group, 0xA5, lines * VDB_LINE);
	for (uint32_t i = 0; i < VDB_GROUP * dim; i++)
		fields[i] = (uint8_t) vdb_rng_below(&rng, 1 << format->bits);
	for (int slot = 0; slot < VDB_GROUP; slot++)
		for (uint32_t line = 0; line < lines; line++)
			vdb_code_put(format, fields + slot * dim, line, slot,
						 group + line * VDB_LINE);
	for (int slot = 0; slot < VDB_GROUP; slot++)
	{
		memset(back, 0xFF, dim);
		for (uint32_t line = 0; line < lines; line++)
			vdb_code_get(format, group + line * VDB_LINE, line, slot, back);
		check_that(memcmp(fields + slot * dim, back, dim) == 0,
				   "%d bits, %u dimensions, slot %d", format->bits, dim, slot);
	}
	free(group);
	free(fields);
	free(back);
}

/* The place of one field, spelled out as in kernel.h. */
static void
test_places(const VdbCodeFormat *format)
{
	uint8_t fields[32];
	uint8_t lines[2][VDB_LINE];
	int dims = format->line_dims;
	int most = (1 << format->bits) - 1;

	for (int i = 0; i < 2 * dims; i++)
	{
		uint8_t *line = lines[i / dims];
		int byte = 4 * 3 + i % dims % 4;
		int shift = i % dims / 4 * format->bits;

		memset(fields, 0, sizeof(fields));
		memset(lines, 0, sizeof(lines));
		fields[i] = (uint8_t) most;
		vdb_code_put(format, fields, i / dims, 3, line);
		check_that(line[byte] == most << shift, "dimension %d", i);
		line[byte] = 0;
		check_that(memcmp(lines[0], lines[1], VDB_LINE) == 0,
				   "dimension %d: other bytes", i);
	}
}

/* A group of codes of random residuals, and a quantized query. */
typedef struct Scan
{
	uint32_t dim;
	float *query;
	VdbQuery quantized;
	uint8_t *group;
	uint8_t *fields; /* VDB_GROUP * dim */
} Scan;

static Scan
make_scan(const VdbCodeFormat *format, uint32_t dim, VdbRng *rng)
{
	Scan scan = {.dim = dim};
	float *r = must_alloc(dim * sizeof(float));
	uint32_t lines = vdb_code_lines(format, dim);

	scan.query = must_alloc(dim * sizeof(float));
	scan.quantized.hi = must_alloc(dim);
	scan.quantized.lo = must_alloc(dim);
	scan.group = must_alloc(lines * VDB_LINE);
	scan.fields = must_alloc(VDB_GROUP * dim);
	random_normals(rng, scan.query, dim);
	vdb_quantize_query(scan.query, dim, &scan.quantized);
	for (int slot = 0; slot < VDB_GROUP; slot++)
	{
		uint8_t *fields = scan.fields + slot * dim;
		VdbEncoded encoded;

		random_normals(rng, r, dim);
		vdb_encode(format, r, dim, fields, &encoded);
		for (uint32_t line = 0; line < lines; line++)
			vdb_code_put(format, fields, line, slot,
						 scan.group + line * VDB_LINE);
	}
	free(r);
	return scan;
}

static void
free_scan(Scan *scan)
{
	free(scan->query);
	free(scan->quantized.hi);
	free(scan->quantized.lo);
	free(scan->group);
	free(scan->fields);
}

/* Compare the inner product of a slot with what its integers say. */
static void
compare_slot(const VdbCodeFormat *format, const Scan *scan, int slot,
			 int32_t hi, int32_t lo)
{
	const uint8_t *fields = scan->fields + slot * scan->dim;
	const VdbQuery *query = &scan->quantized;
	Direct direct = measure_code(format, fields, scan->query, scan->dim);
	double length = sqrt(direct.square);
	double rounding = 1e-5 * length * sqrt(direct.norm2);
	double coarse = vdb_query_inner(query, format, hi);
	double fine = vdb_query_inner_fine(query, format, hi, lo);
	double plain = vdb_code_inner(format, fields, scan->query, scan->dim);

	check_that(fabs(plain - direct.inner) <= rounding,
			   "vdb_code_inner %g for %g", plain, direct.inner);
	check_that(fabs(coarse - direct.inner) <= length * query->rest + rounding,
			   "coarse %g for %g", coarse, direct.inner);
	check_that(fabs(fine - direct.inner) <=
				   length * query->fine * 0.51 * sqrt(scan->dim) + rounding,
			   "fine %g for %g", fine, direct.inner);
}

static void
test_scan(const VdbCodeFormat *format, uint32_t dim, const VdbKernel *kernel)
{
	VdbRng rng = {SEED + dim};
	Scan scan = make_scan(format, dim, &rng);
	uint32_t lines = vdb_code_lines(format, dim);
	int32_t hi[VDB_GROUP] = {0};
	int32_t lo[VDB_GROUP] = {0};

	vdb_code_dot(kernel, format)(scan.group, scan.quantized.hi, lines, hi);
	vdb_code_dot(kernel, format)(scan.group, scan.quantized.lo, lines, lo);
	for (int slot = 0; slot < VDB_GROUP; slot++)
		compare_slot(format, &scan, slot, hi[slot], lo[slot]);
	free_scan(&scan);
}

static void
test_scans(void)
{
	static const uint32_t dims[] = {16, 32, 112, 768, 1536, 16000};

	for (int level = VDB_SCALAR; level < VDB_LEVELS; level++)
	{
		const VdbKernel *kernel = vdb_kernel_at(level);

		if (kernel == NULL)
			continue;
		check_begin("integer products mean what the fields mean, %s",
					kernel->name);
		for (int w = 0; w < 3; w++)
			for (size_t k = 0; k < sizeof(dims) / sizeof(dims[0]); k++)
				test_scan(vdb_code_format(widths[w]), dims[k], kernel);
		check_end();
	}
}

static void
compare_query(const float *z, uint32_t dim)
{
	int8_t hi[MAX_DIM];
	int8_t lo[MAX_DIM];
	VdbQuery query = {.hi = hi, .lo = lo};
	double rest2 = 0;
	int32_t sums[2] = {0, 0};

	vdb_quantize_query(z, dim, &query);
	for (uint32_t i = 0; i < dim; i++)
	{
		double rest = z[i] - (double) query.step * hi[i];
		double left = rest - (double) query.fine * lo[i];

		rest2 += rest * rest;
		sums[0] += hi[i];
		sums[1] += lo[i];
		check_that(hi[i] >= -127 && lo[i] >= -127, "within a byte");
		check_that(fabs(rest) <= 0.5001 * query.step &&
					   fabs(left) <= 0.5001 * query.fine + 1e-7 * fabs(z[i]),
				   "%g: %d %d", z[i], hi[i], lo[i]);
	}
	check_that(query.dim == dim && sums[0] == query.hi_sum &&
				   sums[1] == query.lo_sum,
			   "sums");
	check_that(fabs(query.rest - sqrt(rest2)) <=
				   1e-4 * sqrt(rest2) + 1e-7 * sqrt(query.norm2),
			   "rest %g for %g", query.rest, sqrt(rest2));
	check_that(fabs(query.norm2 / dot_double(z, z, dim) - 1) < 1e-6, "norm");
}

/* What has no bytes: rest tells how much is missing. */
static void
compare_useless_query(const float *z, uint32_t dim, double rest)
{
	int8_t hi[MAX_DIM];
	int8_t lo[MAX_DIM];
	VdbQuery query = {.hi = hi, .lo = lo};
	bool zero = true;

	memset(hi, 1, sizeof(hi));
	memset(lo, 1, sizeof(lo));
	vdb_quantize_query(z, dim, &query);
	for (uint32_t i = 0; i < dim; i++)
		zero &= hi[i] == 0 && lo[i] == 0;
	check_that(zero && query.step == 0 && query.fine == 0 &&
				   query.hi_sum == 0 && query.lo_sum == 0,
			   "bytes are zero");
	check_that(query.rest == (float) rest && query.norm2 >= 0 &&
				   query.norm2 <= FLT_MAX,
			   "rest %g for %g", query.rest, rest);
}

static void
test_queries(void)
{
	VdbRng rng = {SEED};
	float z[MAX_DIM];

	check_begin("queries are quantized");
	for (uint32_t dim = 16; dim <= MAX_DIM; dim *= 2)
	{
		random_normals(&rng, z, dim);
		compare_query(z, dim);
		for (uint32_t i = 0; i < dim; i++)
			z[i] *= 1e15f;
		compare_query(z, dim);
		for (uint32_t i = 0; i < dim; i++)
			z[i] *= 1e-30f;
		compare_query(z, dim);
	}
	fill(z, 16, -2);
	compare_query(z, 16);
	check_end();

	check_begin("queries without bytes");
	fill(z, 16, 0);
	compare_useless_query(z, 16, 0);
	z[3] = 1e-40f;
	compare_useless_query(z, 16, 1e-40f);
	z[3] = NAN;
	compare_useless_query(z, 16, INFINITY);
	z[3] = -INFINITY;
	compare_useless_query(z, 16, INFINITY);
	z[3] = FLT_MAX;
	compare_useless_query(z, 16, INFINITY);
	check_end();
}

/* Errors of estimates, in units of the standard error that is claimed. */
typedef struct Errors
{
	double sum;
	double square;
	long held;		/* lower bounds that were true, exact error */
	long held_mean; /* the same with the format's mean error */
	long count;
} Errors;

/*
 * One estimate for a residual that is anything but normal, under a rotation
 * of its own.
 */
static void
one_estimate(const VdbCodeFormat *format, uint32_t dim, VdbRng *rng,
			 VdbRotation *rotation, Errors *errors)
{
	float v[MAX_DIM];
	float r[MAX_DIM];
	float t[MAX_DIM];
	uint8_t fields[MAX_DIM];
	VdbEncoded encoded;
	double length;
	double wrong;

	for (uint32_t i = 0; i < dim; i++)
		v[i] = (float) pow(vdb_rng_double(rng), 4);
	vdb_rotation_init(rotation, dim, vdb_rng_next(rng));
	vdb_rotate(rotation, v, dim, r);
	random_normals(rng, v, dim);
	vdb_rotate(rotation, v, dim, t);
	vdb_encode(format, r, dim, fields, &encoded);
	length = encoded.gain * sqrt(dot_double(t, t, dim));
	wrong = encoded.gain * (double) vdb_code_inner(format, fields, t, dim) -
			dot_double(r, t, dim);
	errors->sum += wrong / (length * encoded.error);
	errors->square += pow(wrong / (length * encoded.error), 2);
	errors->held += wrong <= EPSILON * length * encoded.error;
	errors->held_mean += wrong <= EPSILON * length * format->error;
	errors->count++;
}

static void
test_estimates(int bits, uint32_t dim, int trials)
{
	const VdbCodeFormat *format = vdb_code_format(bits);
	VdbRotation *rotation = must_alloc(vdb_rotation_size(dim));
	VdbRng rng = {SEED + bits + dim};
	Errors errors = {0, 0, 0, 0, 0};
	double mean;
	double deviation;
	double tolerance = 4 * sqrt(0.0288 * 0.9712 / trials);
	double rate;
	double rate_mean;

	for (int t = 0; t < trials; t++)
		one_estimate(format, dim, &rng, rotation, &errors);
	mean = errors.sum / trials;
	deviation = sqrt(errors.square / trials);
	rate = (double) errors.held / trials;
	rate_mean = (double) errors.held_mean / trials;
	check_note("%d bits, %u dimensions: mean error %.4f, deviation %.4f, "
			   "bounds held %.4f (mean error: %.4f)",
			   bits, dim, mean, deviation, rate, rate_mean);
	check(fabs(mean) < 4 / sqrt(trials),
		  "estimates are unbiased, %d bits, %u dimensions", bits, dim);
	check(fabs(deviation - 1) < 0.05,
		  "their errors are as large as told, %d bits, %u dimensions", bits,
		  dim);
	check(fabs(rate - NORMAL_RATE) < tolerance &&
			  fabs(rate_mean - NORMAL_RATE) < tolerance + 0.005,
		  "bounds hold as often as promised, %d bits, %u dimensions", bits,
		  dim);
	free(rotation);
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
	check_begin("fields come back from every slot");
	for (int w = 0; w < 3; w++)
		for (uint32_t dim = 16; dim <= 160; dim += 16)
			test_layout(vdb_code_format(widths[w]), dim);
	check_end();
	check_begin("fields are where the kernels look for them");
	for (int w = 0; w < 3; w++)
		test_places(vdb_code_format(widths[w]));
	check_end();
	test_scans();
	test_queries();
	for (int w = 0; w < 3; w++)
	{
		test_estimates(widths[w], 112, 20000);
		test_estimates(widths[w], 768, 10000);
	}
	return check_done();
}
