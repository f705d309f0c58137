/*
 * coarse.c: see coarse.h.
 */
#include "math/coarse.h"

#include <string.h>

/* Bits, and lines of 8-bit codes that become one of coarse ones. */
#define BITS 2
#define LINES 4

/* Bytes of a lane in a line. */
#define LANE (VDB_LINE / VDB_GROUP)

/* The ends of the second and third field's range, of all bytes of a line. */
typedef struct Ends
{
	uint8_t low[VDB_LINE];
	uint8_t high[VDB_LINE];
} Ends;

static void
find_ends(const VdbListGroup *group, uint32_t dim, Ends *ends)
{
	for (int i = 0; i < VDB_LINE; i++)
	{
		int v = i / LANE;
		float deviation = sqrtf(group->norm2[v] / dim) / group->gain[v];

		/* Of a list at the origin, whose gain is zero, any will do. */
		ends->low[i] = deviation < 127 ? (uint8_t) (127.5f - deviation) : 0;
		ends->high[i] = 255 - ends->low[i];
	}
}

/*
 * Code a line as field "place" of the bytes of another one; with o and c for
 * what fields stand for, <o, c> in quarters is added to the sums of the bytes.
 */
static void
code_line(const uint8_t *line, const Ends *ends, int place, uint8_t *coarse,
		  int32_t sums[VDB_LINE])
{
	for (int i = 0; i < VDB_LINE; i++)
	{
		int field = (line[i] > ends->low[i]) + (line[i] > 127) +
					(line[i] > ends->high[i]);

		coarse[i] |= (uint8_t) (field << place * BITS);
		sums[i] += (2 * field - 3) * (2 * line[i] - 255);
	}
}

/* Gain of what has such a sum; 0 for a centroid that is zero. */
static float
gain_of(const VdbListGroup *group, int v, const int32_t sums[VDB_LINE])
{
	float product = 0;

	for (int i = 0; i < LANE; i++)
		product += 0.25f * sums[v * LANE + i];
	product *= group->gain[v];
	return product > 0 ? group->norm2[v] / product : 0;
}

/* What the query has no part in, as space.h has it for a centroid of zero. */
static float
add_of(const VdbSpace *space, const VdbListGroup *group, int v)
{
	return vdb_space_part(space->norm, group->norm2[v]) -
		   vdb_space_part(vdb_space_mean(space), group->mean_dot[v]);
}

/* The greatest half. */
#define MOST_HALF 65504

float
vdb_coarse_group(const VdbSpace *space, uint32_t dim, const VdbListGroup *group,
				 uint8_t *coarse)
{
	int32_t sums[VDB_LINE] = {0};
	uint16_t add[VDB_GROUP];
	uint16_t gains[VDB_GROUP];
	float sum = 0;
	Ends ends;

	find_ends(group, dim, &ends);
	memset(coarse, 0, vdb_coarse_bytes(dim));
	for (uint32_t line = 0; line < dim / LANE; line++)
		code_line(group->lines + line * VDB_LINE, &ends, line % LINES,
				  coarse + (1 + line / LINES) * VDB_LINE, sums);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		bool list = group->lists >> v & 1;
		float gain = list ? gain_of(group, v, sums) : 0;
		float value = list ? add_of(space, group, v) : 0;

		if (!(fabsf(value) < MOST_HALF && gain < MOST_HALF))
			sum = NAN;
		add[v] = list ? vdb_f32_to_f16(value) : vdb_f32_to_f16(INFINITY);
		gains[v] = vdb_f32_to_f16(gain);
		sum += gain;
	}
	memcpy(coarse, add, sizeof(add));
	memcpy(coarse + sizeof(add), gains, sizeof(gains));
	return sum;
}

/* Coarse codes are those of rows in a list whose centroid is zero. */
static VdbSpaceQuery
coarse_query(const VdbSpaceQuery *query)
{
	VdbSpaceQuery coarse = *query;

	coarse.rows = vdb_code_format(BITS);
	coarse.fine = false;
	coarse.sketch = 0;
	return coarse;
}

void
vdb_coarse_distances(const VdbSpaceQuery *query, const uint8_t *groups,
					 size_t n, float *distance)
{
	const VdbKernel *kernel = vdb_kernel();
	size_t bytes = vdb_coarse_bytes(query->code.dim);
	VdbGroups form = vdb_groups(bytes / VDB_LINE, 1);
	VdbSpaceQuery coarse = coarse_query(query);
	VdbNear origin;
	VdbBound bound;
	uint32_t mask;

	vdb_space_near(&coarse, 0, 0, 0, &origin);
	vdb_space_bound(&coarse, &origin, 0, &bound);
	for (size_t i = 0; i < n; i++)
		kernel->code_bounds2(groups + i * bytes, 1, &form, query->code.hi,
							 &bound, INFINITY, distance + i * VDB_GROUP, &mask);
}

float
vdb_coarse_error(const VdbSpaceQuery *query, float gain)
{
	return query->space->inner * gain * vdb_code_format(BITS)->error *
		   sqrtf(query->code.norm2);
}
