/*
 * sketch.c: see sketch.h.
 */
#include "math/sketch.h"

#include <float.h>
#include <string.h>

#include "math/rng.h"

/*
 * Of a dimension's 64 random bits each block takes 16: the lowest is the sign,
 * and all together are the place, as a fraction of the block.
 */
#define BLOCK_BITS 16

/* With all four the same length comes out as went in. */
#define WEIGHT 0.5f

static float
clip(float x)
{
	if (x > FLT_MAX)
		return FLT_MAX;
	return x < -FLT_MAX ? -FLT_MAX : x;
}

void
vdb_sketch(const int32_t *index, const float *values, uint32_t n, uint64_t seed,
		   float *out, uint32_t dim)
{
	uint32_t block = dim / VDB_SKETCH_BLOCKS;

	memset(out, 0, dim * sizeof(float));
	for (uint32_t i = 0; i < n; i++)
	{
		VdbRng rng = {seed ^ (uint32_t) index[i]};
		uint64_t bits = vdb_rng_next(&rng);
		float x = values[i] * WEIGHT;

		for (uint32_t b = 0; b < VDB_SKETCH_BLOCKS; b++)
		{
			uint32_t part = (uint32_t) (bits >> (b * BLOCK_BITS)) & 0xFFFF;
			float *place = &out[b * block + ((part * block) >> BLOCK_BITS)];

			*place = clip(*place + ((part & 1) ? x : -x));
		}
	}
}
