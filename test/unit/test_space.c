/*
 * test_space.c: what lists, codes and bounds make of each metric is that
 * metric, as plain formulas in double precision give it.
 */
#include "math/space.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "math/rotate.h"
#include "random.h"

#define SEED 20240919
#define DIM 109
#define PADDED 112
#define LISTS 8
#define ROWS 1600
#define QUERIES 25

/* The formulas, which share nothing with src/math/space.c. --------------- */

typedef double (*Exact)(const float *x, const float *q);

static double
exact_l2(const float *x, const float *q)
{
	double sum = 0;

	for (int i = 0; i < DIM; i++)
		sum += ((double) x[i] - q[i]) * ((double) x[i] - q[i]);
	return sum;
}

static double
exact_ip(const float *x, const float *q)
{
	return -dot_double(x, q, DIM);
}

static double
exact_cosine(const float *x, const float *q)
{
	return 1 - dot_double(x, q, DIM) /
				   sqrt(dot_double(x, x, DIM) * dot_double(q, q, DIM));
}

typedef struct Metric
{
	const char *name;
	uint32_t number;
	Exact exact;
	bool units;
} Metric;

static const Metric metrics[] = {
	{"l2", 1, exact_l2, false},
	{"ip", 2, exact_ip, false},
	{"cosine", 3, exact_cosine, true},
};

#define METRICS 3

static void
test_table(void)
{
	check_begin("metrics have their numbers and names");
	for (int i = 0; i < METRICS; i++)
	{
		const VdbSpace *space = vdb_space_numbered(metrics[i].number);

		check_that(space != NULL && space == vdb_space_named(metrics[i].name) &&
					   strcmp(space->name, metrics[i].name) == 0 &&
					   space->number == metrics[i].number &&
					   space->normalize == metrics[i].units,
				   "%s", metrics[i].name);
	}
	check_that(vdb_space_numbered(0) == NULL && vdb_space_numbered(4) == NULL &&
				   vdb_space_numbered(UINT32_MAX) == NULL,
			   "other numbers");
	check_that(vdb_space_named("") == NULL && vdb_space_named("L2") == NULL &&
				   vdb_space_named("l1") == NULL,
			   "other names");
	check_end();
}

/* A set of vectors and its index ----------------------------------------- */

typedef struct Set
{
	const Metric *metric;
	float *raw;		/* ROWS * DIM: units where the metric has them */
	float *queries; /* QUERIES * DIM */
	float *y;		/* ROWS * PADDED */
	float *z;		/* QUERIES * PADDED */
	float *centroids;
	float *mean; /* PADDED */
	float mean_norm2;
	float scale;
	VdbRotation *rotation;
	VdbListFactors lists[LISTS];
	uint8_t *list_fields; /* LISTS * PADDED */
	VdbRowFactors *rows;
	uint8_t *fields; /* ROWS * PADDED */
	VdbCoder coder;
	VdbSpaceQuery query;
} Set;

static void
make_unit(float *x)
{
	double norm = sqrt(dot_double(x, x, DIM));

	for (int i = 0; i < DIM; i++)
		x[i] = (float) (x[i] / norm);
}

/* Around a few points that lie on one side of the origin. */
static float *
make_vectors(VdbRng *rng, size_t n, const float *centres, bool units)
{
	float *x = must_alloc(n * DIM * sizeof(float));

	random_normals(rng, x, n * DIM);
	for (size_t i = 0; i < n; i++)
	{
		for (int d = 0; d < DIM; d++)
			x[i * DIM + d] =
				30 * (x[i * DIM + d] + 0.7f + centres[i % LISTS * DIM + d]);
		if (units)
			make_unit(x + i * DIM);
	}
	return x;
}

static void
rotate_all(Set *set, const float *x, size_t n, float *y)
{
	for (size_t i = 0; i < n; i++)
		vdb_rotate(set->rotation, x + i * DIM, DIM, y + i * PADDED);
}

/* Mean and scale from the rows, and everything in the space of the codes. */
static void
project_all(Set *set)
{
	static const float nothing[PADDED];
	double norm2 = 0;

	rotate_all(set, set->raw, ROWS, set->y);
	rotate_all(set, set->queries, QUERIES, set->z);
	for (int d = 0; d < PADDED; d++)
	{
		double sum = 0;

		for (int i = 0; i < ROWS; i++)
			sum += set->y[i * PADDED + d] / ROWS;
		set->mean[d] = (float) sum;
	}
	for (int i = 0; i < ROWS; i++)
		for (int d = 0; d < PADDED; d++)
			norm2 += pow(set->y[i * PADDED + d] - set->mean[d], 2) / ROWS;
	set->scale = vdb_space_scale(sqrt(norm2));
	vdb_space_shift(set->mean, PADDED, set->scale, nothing);
	set->mean_norm2 = (float) dot_double(set->mean, set->mean, PADDED);
	for (int i = 0; i < ROWS; i++)
		vdb_space_shift(set->y + i * PADDED, PADDED, set->scale, set->mean);
	for (int i = 0; i < QUERIES; i++)
		vdb_space_shift(set->z + i * PADDED, PADDED, set->scale, set->mean);
}

/* Rows i, i + LISTS ... are a list; its centroid is their mean. */
static void
code_lists(Set *set)
{
	for (int list = 0; list < LISTS; list++)
	{
		float *centroid = set->centroids + list * PADDED;

		for (int d = 0; d < PADDED; d++)
		{
			double sum = 0;

			for (int i = list; i < ROWS; i += LISTS)
				sum += set->y[i * PADDED + d];
			centroid[d] = (float) (sum * LISTS / ROWS);
		}
		set->lists[list] = vdb_space_code_list(&set->coder, centroid);
		memcpy(set->list_fields + list * PADDED, set->coder.fields, PADDED);
	}
}

static void
code_rows(Set *set)
{
	for (int i = 0; i < ROWS; i++)
	{
		set->rows[i] = vdb_space_code_row(&set->coder, set->y + i * PADDED,
										  set->centroids + i % LISTS * PADDED);
		memcpy(set->fields + i * PADDED, set->coder.fields, PADDED);
	}
}

static Set
make_set(const Metric *metric, int bits)
{
	VdbRng rng = {SEED + bits};
	float centres[LISTS * DIM];
	Set set = {.metric = metric};

	random_normals(&rng, centres, LISTS * DIM);
	set.raw = make_vectors(&rng, ROWS, centres, metric->units);
	set.queries = make_vectors(&rng, QUERIES, centres, metric->units);
	set.y = must_alloc(ROWS * PADDED * sizeof(float));
	set.z = must_alloc(QUERIES * PADDED * sizeof(float));
	set.mean = must_alloc(PADDED * sizeof(float));
	set.rotation = must_alloc(vdb_rotation_size(PADDED));
	vdb_rotation_init(set.rotation, PADDED, SEED);
	project_all(&set);

	set.centroids = must_alloc(LISTS * PADDED * sizeof(float));
	set.list_fields = must_alloc(LISTS * PADDED);
	set.rows = must_alloc(ROWS * sizeof(VdbRowFactors));
	set.fields = must_alloc(ROWS * PADDED);
	set.coder = (VdbCoder){.space = vdb_space_named(metric->name),
						   .rows = vdb_code_format(bits),
						   .lists = vdb_code_format(8),
						   .mean = set.mean,
						   .dim = PADDED,
						   .residual = must_alloc(PADDED * sizeof(float)),
						   .fields = must_alloc(PADDED)};
	code_lists(&set);
	code_rows(&set);
	set.query = (VdbSpaceQuery){
		.space = set.coder.space,
		.rows = set.coder.rows,
		.lists = set.coder.lists,
		.code = {.hi = must_alloc(PADDED), .lo = must_alloc(PADDED)}};
	return set;
}

static void
free_set(Set *set)
{
	free(set->raw);
	free(set->queries);
	free(set->y);
	free(set->z);
	free(set->mean);
	free(set->rotation);
	free(set->centroids);
	free(set->list_fields);
	free(set->rows);
	free(set->fields);
	free(set->coder.residual);
	free(set->coder.fields);
	free(set->query.code.hi);
	free(set->query.code.lo);
}

static void
set_query(Set *set, int query)
{
	vdb_space_query(&set->query, set->z + query * PADDED, set->mean,
					set->mean_norm2, PADDED);
}

/* What a distance of one between codes is outside: the formula. */
static double
unit_of(const Set *set)
{
	return (set->metric->units ? 0.5 : 1) * set->scale * set->scale;
}

/* The exact distance in the unit of the codes. */
static double
exact_of(const Set *set, int row, int query)
{
	return set->metric->exact(set->raw + row * DIM,
							  set->queries + query * DIM) /
		   unit_of(set);
}

static int32_t
product(const uint8_t *fields, const int8_t *bytes)
{
	int32_t sum = 0;

	for (int i = 0; i < PADDED; i++)
		sum += fields[i] * bytes[i];
	return sum;
}

static VdbNear
near_of(const Set *set, int list)
{
	const VdbListFactors *factors = &set->lists[list];
	const uint8_t *fields = set->list_fields + list * PADDED;
	VdbNear near;
	float dot = vdb_space_list_dot(&set->query, factors->gain,
								   product(fields, set->query.code.hi),
								   product(fields, set->query.code.lo));

	vdb_space_near(&set->query, factors->norm2, factors->mean_dot, dot, &near);
	return near;
}

/* Lists ------------------------------------------------------------------ */

/* A group of lists at once is as near as each of them alone; some are far. */
static void
test_group(const Metric *metric)
{
	Set set = make_set(metric, 2);
	float gain[VDB_GROUP];
	float norm2[VDB_GROUP];
	float mean_dot[VDB_GROUP];
	int32_t hi[VDB_GROUP];
	int32_t lo[VDB_GROUP];
	float gap2[VDB_GROUP];
	float distance[VDB_GROUP];

	set_query(&set, 1);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		const VdbListFactors *factors = &set.lists[v % LISTS];
		const uint8_t *fields = set.list_fields + v % LISTS * PADDED;

		gain[v] = factors->gain;
		norm2[v] = v == 3 ? 1e38f : v == 4 ? 0 : factors->norm2;
		mean_dot[v] = factors->mean_dot;
		hi[v] = product(fields, set.query.code.hi);
		lo[v] = product(fields, set.query.code.lo);
	}
	vdb_space_near_group(&set.query, gain, norm2, mean_dot, hi, lo, gap2,
						 distance);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		float dot = vdb_space_list_dot(&set.query, gain[v], hi[v], lo[v]);
		VdbNear near;

		vdb_space_near(&set.query, norm2[v], mean_dot[v], dot, &near);
		check_that(fabsf(gap2[v] - near.gap2) <= 1e-5f * near.gap2 &&
					   fabsf(distance[v] - near.distance) <=
						   1e-5f * (fabsf(near.distance) + near.gap2),
				   "%s, lane %d: gap2 %g, distance %g, not %g, %g",
				   metric->name, v, gap2[v], distance[v], near.gap2,
				   near.distance);
	}
	free_set(&set);
}

/* <a + m, b + m> */
static double
dot_at_origin(const Set *set, const float *a, const float *b)
{
	double sum = 0;

	for (int i = 0; i < PADDED; i++)
		sum += ((double) a[i] + set->mean[i]) * ((double) b[i] + set->mean[i]);
	return sum;
}

static double
gap2_of(const float *a, const float *b)
{
	double sum = 0;

	for (int i = 0; i < PADDED; i++)
		sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
	return sum;
}

/* A centroid is as far from a query as a row at its place would be. */
static void
compare_list(const Set *set, int list, int query)
{
	const float *centroid = set->centroids + list * PADDED;
	const float *z = set->z + query * PADDED;
	VdbNear near = near_of(set, list);
	double gap2 = gap2_of(z, centroid);
	double expected = set->metric->exact == exact_ip
						  ? -dot_at_origin(set, centroid, z)
						  : gap2;
	double size = dot_double(z, z, PADDED) + gap2 + set->mean_norm2;

	check_that(fabs(near.distance - expected) < 1e-4 * size,
			   "%s: distance %g, not %g", set->metric->name, near.distance,
			   expected);
	check_that(fabs(near.gap2 - gap2) < 1e-4 * size &&
				   fabs(near.norm2 - dot_double(centroid, centroid, PADDED)) <
					   1e-4 * size,
			   "%s: gap2 %g, norm2 %g", set->metric->name, near.gap2,
			   near.norm2);
}

/* The kernels' distance is the formula's, without its unit. */
static void
test_exact(const Metric *metric)
{
	Set set = make_set(metric, 2);
	double half = metric->units ? 0.5 : 1;

	check_begin("the kernels' distance, %s", metric->name);
	for (int row = 0; row < ROWS; row++)
	{
		const float *x = set.raw + row * DIM;
		double expected = metric->exact(x, set.queries) / half;
		double size = sqrt(dot_double(x, x, DIM) *
						   dot_double(set.queries, set.queries, DIM));
		double got = vdb_space_exact(set.coder.space, x, set.queries, DIM);

		check_that(fabs(got - expected) < 1e-5 * size, "%g for %g", got,
				   expected);
	}
	check_end();
	free_set(&set);
}

/* Codes and bounds ------------------------------------------------------- */

/* As a kernel computes it (kernel.h), in double precision. */
static double
bound_of(const Set *set, int row, const VdbBound *bound)
{
	const uint8_t *fields = set->fields + row * PADDED;
	int32_t dot = product(fields, set->query.code.hi);

	if (set->query.fine)
		dot = vdb_fine_inner(dot, product(fields, set->query.code.lo));
	return (double) bound->base + vdb_f16_to_f32(set->rows[row].add) -
		   vdb_f16_to_f32(set->rows[row].gain) *
			   ((double) bound->scale * dot + bound->shift);
}

/* The share of bounds that are not above the exact distances. */
static double
rate_of(Set *set, float epsilon)
{
	long held = 0;

	for (int query = 0; query < QUERIES; query++)
	{
		set_query(set, query);
		for (int list = 0; list < LISTS; list++)
		{
			VdbNear near = near_of(set, list);
			VdbBound bound;

			vdb_space_bound(&set->query, &near, epsilon, &bound);
			for (int row = list; row < ROWS; row += LISTS)
				held += bound_of(set, row, &bound) <= exact_of(set, row, query);
		}
	}
	return (double) held / (ROWS * QUERIES);
}

/* The share of normal errors below so many deviations. */
static double
normal_rate(double epsilon)
{
	return erfc(-epsilon / sqrt(2)) / 2;
}

/*
 * With 2 bits the errors are the code's.  With 8 bits they are hardly more than
 * those of the rounding of queries and factors: that of factors is downward,
 * and of queries the format's "spread", a mean for many dimensions, tells a
 * little less than codes of so few have.
 */
static void
test_rates(const Metric *metric, int bits)
{
	static const float epsilons[] = {0.5f, 1.9f, 3};
	Set set = make_set(metric, bits);

	check_begin("bounds are true as often as they promise, %s, %d bits",
				metric->name, bits);
	for (int i = 0; i < 3; i++)
	{
		double rate = rate_of(&set, epsilons[i]);
		double promised = normal_rate(epsilons[i]);

		check_note("%s, %d bits: %.4f of bounds hold, %.4f are promised",
				   metric->name, bits, rate, promised);
		check_that(rate > promised - (bits > 2 ? 0.012 : 0.003), "%.4f of %.4f",
				   rate, promised);
		check_that(bits > 2 || rate < promised + 0.015,
				   "%.4f are more than %.4f", rate, promised);
	}
	check_end();
	free_set(&set);
}

/*
 * The least distance, where there is one, is that of a query's copies.  Here
 * they are so near to their centroid that what is rounded is more than the gap.
 */
static void
test_copies(const Metric *metric, int bits, bool fine)
{
	Set set = make_set(metric, bits);
	VdbRng rng = {SEED};
	long held = 0;

	set.query.fine = fine;
	for (int row = 0; row < ROWS; row++)
	{
		float *y = set.y + row * PADDED;
		VdbNear near;
		VdbBound bound;

		random_normals(&rng, y, PADDED);
		for (int d = 0; d < PADDED; d++)
			y[d] = set.centroids[d] + 1e-4f * y[d];
		set.rows[row] = vdb_space_code_row(&set.coder, y, set.centroids);
		memcpy(set.fields + row * PADDED, set.coder.fields, PADDED);
		memcpy(set.z, y, PADDED * sizeof(float));
		set_query(&set, 0);
		near = near_of(&set, 0);
		vdb_space_bound(&set.query, &near, 3, &bound);
		held += bound_of(&set, row, &bound) <= 0;
	}
	check_that(held == ROWS, "%s, %d bits, %s: %ld of %d", metric->name, bits,
			   fine ? "fine" : "coarse", held, ROWS);
	free_set(&set);
}

static void
test_lists(const Metric *metric)
{
	Set set = make_set(metric, 2);

	check_begin("lists are where their centroids are, %s", metric->name);
	for (int query = 0; query < QUERIES; query++)
	{
		set_query(&set, query);
		for (int list = 0; list < LISTS; list++)
			compare_list(&set, list, query);
	}
	check_end();
	free_set(&set);
}

/*
 * With codes of 8 bits, and both bytes of a query, next to no error is left
 * but that of a half float: what the factors say is the distance.
 */
static double
fine_distance(const Set *set, const VdbNear *near, int row)
{
	const uint8_t *fields = set->fields + row * PADDED;
	const VdbQuery *code = &set->query.code;
	double inner =
		vdb_query_inner_fine(code, set->query.rows, product(fields, code->hi),
							 product(fields, code->lo));

	return near->distance + vdb_f16_to_f32(set->rows[row].add) -
		   set->query.space->inner * vdb_f16_to_f32(set->rows[row].gain) *
			   inner;
}

/* Rows that differ by more than both errors are in the order of brute force. */
static void
compare_order(const double *fine, const double *exact, double error)
{
	long compared = 0;

	for (int i = 0; i < ROWS; i++)
		for (int j = 0; j < i; j++)
		{
			if (fabs(exact[i] - exact[j]) <= 2 * error)
				continue;
			compared++;
			check_that((fine[i] < fine[j]) == (exact[i] < exact[j]),
					   "%g and %g come as %g and %g", exact[i], exact[j],
					   fine[i], fine[j]);
		}
	check_that(compared > ROWS * (ROWS - 1) / 2 * 0.95,
			   "only %ld pairs can be told apart", compared);
}

static void
test_order(const Metric *metric)
{
	Set set = make_set(metric, 8);
	double *fine = must_alloc(ROWS * sizeof(double));
	double *exact = must_alloc(ROWS * sizeof(double));

	check_begin("exact codes give exact distances and order, %s", metric->name);
	for (int query = 0; query < QUERIES; query++)
	{
		double worst = 0;
		double size = 0;

		set_query(&set, query);
		for (int row = 0; row < ROWS; row++)
		{
			VdbNear near = near_of(&set, row % LISTS);

			fine[row] = fine_distance(&set, &near, row);
			exact[row] = exact_of(&set, row, query);
			worst = fmax(worst, fabs(fine[row] - exact[row]));
			size = fmax(size, fabs(exact[row]));
		}
		check_that(worst < 0.005 * size, "error %g of %g", worst, size);
		compare_order(fine, exact, worst);
	}
	check_end();
	free(fine);
	free(exact);
	free_set(&set);
}

static void
test_unit(const Metric *metric)
{
	const VdbSpace *space = vdb_space_named(metric->name);
	double half = metric->units ? 0.5 : 1;

	check_that(vdb_space_unit(space, 0.25f) == half / 16 &&
				   vdb_space_unit(space, 0) == half,
			   "%s", metric->name);
	if (space->number == VDB_IP)
		check_that(vdb_space_least(space, 1) == -INFINITY, "%s", metric->name);
	else
		check_that(vdb_space_least(space, half) >= 0 &&
					   vdb_space_least(space, half) < 3e-7f,
				   "%s", metric->name);
}

/* Keys of rows against one query ----------------------------------------- */

/* Keys differ by as much as distances do, but for a factor. */
static void
test_keys(const Metric *metric)
{
	Set set = make_set(metric, 2);
	double inner = metric->exact == exact_ip ? 1 : 2;

	check_begin("products order as distances do, %s", metric->name);
	for (int query = 0; query < QUERIES; query++)
	{
		float column[PADDED];
		double first = 0;

		for (int d = 0; d < PADDED; d++)
			column[d] = set.z[query * PADDED + d] +
						vdb_space_column(set.coder.space) * set.mean[d];
		for (int row = 0; row < ROWS; row++)
		{
			const float *y = set.y + row * PADDED;
			double norm2 = dot_double(y, y, PADDED);
			double key = vdb_space_half(set.coder.space, (float) norm2) -
						 dot_double(y, column, PADDED);
			double constant = inner * key - exact_of(&set, row, query);

			first = row == 0 ? constant : first;
			check_that(fabs(constant - first) < 1e-4 * (norm2 + set.mean_norm2),
					   "row %d is off by %g", row, constant - first);
		}
	}
	check_end();
	free_set(&set);
}

/* Ends of ranges --------------------------------------------------------- */

static void
test_scales(void)
{
	check_begin("scales are powers of two");
	for (int exponent = -100; exponent <= 100; exponent++)
		check_that(vdb_space_scale(ldexp(1.3, exponent)) ==
					   ldexpf(1, exponent - 3),
				   "1.3 * 2^%d", exponent);
	check_that(vdb_space_scale(0) == 1 && vdb_space_scale(-1) == 1 &&
				   vdb_space_scale(NAN) == 1 && vdb_space_scale(INFINITY) == 1,
			   "no norm");
	check_that(vdb_space_scale(1e300) == 0x1p120f &&
				   vdb_space_scale(1e-300) == 0x1p-120f,
			   "norms beyond a float");
	check_end();
}

static void
test_shift(void)
{
	float y[PADDED] = {8, -4, 2};
	float mean[PADDED] = {1, 1, 1};

	check_begin("shifts");
	vdb_space_shift(y, PADDED, 4, mean);
	check_that(y[0] == 1 && y[1] == -2 && y[2] == -0.5f && y[3] == 0, "by 4");
	vdb_space_shift(y, PADDED, 0, mean);
	check_that(y[0] == 0 && y[1] == -3 && y[2] == -1.5f, "without a scale");
	check_end();
}

/* Bounds everything: the row itself has to be looked at. */
static void
test_untrusted(VdbCoder *coder, float *y, const float *centroid,
			   const char *what)
{
	VdbRowFactors factors = vdb_space_code_row(coder, y, centroid);

	check_that(factors.gain == 0 && vdb_f16_to_f32(factors.add) == -INFINITY,
			   "%s, %s: add %g, gain %g", coder->space->name, what,
			   vdb_f16_to_f32(factors.add), vdb_f16_to_f32(factors.gain));
}

static void
test_extremes(const Metric *metric)
{
	Set set = make_set(metric, 8);
	const float *centroid = set.centroids;
	float y[PADDED];
	VdbRowFactors factors;

	memcpy(y, centroid, sizeof(y));
	factors = vdb_space_code_row(&set.coder, y, centroid);
	check_that(factors.gain == 0 && vdb_f16_to_f32(factors.add) == 0,
			   "%s: a row at its centroid", metric->name);
	y[5] += 8;
	test_untrusted(&set.coder, y, centroid, "a single component");
	y[5] = NAN;
	test_untrusted(&set.coder, y, centroid, "NaN");
	y[5] = 1e30f;
	test_untrusted(&set.coder, y, centroid, "a norm beyond a float");
	for (int i = 0; i < PADDED; i++)
		y[i] = centroid[i] + 1e8f * set.y[i];
	test_untrusted(&set.coder, y, centroid, "factors beyond a half");
	free_set(&set);
}

/* A query beyond all numbers bounds nothing, and hides no metric's order. */
static void
test_far_query(const Metric *metric)
{
	Set set = make_set(metric, 2);
	VdbNear near;
	VdbBound bound;

	for (int i = 0; i < PADDED; i++)
		set.z[i] = i == 0 ? 1.8e19f : 0;
	set_query(&set, 0);
	vdb_space_near(&set.query, 1e38f, 0, -1e10f, &near);
	vdb_space_bound(&set.query, &near, 3, &bound);
	check_that(!isnan(near.distance) && near.gap2 == INFINITY,
			   "%s: distance %g, gap2 %g", metric->name, near.distance,
			   near.gap2);
	check_that(bound.shift == INFINITY, "%s: shift %g", metric->name,
			   bound.shift);
	check_that(isinf(near.distance) == (metric->exact != exact_ip),
			   "%s: distance %g", metric->name, near.distance);
	free_set(&set);
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_table();
	for (int i = 0; i < METRICS; i++)
		test_exact(&metrics[i]);
	for (int i = 0; i < METRICS; i++)
		test_lists(&metrics[i]);
	check_begin("groups of lists");
	for (int i = 0; i < METRICS; i++)
		test_group(&metrics[i]);
	check_end();
	for (int i = 0; i < METRICS; i++)
		for (int bits = 2; bits <= 8; bits *= 2)
			test_rates(&metrics[i], bits);
	check_begin("bounds of a query's copies say nothing but zero");
	for (int i = 0; i < METRICS; i++)
		for (int bits = 2; bits <= 8 && metrics[i].exact != exact_ip; bits *= 2)
			for (int fine = 0; fine <= 1; fine++)
				test_copies(&metrics[i], bits, fine);
	check_end();
	for (int i = 0; i < METRICS; i++)
		test_order(&metrics[i]);
	for (int i = 0; i < METRICS; i++)
		test_keys(&metrics[i]);
	check_begin("units");
	for (int i = 0; i < METRICS; i++)
		test_unit(&metrics[i]);
	check_end();
	test_scales();
	test_shift();
	check_begin("rows without a code that can be trusted");
	for (int i = 0; i < METRICS; i++)
		test_extremes(&metrics[i]);
	check_end();
	check_begin("a query that is too far away");
	for (int i = 0; i < METRICS; i++)
		test_far_query(&metrics[i]);
	check_end();
	return check_done();
}
