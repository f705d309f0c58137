/*
 * test_rng.c: the generator gives the same on every machine, and numbers below
 * a limit are the high half of an exact product; a sample is a fair one.
 */
#include "math/rng.h"

#include <stdlib.h>

#include "check.h"

/* Computed apart from this code, in whole numbers of any length. */
static void
test_products(void)
{
	static const struct
	{
		uint64_t a;
		uint64_t b;
		uint64_t high;
	} products[] = {
		{0, UINT64_MAX, 0},
		{1, UINT64_MAX, 0},
		{UINT64_MAX, UINT64_MAX, UINT64_MAX - 1},
		{UINT64_C(1) << 32, UINT64_C(1) << 32, 1},
		{UINT64_C(0x00000000FFFFFFFF), UINT64_C(0xFFFFFFFF00000001),
		 UINT64_C(0x00000000FFFFFFFE)},
		{UINT64_C(0xFFFFFFFF00000000), UINT64_C(0x00000001FFFFFFFF),
		 UINT64_C(0x00000001FFFFFFFD)},
		{UINT64_C(0xFEDCBA9876543210), UINT64_C(0x0123456789ABCDEF),
		 UINT64_C(0x0121FA00AD77D742)},
	};

	check_begin("high halves of products");
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
	{
		uint64_t one = vdb_high_product(products[i].a, products[i].b);
		uint64_t other = vdb_high_product(products[i].b, products[i].a);

		check_that(one == products[i].high && other == products[i].high,
				   "product %zu", i);
	}
	check_end();
}

/* A sample that is drawn elsewhere would make another index of the same rows.
 */
static void
test_stream(void)
{
	static const struct
	{
		uint64_t limit;
		uint64_t number;
	} draws[] = {
		{10, 5},
		{1000, 745},
		{UINT64_C(1) << 32, UINT64_C(0xf893a2ee)},
		{(UINT64_C(1) << 63) + 12345, UINT64_C(0x38e0c348772179f3)},
		{UINT64_MAX, UINT64_C(0x71bb54d8d101b5b8)},
	};
	VdbRng rng = {1};

	check_begin("numbers below a limit");
	for (size_t i = 0; i < sizeof(draws) / sizeof(draws[0]); i++)
		check_that(vdb_rng_below(&rng, draws[i].limit) == draws[i].number,
				   "draw %zu", i);
	check_end();
}

/* Of ten rows four are kept: each of them in four of ten samples. */
static void
test_places(void)
{
	enum
	{
		ROWS = 10,
		ROOM = 4,
		SAMPLES = 20000
	};
	VdbRng rng = {1};
	int kept[ROWS] = {0};

	check_begin("places in a sample");
	for (int i = 0; i < SAMPLES; i++)
	{
		int sample[ROOM];

		for (int row = 0; row < ROWS; row++)
		{
			uint64_t place = vdb_rng_place(&rng, row, ROOM);

			if (row < ROOM)
				check_that(place == (uint64_t) row, "row %d fills it", row);
			if (place < ROOM)
				sample[place] = row;
		}
		for (int place = 0; place < ROOM; place++)
			kept[sample[place]]++;
	}
	for (int row = 0; row < ROWS; row++)
		check_that(abs(kept[row] - SAMPLES * ROOM / ROWS) < SAMPLES / 50,
				   "row %d was kept %d times", row, kept[row]);
	check_end();
}

int
main(void)
{
	test_products();
	test_stream();
	test_places();
	return check_done();
}
