/*
 * spill.c: see spill.h.
 */
#include "math/spill.h"

#include <math.h>

#include "math/nearest.h"
#include "math/vec.h"

float
vdb_spill_ratio(const float *y, const float *first, const float *second,
				uint32_t dim)
{
	Vec own = vec_all(0);
	Vec other = vec_all(0);
	Vec both = vec_all(0);
	float norm2;
	float along;

	for (uint32_t i = 0; i < dim; i += VEC_WIDTH)
	{
		Vec x = vec_load(y + i);
		Vec r = x - vec_load(first + i);
		Vec s = x - vec_load(second + i);

		own += r * r;
		other += s * s;
		both += r * s;
	}
	norm2 = vec_sum(own);
	if (!(norm2 > 0))
		return INFINITY;
	along = vec_sum(both) / norm2;
	return vec_sum(other) / norm2 + along * along;
}

float
vdb_spill_ratio_least(float own, float other)
{
	return own > 0 ? other / own : INFINITY;
}

/* |c - c'|^2 = |r|^2 + |r'|^2 - 2 <r, r'>. */
float
vdb_spill_ratio_apart(float own, float other, float between)
{
	float along = (own + other - between) / 2 / own;

	return own > 0 ? vdb_spill_ratio_least(own, other) + along * along
				   : INFINITY;
}

const float *
vdb_spill_centroid(void *centroids, uint32_t list, float *memory)
{
	vdb_centroid_get(centroids, list, memory);
	return memory;
}

VdbSecond
vdb_spill_second(const float *y, uint32_t dim, const uint32_t *lists,
				 size_t count, VdbCentroidOf centroid_of, void *arg,
				 float *memory)
{
	VdbSecond second = {VDB_NO_SECOND, INFINITY};
	const float *own = centroid_of(arg, lists[0], memory);

	for (size_t i = 1; i < count; i++)
	{
		const float *other = centroid_of(arg, lists[i], memory + dim);
		float ratio = vdb_spill_ratio(y, own, other, dim);

		/* Of fewer lists than were asked for, one may be there again. */
		if (lists[i] != lists[0] && ratio < second.ratio)
			second = (VdbSecond){lists[i], ratio};
	}
	return second;
}
