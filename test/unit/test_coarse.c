/*
 * test_coarse.c: distances by coarse codes against those by the codes that they
 * were made of.
 */
#include "math/coarse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

#define SEED 7331
#define DIM 112
#define GROUPS 40
#define LISTS (GROUPS * VDB_GROUP)
#define QUERIES 40
#define LINES (DIM / 4)

/* A root in memory, and its coarse codes. */
typedef struct Root
{
	const VdbSpace *space;
	float mean[DIM];
	float mean_norm2;
	VdbListFactors factors[LISTS];
	uint8_t lines[GROUPS][LINES * VDB_LINE];
	uint8_t *coarse;
	float gain; /* mean */
} Root;

static float
coarsen(Root *root, int g, uint32_t lists)
{
	float norm2[VDB_GROUP];
	float mean_dot[VDB_GROUP];
	float gain[VDB_GROUP];
	VdbListGroup group = {norm2, mean_dot, gain, root->lines[g], lists};

	for (int v = 0; v < VDB_GROUP; v++)
	{
		const VdbListFactors *list = &root->factors[g * VDB_GROUP + v];

		norm2[v] = list->norm2;
		mean_dot[v] = list->mean_dot;
		gain[v] = list->gain;
	}
	return vdb_coarse_group(root->space, DIM, &group,
							root->coarse + g * vdb_coarse_bytes(DIM));
}

static void
code_lists(Root *root, float *centroids)
{
	const VdbCodeFormat *format = vdb_code_format(8);
	float residual[DIM];
	uint8_t fields[DIM];
	VdbCoder coder = {.space = root->space,
					  .lists = format,
					  .mean = root->mean,
					  .dim = DIM,
					  .residual = residual,
					  .fields = fields};

	for (int i = 0; i < LISTS; i++)
	{
		uint8_t *lines = root->lines[i / VDB_GROUP];

		root->factors[i] = vdb_space_code_list(&coder, centroids + i * DIM);
		for (uint32_t line = 0; line < LINES; line++)
			vdb_code_put(format, fields, line, i % VDB_GROUP,
						 lines + line * VDB_LINE);
	}
}

/* Centroids of norms that differ, and the first one of zeros. */
static Root *
make_root(VdbRng *rng, const VdbSpace *space, float length, float *centroids)
{
	Root *root = must_alloc(sizeof(Root));

	memset(root, 0, sizeof(*root));
	root->space = space;
	random_normals(rng, root->mean, DIM);
	root->mean_norm2 = vdb_kernel()->dot_f32(root->mean, root->mean, DIM);
	random_normals(rng, centroids, LISTS * DIM);
	for (int i = 0; i < LISTS; i++)
		for (int d = 0; d < DIM; d++)
			centroids[i * DIM + d] *= length * (i % 4) * 0.5f;
	code_lists(root, centroids);
	root->coarse = must_alloc(GROUPS * vdb_coarse_bytes(DIM));
	for (int g = 0; g < GROUPS; g++)
		root->gain += coarsen(root, g, 0xFFFF) / LISTS;
	return root;
}

static void
free_root(Root *root)
{
	free(root->coarse);
	free(root);
}

static void
make_query(VdbRng *rng, const Root *root, VdbSpaceQuery *query, float *z,
		   int8_t bytes[2][DIM])
{
	random_normals(rng, z, DIM);
	*query = (VdbSpaceQuery){.space = root->space,
							 .rows = vdb_code_format(2),
							 .lists = vdb_code_format(8),
							 .code.hi = bytes[0],
							 .code.lo = bytes[1]};
	vdb_space_query(query, z, root->mean, root->mean_norm2, DIM);
}

/* A list's distance by its centroid. */
static float
distance_of(const Root *root, const VdbSpaceQuery *query, const float *z,
			const float *centroid, int i)
{
	VdbNear near;

	vdb_space_near(query, root->factors[i].norm2, root->factors[i].mean_dot,
				   vdb_kernel()->dot_f32(centroid, z, DIM), &near);
	return near.distance;
}

/* Errors of estimates, in the standard deviation that is told of them. */
typedef struct Errors
{
	double sum;
	double squares;
	long beyond; /* two */
	long count;
} Errors;

static void
add_error(Errors *errors, double error)
{
	errors->sum += error;
	errors->squares += error * error;
	errors->beyond += fabs(error) > 2;
	errors->count++;
}

static void
test_distances(VdbRng *rng, const VdbSpace *space)
{
	float *centroids = must_alloc(LISTS * DIM * sizeof(float));
	float *distance = must_alloc(LISTS * sizeof(float));
	Root *root = make_root(rng, space, 1, centroids);
	int8_t bytes[2][DIM];
	float z[DIM];
	Errors errors = {0};
	double worst = 0;

	for (int q = 0; q < QUERIES; q++)
	{
		VdbSpaceQuery query;

		make_query(rng, root, &query, z, bytes);
		vdb_coarse_distances(&query, root->coarse, GROUPS, distance);
		for (int i = 0; i < LISTS; i++)
		{
			double error = distance[i] -
						   distance_of(root, &query, z, centroids + i * DIM, i);
			float gain = root->gain * (i % 4) / 1.5f;

			if (i % 4 == 0)
				worst = fmax(worst, fabs(error));
			else
				add_error(&errors, error / vdb_coarse_error(&query, gain));
		}
	}
	check(fabs(errors.sum / errors.count) < 0.05,
		  "%s: estimates are unbiased, %.3f", space->name,
		  errors.sum / errors.count);
	check(sqrt(errors.squares / errors.count) > 0.95 &&
			  sqrt(errors.squares / errors.count) < 1.05,
		  "%s: they err by what is said, %.3f", space->name,
		  sqrt(errors.squares / errors.count));
	check(errors.beyond < 0.06 * errors.count,
		  "%s: few by more than twice that, %.3f", space->name,
		  (double) errors.beyond / errors.count);
	check(worst < 0.01, "%s: zero has no error, %.3f", space->name, worst);
	free_root(root);
	free(distance);
	free(centroids);
}

static void
test_lanes(VdbRng *rng)
{
	float *centroids = must_alloc(LISTS * DIM * sizeof(float));
	Root *root = make_root(rng, vdb_space_numbered(VDB_L2), 1, centroids);
	float all[VDB_GROUP];
	float some[VDB_GROUP];
	int8_t bytes[2][DIM];
	float z[DIM];
	VdbSpaceQuery query;

	make_query(rng, root, &query, z, bytes);
	vdb_coarse_distances(&query, root->coarse, 1, all);
	coarsen(root, 0, 0x0FF5);
	vdb_coarse_distances(&query, root->coarse, 1, some);
	check_begin("lanes without a list are infinitely far");
	for (int v = 0; v < VDB_GROUP; v++)
		check_that(0x0FF5 >> v & 1 ? some[v] == all[v] : some[v] == INFINITY,
				   "lane %d: %g, %g", v, all[v], some[v]);
	check_end();
	free_root(root);
	free(centroids);
}

/* Factors are halves. */
static void
test_far(VdbRng *rng)
{
	float *centroids = must_alloc(LISTS * DIM * sizeof(float));
	Root *root = make_root(rng, vdb_space_numbered(VDB_L2), 10, centroids);

	check(isfinite(root->gain), "norms that a half can hold");
	free_root(root);
	root = make_root(rng, vdb_space_numbered(VDB_L2), 100, centroids);
	check(isnan(root->gain), "norms that it cannot");
	free_root(root);
	free(centroids);
}

int
main(void)
{
	VdbRng rng = {SEED};

	test_distances(&rng, vdb_space_numbered(VDB_L2));
	test_distances(&rng, vdb_space_numbered(VDB_IP));
	test_distances(&rng, vdb_space_numbered(VDB_COSINE));
	test_lanes(&rng);
	test_far(&rng);
	return check_done();
}
