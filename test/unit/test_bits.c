/*
 * test_bits.c: the distances of bit strings against their definitions.
 */
#include <math.h>
#include <string.h>

#include "check.h"
#include "math/bits.h"

/* Of so many bits, all counts that there can be: keys order as distances. */
static void
test_order(const VdbBitDistance *distance, bool jaccard)
{
	enum
	{
		BITS = 12
	};

	check_begin("%s: orders as the distance does", distance->name);
	for (int a = 1; a <= BITS; a++)
	{
		double known[(BITS + 1) * (BITS + 1)][2];
		int n = 0;

		for (int b = 0; b <= BITS; b++)
			for (int i = a + b > BITS ? a + b - BITS : 0; i <= a && i <= b; i++)
			{
				known[n][0] = distance->key(i, a, b);
				known[n++][1] =
					jaccard ? 1 - i / (double) (a + b - i) : a + b - 2 * i;
				check_that(known[n - 1][0] >= a + b - 2 * i,
						   "%d, %d, %d: below Hamming's", i, a, b);
			}
		for (int x = 0; x < n; x++)
			for (int y = 0; y < n; y++)
				check_that(fabs(known[x][1] - known[y][1]) < 1e-12 ||
							   (known[x][0] < known[y][0]) ==
								   (known[x][1] < known[y][1]),
						   "%d set: %g and %g", a, known[x][1], known[y][1]);
	}
	check_that(distance->key(0, 0, 3) == 3, "a query of zeros");
	check_end();
}

/* A group's keys are those of its values; NaN is kept, infinity is not. */
static void
test_group(const VdbBitDistance *distance)
{
	int32_t both[VDB_GROUP];
	uint16_t ones[VDB_GROUP];
	float keys[VDB_GROUP];
	uint32_t query = 40000;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		both[v] = 2500 * v;
		ones[v] = (uint16_t) (both[v] + 17 * v);
	}
	check_begin("%s: a group", distance->name);
	for (int limit = -1; limit < VDB_GROUP; limit++)
	{
		float threshold =
			limit < 0 ? INFINITY
					  : (float) distance->key(both[limit], query, ones[limit]);
		uint32_t mask = distance->keys(both, query, ones, threshold, keys);

		for (int v = 0; v < VDB_GROUP; v++)
		{
			float key = (float) distance->key(both[v], query, ones[v]);

			check_that(keys[v] == key, "lane %d: %g, not %g", v, keys[v], key);
			check_that((mask >> v & 1) == !(key > threshold), "lane %d", v);
		}
	}
	check_that(distance->keys(both, query, ones, NAN, keys) == 0xFFFF, "NaN");
	check_end();
}

static void
test_ones(void)
{
	uint8_t bytes[VDB_MAX_BITS / 8];

	memset(bytes, 0xFF, sizeof(bytes));
	check(vdb_bit_ones(bytes, sizeof(bytes)) == VDB_MAX_BITS,
		  "the most bits are counted");
	bytes[3] = 0x10;
	check(vdb_bit_ones(bytes, 5) == 33, "some bits are counted");
}

int
main(void)
{
	test_order(&vdb_bit_hamming_distance, false);
	test_order(&vdb_bit_jaccard_distance, true);
	test_group(&vdb_bit_hamming_distance);
	test_group(&vdb_bit_jaccard_distance);
	test_ones();
	return check_done();
}
