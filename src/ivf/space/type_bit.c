/*
 * type_bit.c: core's type bit in an index: vectors of zeros and ones.
 *
 * Hamming's distance is squared L2; Jaccard's is the class's own, which is
 * never below Hamming's (math/bits.h).
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/space/type.h"
#include "kernel/kernel.h"
#include "types/bit.h"

static Size
bit_bytes(uint32 dim)
{
	return VARBITTOTALLEN(dim);
}

static const float *
bit_floats(Datum value, uint32 *dim)
{
	VarBit *bits = vdb_bit_datum(value);
	float *floats = palloc(Max(VARBITLEN(bits), 1) * sizeof(float));

	*dim = VARBITLEN(bits);
	for (uint32 i = 0; i < *dim; i++)
		floats[i] = VARBITS(bits)[i / 8] >> (7 - i % 8) & 1;
	return floats;
}

static uint32
bit_dim(Datum value)
{
	return VARBITLEN(vdb_bit_datum(value));
}

static double
bit_distance_hamming(Datum query, Datum value)
{
	return vdb_bit_hamming(vdb_bit_datum(query), vdb_bit_datum(value));
}

static double
bit_distance_jaccard(Datum query, Datum value)
{
	uint64 counts[3];

	vdb_bit_counts(vdb_bit_datum(query), vdb_bit_datum(value), counts);
	return vdb_bit_jaccard_distance.key(counts[0], counts[1], counts[2]);
}

/* Floats are near zero and one, since they have come from bytes. */
static double
own_jaccard(const float *query, const float *x, uint32 dim)
{
	float sums[3];

	vdb_kernel()->cosine_f32(query, x, dim, sums);
	return vdb_bit_jaccard_distance.key(sums[0] < 0.5 ? 0 : sums[0],
										sums[1] < 0.5 ? 0 : sums[1], sums[2]);
}

/*
 * j is at most r where the key is at most a r / (1 - r), but for rounding.
 * Without a bit in the query all rows are at a distance of one.
 */
static double
jaccard_reach(Datum query, double radius)
{
	VarBit *bits = vdb_bit_datum(query);
	uint64 counts[3];

	if (radius >= 1)
		return INFINITY;
	vdb_bit_counts(bits, bits, counts);
	if (radius < 0 || counts[0] == 0)
		return -INFINITY;
	return counts[0] * radius / (1 - radius) * (1 + 4 * DBL_EPSILON);
}

static const uint8 *
bit_bits(Datum value)
{
	return VARBITS(vdb_bit_datum(value));
}

/* Bits are an eighth of what floats are in memory, and the limit is higher. */
#define BIT_ROW(hamming_or_jaccard)                                            \
	.name = "bit", .metric = VDB_L2, .max_dim = VDB_MAX_BITS,                  \
	.bytes = bit_bytes, .floats = bit_floats, .dim = bit_dim,                  \
	.distance = bit_distance_##hamming_or_jaccard, .length = "bit lengths",    \
	.distance_name = #hamming_or_jaccard, .bits = bit_bits,                    \
	.bit_distance = &vdb_bit_##hamming_or_jaccard##_distance

static const IvfType bit_hamming = {BIT_ROW(hamming)};
static const IvfType bit_jaccard = {BIT_ROW(jaccard), .own = own_jaccard,
									.reach = jaccard_reach,
									.reach_by_query = true};

PG_FUNCTION_INFO_V1(ivfflat_bit_hamming_support);
Datum
ivfflat_bit_hamming_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&bit_hamming);
}

PG_FUNCTION_INFO_V1(ivfflat_bit_jaccard_support);
Datum
ivfflat_bit_jaccard_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&bit_jaccard);
}
