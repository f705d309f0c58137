/*
 * space.c: see space.h, which has the formulas.
 */
#include "math/space.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Relative error of sums of float32 products, with room to spare. */
#define ROUNDING 2e-6f

/* Standard deviations of what rounding leaves: of a step, of a half. */
#define STEP_ERROR 0.2887f
#define HALF_ERROR (0.5774f / 2048)

static const VdbSpace spaces[] = {
	{VDB_L2, "l2", false, 1, 2, 1},
	{VDB_IP, "ip", false, 0, 1, 1},
	{VDB_COSINE, "cosine", true, 1, 2, 0.5f},
};

#define NUM_SPACES (sizeof(spaces) / sizeof(spaces[0]))

const VdbSpace *
vdb_space_numbered(uint32_t number)
{
	for (size_t i = 0; i < NUM_SPACES; i++)
		if (spaces[i].number == number)
			return &spaces[i];
	return NULL;
}

const VdbSpace *
vdb_space_named(const char *name)
{
	for (size_t i = 0; i < NUM_SPACES; i++)
		if (strcmp(spaces[i].name, name) == 0)
			return &spaces[i];
	return NULL;
}

float
vdb_space_exact(const VdbSpace *space, const float *x, const float *q,
				uint32_t dim)
{
	float mean = vdb_space_mean(space);
	float sum = 0;

	if (space->norm != 0)
		sum += space->norm * vdb_kernel()->l2sq_f32(x, q, dim);
	if (mean != 0)
		sum -= mean * vdb_kernel()->dot_f32(x, q, dim);
	return sum;
}

double
vdb_space_unit(const VdbSpace *space, float scale)
{
	double length = scale > 0 ? scale : 1;

	return length * length * space->unit;
}

float
vdb_space_least(const VdbSpace *space, double unit)
{
	if (vdb_space_mean(space) != 0)
		return -INFINITY;
	return space->normalize ? FLT_EPSILON / unit : 0;
}

/*
 * A power of two, so that scaling is exact.  Residuals of typical length get a
 * norm of about eight: the factors |r|^2 and |r|^2 / <o, r> then lie in the
 * middle of what a half float can hold, from 1 to 16,000 dimensions.
 */
float
vdb_space_scale(double norm)
{
	int exponent;

	if (!(norm > 0) || isinf(norm))
		return 1;
	frexp(norm, &exponent);
	exponent = exponent - 4 < 120 ? exponent - 4 : 120;
	return ldexpf(1, exponent > -120 ? exponent : -120);
}

void
vdb_space_shift(float *y, uint32_t dim, float scale, const float *mean)
{
	float factor = scale > 0 ? 1 / scale : 1;

	for (uint32_t i = 0; i < dim; i++)
		y[i] = y[i] * factor - mean[i];
}

/* Rows and lists --------------------------------------------------------- */

/* What the query has no part in.  Products that have no weight are not made. */
static float
row_add(const VdbCoder *coder, const float *centroid, float norm2, float gain)
{
	const VdbSpace *space = coder->space;
	const VdbKernel *kernel = vdb_kernel();
	float mean = vdb_space_mean(space);
	float add =
		space->inner * (gain * vdb_code_inner(coder->rows, coder->fields,
											  centroid, coder->dim));

	if (space->norm != 0)
		add += space->norm * norm2;
	if (mean != 0)
	{
		add -= mean * kernel->dot_f32(coder->residual, centroid, coder->dim);
		add -= mean * kernel->dot_f32(coder->residual, coder->mean, coder->dim);
	}
	return add;
}

VdbRowFactors
vdb_space_code_row(VdbCoder *coder, const float *y, const float *centroid)
{
	VdbRowFactors factors;
	VdbEncoded encoded;
	float add;
	bool coded;

	for (uint32_t i = 0; i < coder->dim; i++)
		coder->residual[i] = y[i] - centroid[i];
	coded = vdb_encode(coder->rows, coder->residual, coder->dim, coder->fields,
					   &encoded);
	if (!coded)
		memset(coder->fields, 0, coder->dim);

	factors.norm2 = encoded.norm2;
	/* The stored gain is the one that "add" is made for. */
	factors.gain = vdb_f32_to_f16(encoded.gain);
	add = row_add(coder, centroid, encoded.norm2, vdb_f16_to_f32(factors.gain));

	/* Where the code says too little, let the row itself speak. */
	if (!coded || !isfinite(vdb_f16_to_f32(factors.gain)) || !isfinite(add) ||
		encoded.error > VDB_MAX_ERROR_RATIO * coder->rows->error)
	{
		factors.gain = 0;
		add = -INFINITY;
	}
	factors.add = vdb_f32_to_f16_floor(add);
	return factors;
}

VdbListFactors
vdb_space_code_list(VdbCoder *coder, float *centroid)
{
	const VdbKernel *kernel = vdb_kernel();
	uint32_t dim = coder->dim;
	VdbListFactors factors;
	VdbEncoded encoded;

	if (!vdb_encode(coder->lists, centroid, dim, coder->fields, &encoded))
		memset(coder->fields, 0, dim);
	factors.gain = encoded.gain;
	vdb_space_decode_list(coder->lists, coder->fields, factors.gain, dim,
						  centroid);
	factors.norm2 = kernel->dot_f32(centroid, centroid, dim);
	factors.mean_dot = kernel->dot_f32(centroid, coder->mean, dim);
	return factors;
}

void
vdb_space_decode_list(const VdbCodeFormat *format, const uint8_t *fields,
					  float gain, uint32_t dim, float *centroid)
{
	for (uint32_t i = 0; i < dim; i++)
		centroid[i] = gain * (fields[i] - format->center);
}

/* Queries ---------------------------------------------------------------- */

void
vdb_space_query(VdbSpaceQuery *query, const float *z, const float *mean,
				float mean_norm2, uint32_t dim)
{
	float dot = vdb_kernel()->dot_f32(mean, z, dim);

	vdb_quantize_query(z, dim, &query->code);
	query->mean_dot = dot + mean_norm2;
	query->origin = sqrtf(fmaxf(query->code.norm2 + 2 * dot + mean_norm2, 0));
}

/* What lists add to distances besides their gaps. */
static void
add_means(const VdbSpaceQuery *query, const float *mean_dot,
		  const float dot[VDB_GROUP], float distance[VDB_GROUP])
{
	float mean = vdb_space_mean(query->space);

	if (mean == 0)
		return;
	for (int v = 0; v < VDB_GROUP; v++)
		distance[v] -= mean * (query->mean_dot + mean_dot[v] + dot[v]);
}

/* Lane by lane without a branch, so that a compiler makes vectors of it. */
void
vdb_space_near_group(const VdbSpaceQuery *query, const float *gain,
					 const float *norm2, const float *mean_dot,
					 const int32_t *hi, const int32_t *lo,
					 float gap2[VDB_GROUP], float distance[VDB_GROUP])
{
	float weight = query->space->norm;
	float dot[VDB_GROUP];
	float gap[VDB_GROUP];

	for (int v = 0; v < VDB_GROUP; v++)
		dot[v] = vdb_space_list_dot(query, gain[v], hi[v], lo[v]);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		gap[v] = norm2[v] + query->code.norm2 - 2 * dot[v];
		gap[v] = gap[v] > 0 ? gap[v] : 0;
	}
	memcpy(gap2, gap, sizeof(gap));
	if (weight != 0)
		for (int v = 0; v < VDB_GROUP; v++)
			distance[v] = weight * gap[v];
	else
		memset(distance, 0, sizeof(gap));
	add_means(query, mean_dot, dot, distance);
}

/* A query as the codes of rows meet it, in steps of its rounding. */
typedef struct Steps
{
	float step;
	float sum;	/* of all components */
	float rest; /* |z - its rounded form| */
} Steps;

static Steps
query_steps(const VdbSpaceQuery *query)
{
	const VdbQuery *code = &query->code;

	if (!query->fine || code->fine == 0)
		return (Steps){code->step, (float) code->hi_sum, code->rest};
	return (Steps){code->fine,
				   (float) vdb_fine_inner(code->hi_sum, code->lo_sum),
				   STEP_ERROR * code->fine * sqrtf((float) code->dim)};
}

void
vdb_space_bound(const VdbSpaceQuery *query, const VdbNear *near, float epsilon,
				VdbBound *bound)
{
	const VdbCodeFormat *format = query->rows;
	const VdbQuery *code = &query->code;
	Steps steps = query_steps(query);
	float inner = query->space->inner;

	/* Centroids meet a query that is rounded: <c, z> has an error, too. */
	float dot = epsilon * STEP_ERROR * code->fine * sqrtf(near->norm2);
	float gap = sqrtf(near->gap2 + 2 * dot);

	/* Where vectors may not move, a sketch's error grows with their length. */
	float length = vdb_space_mean(query->space) != 0 ? query->origin : gap;
	float sketch = query->sketch > 0 ? query->sketch * length : 0;

	/*
	 * The code errs by nothing along its residual, where the query's copies
	 * are, but for its gain, a half.
	 */
	float usual = hypotf(format->error, format->spread * HALF_ERROR *
											sqrtf((float) code->dim));

	/* The errors of code, quantized query and sketches are independent. */
	float error =
		hypotf(usual * gap, format->spread * hypotf(steps.rest, sketch));

	/* Products with the mean have no part where vectors may move. */
	float products =
		vdb_space_part(vdb_space_mean(query->space), query->mean_dot);

	bound->base = near->distance - inner * dot -
				  ROUNDING * (code->norm2 + near->norm2 + fabsf(products));
	bound->scale = inner * steps.step;
	bound->shift =
		inner * (epsilon * error - steps.step * format->center * steps.sum);
}
