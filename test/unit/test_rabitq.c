/*
 * test_rabitq.c: the layout of codes agrees with the kernels, queries are
 * quantized well, estimates are unbiased, and bounds hold as often as promised.
 */
#include <float.h>

#include "code_test.h"
#include "math/rotate.h"

/* The one-sided width of a bound, and how often a normal error obeys it. */
#define EPSILON 1.9
#define NORMAL_RATE 0.97128

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
