/*
 * test_kernel.c: the choice of a kernel; counts of bits, and keys in ranges.
 */
#include "kernel_test.h"

/*
 * The choice of a table
 */

/* What vdb_kernel_limit has to choose, from what vdb_kernel_at offers. */
static const VdbKernel *
best_within(int limit)
{
	const VdbKernel *best = vdb_kernel_at(VDB_SCALAR);
	int rank = 0;

	for (int i = 0; i < VDB_LEVELS; i++)
		if (vdb_kernel_at(known[i].level) != NULL && known[i].rank > rank &&
			known[i].rank <= known[limit].rank &&
			known[i].x86 == known[limit].x86)
		{
			best = vdb_kernel_at(known[i].level);
			rank = known[i].rank;
		}
	return best;
}

/* Runs before any other call: the first one chooses. */
static void
test_choice(void)
{
	const VdbKernel *first = vdb_kernel();
	const VdbKernel *best = best_within(VDB_AVX512_VNNI);
	int rank = 0;

	if (vdb_kernel_at(VDB_NEON) != NULL)
		best = vdb_kernel_at(VDB_NEON);
	check(first == best, "the first call chooses %s", best->name);

	check_begin("vdb_kernel_at");
	check_that(vdb_kernel_at(VDB_SCALAR) != NULL, "no scalar table");
	check_that(vdb_kernel_at(VDB_NEON) == NULL ||
				   vdb_kernel_at(VDB_AVX2) == NULL,
			   "two kinds of processor");
	check_that(vdb_kernel_at((VdbLevel) VDB_LEVELS) == NULL, "one too many");
	for (int i = 0; i < VDB_LEVELS; i++)
	{
		const VdbKernel *kernel = vdb_kernel_at(known[i].level);

		check_that(kernel == NULL || strncmp(kernel->name, known[i].name,
											 strlen(known[i].name)) == 0,
				   "level %d is called %s", i, kernel ? kernel->name : "");
		/* no processor has a level without those below it */
		if (known[i].x86 && kernel != NULL)
			check_that(known[i].rank == ++rank, "level %d without another", i);
	}
	check_end();
}

static void
test_limit(void)
{
	check_begin("vdb_kernel_limit takes the best level within the limit");
	for (int i = 0; i < VDB_LEVELS; i++)
	{
		vdb_kernel_limit(known[i].level);
		check_that(vdb_kernel() == best_within(i), "limit %s chose %s",
				   known[i].name, vdb_kernel()->name);
		check_that(vdb_kernel() == vdb_kernel(), "and changed its mind");
	}
	check_end();
}

/*
 * Bits
 */

/* Bit by bit, as the definition says. */
static void
count_exactly(const uint8_t *a, const uint8_t *b, size_t n, uint64_t counts[4])
{
	memset(counts, 0, 4 * sizeof(uint64_t));
	for (size_t i = 0; i < 8 * n; i++)
	{
		int x = a[i / 8] >> i % 8 & 1;
		int y = b[i / 8] >> i % 8 & 1;

		counts[0] += (uint64_t) (x & y);
		counts[1] += (uint64_t) x;
		counts[2] += (uint64_t) y;
		counts[3] += (uint64_t) (x ^ y);
	}
}

/* The last n bytes of the areas, which start anywhere; share of ones by "set".
 */
static void
compare_bits(const VdbKernel *kernel, size_t n, uint32_t set)
{
	uint8_t *a = area_a.end - n;
	uint8_t *b = area_b.end - n;
	uint64_t wanted[4];
	uint64_t counts[3];

	for (size_t i = 0; i < n; i++)
	{
		a[i] = (uint8_t) (set == 0 ? 0xFF : rnd() & rnd() >> set);
		b[i] = (uint8_t) (set == 0 ? 0xFF : rnd());
	}
	count_exactly(a, b, n, wanted);
	kernel->bit_counts(a, b, n, counts);
	check_that(kernel->hamming(a, b, n) == wanted[3] &&
				   memcmp(counts, wanted, sizeof(counts)) == 0,
			   "%zu bytes", n);
}

static void
test_bits(const VdbKernel *kernel)
{
	check_begin("%s: counts of bits", kernel->name);
	for (size_t n = 0; n <= 300; n++)
		compare_bits(kernel, n, 1 + (uint32_t) n % 3);
	for (size_t n = 0; n <= 200; n++)
		compare_bits(kernel, n, 0);
	compare_bits(kernel, 8000, 1);
	compare_bits(kernel, 32001, 0);
	check_end();
}

/*
 * Ranges
 */

#define MOST_RANGES 20

/* One that is likely at an end, in the middle or near another one. */
static uint64_t
rnd_key(size_t width, uint64_t near)
{
	const uint64_t most = UINT64_MAX >> (64 - 8 * width);
	const uint64_t ends[] = {0, 1, most / 2, most / 2 + 1, most - 1, most};

	switch (rnd() % 4)
	{
		case 0:
			return ends[rnd() % 6];
		case 1:
			return (near + rnd() % 3 - 1) & most;
		default:
			return ((uint64_t) rnd() << 32 | rnd()) & most;
	}
}

/* Put a key of so many bytes where the group has lane v. */
static void
put_key(uint8_t *keys, size_t width, int v, uint64_t key)
{
	uint8_t one = (uint8_t) key;
	uint16_t two = (uint16_t) key;
	uint32_t four = (uint32_t) key;
	const void *from = width == 1	? (void *) &one
					   : width == 2 ? (void *) &two
					   : width == 4 ? (void *) &four
									: (void *) &key;

	memcpy(keys + (size_t) v * width, from, width);
}

/* "behind" bytes after the keys make their address odd. */
static void
compare_ranges(const VdbKernel *kernel, size_t width, size_t n, size_t behind)
{
	uint8_t *keys = area_a.end - VDB_GROUP * width - behind;
	VdbRange ranges[MOST_RANGES];
	uint32_t wanted = 0;
	uint64_t key = 0;

	for (size_t i = 0; i < n; i++)
	{
		uint64_t x = rnd_key(width, key);
		uint64_t y = rnd_key(width, x);

		ranges[i] = (VdbRange){x < y ? x : y, x < y ? y : x};
		key = rnd() % 2 ? x : y;
	}
	for (int v = 0; v < VDB_GROUP; v++)
	{
		key = rnd_key(width, n ? ranges[rnd() % n].first : 0);
		put_key(keys, width, v, key);
		for (size_t i = 0; i < n; i++)
			if (ranges[i].first <= key && key <= ranges[i].last)
				wanted |= (uint32_t) 1 << v;
	}
	check_that(kernel->keys_in_ranges(keys, width, ranges, n) == wanted,
			   "%zu bytes, %zu ranges", width, n);
}

static void
test_ranges(const VdbKernel *kernel)
{
	check_begin("%s: keys in ranges", kernel->name);
	for (size_t width = 1; width <= 8; width *= 2)
		for (size_t i = 0; i < 4000; i++)
			compare_ranges(kernel, width, i % 10 ? i % 3 : i % MOST_RANGES,
						   i % 5);
	check_end();
}

static void
test_once(void)
{
	test_choice();
	test_limit();
}

static void
test_level(const VdbKernel *kernel)
{
	test_bits(kernel);
	test_ranges(kernel);
}

int
main(int argc, char **argv)
{
	return kernel_test(argc, argv, test_once, test_level);
}
