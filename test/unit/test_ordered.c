/*
 * test_ordered.c: keys have the order of the numbers, and become them again.
 */
#include "math/ordered.h"

#include <float.h>
#include <inttypes.h>

#include "check.h"
#include "random.h"

#define ROUNDS 20000

static VdbRng rng = {20261129};

static int
sign_of(bool less, bool more)
{
	return more - less;
}

static int
order_of_keys(uint64_t a, uint64_t b)
{
	return sign_of(a<b, a> b);
}

/* Of all sizes, and often at an end or next to "near". */
static int64_t
random_signed(size_t width, int64_t near)
{
	int64_t most = (int64_t) (vdb_key_most(width) >> 1);
	int64_t values[] = {-most - 1, -most, -1, 0, 1, most - 1, most};

	switch (vdb_rng_below(&rng, 4))
	{
		case 0:
			return values[vdb_rng_below(&rng, 7)];
		case 1:
			return near < most ? near + 1 : near;
		default:
			return (int64_t) vdb_rng_next(&rng) >> (64 - 8 * width) >>
				   vdb_rng_below(&rng, 8 * width);
	}
}

static void
test_signed(size_t width)
{
	check_begin("signed numbers of %zu bytes", width);
	for (int i = 0; i < ROUNDS; i++)
	{
		int64_t x = random_signed(width, 0);
		int64_t y = random_signed(width, x);
		uint64_t key = vdb_key_of_signed(x, width);

		check_that(order_of_keys(key, vdb_key_of_signed(y, width)) ==
					   sign_of(x<y, x> y),
				   "%" PRId64 " and %" PRId64, x, y);
		check_that(key <= vdb_key_most(width) &&
					   vdb_signed_of_key(key, width) == x,
				   "%" PRId64 " and back", x);
	}
	check_end();
}

/* PostgreSQL's order: NaN is one value, above all others. */
static int
order_of_doubles(double x, double y)
{
	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return sign_of(x<y, x> y);
}

static double
random_double(double near)
{
	const double values[] = {0.0,	  -0.0,		DBL_MIN,   -DBL_MIN,
							 DBL_MAX, -DBL_MAX, HUGE_VAL,  -HUGE_VAL,
							 NAN,	  -NAN,		0x1p-1074, -0x1p-1074,
							 FLT_MAX, FLT_MIN,	0x1p-149};
	uint64_t bits = vdb_rng_next(&rng);
	double value;

	switch (vdb_rng_below(&rng, 4))
	{
		case 0:
			return values[vdb_rng_below(&rng, 15)];
		case 1:
			return nextafter(near, vdb_rng_below(&rng, 2) ? HUGE_VAL : 0);
		case 2:
			return random_normal(&rng);
		default:
			memcpy(&value, &bits, sizeof(value));
			return value;
	}
}

static bool
same(double x, double y)
{
	return x == y || (isnan(x) && isnan(y));
}

static void
test_doubles(void)
{
	check_begin("doubles");
	for (int i = 0; i < ROUNDS; i++)
	{
		double x = random_double(1);
		double y = random_double(x);
		uint64_t key = vdb_key_of_double(x);

		check_that(order_of_keys(key, vdb_key_of_double(y)) ==
					   order_of_doubles(x, y),
				   "%a and %a", x, y);
		check_that(key >= VDB_KEY_DOUBLE_LEAST && key <= VDB_KEY_DOUBLE_MOST,
				   "key of %a", x);
		check_that(same(vdb_double_of_key(key), x), "%a and back", x);
	}
	check_end();
}

static void
test_floats(void)
{
	check_begin("floats");
	for (int i = 0; i < ROUNDS; i++)
	{
		float x = (float) random_double(1);
		float y = (float) random_double(x);
		uint64_t key = vdb_key_of_float(x);

		check_that(order_of_keys(key, vdb_key_of_float(y)) ==
					   order_of_doubles(x, y),
				   "%a and %a", x, y);
		check_that(key >= VDB_KEY_FLOAT_LEAST && key <= VDB_KEY_FLOAT_MOST,
				   "key of %a", x);
		check_that(same(vdb_float_of_key(key), x), "%a and back", x);
	}
	check_end();
}

/* What an index's pages hold: these may not change. */
static void
test_fixed(void)
{
	check(vdb_key_of_signed(-1, 2) == 0x7fff && vdb_key_of_signed(5, 1) == 0x85,
		  "keys of integers");
	check(vdb_key_of_float(1.0f) == 0xbf800000 &&
			  vdb_key_of_float(-1.0f) == 0x407fffff,
		  "keys of floats");
	check(vdb_key_of_double(-0.0) == UINT64_C(1) << 63, "the key of zero");
	check(vdb_key_of_float(-HUGE_VALF) == VDB_KEY_FLOAT_LEAST &&
			  vdb_key_of_double(-HUGE_VAL) == VDB_KEY_DOUBLE_LEAST,
		  "the least keys");
	check(vdb_key_of_float(NAN) == VDB_KEY_FLOAT_MOST &&
			  vdb_key_of_float(HUGE_VALF) < VDB_KEY_FLOAT_MOST &&
			  isnan(vdb_float_of_key(VDB_KEY_FLOAT_MOST)) &&
			  isnan(vdb_double_of_key(VDB_KEY_DOUBLE_MOST)),
		  "the greatest keys");
}

int
main(void)
{
	for (size_t width = 1; width <= 8; width *= 2)
		test_signed(width);
	test_doubles();
	test_floats();
	test_fixed();
	return check_done();
}
