/*
 * test_kernel_codes.c: products of codes.
 */
#include "kernel_test.h"

static VdbCodeDot
code_dot_of(const VdbKernel *kernel, int bits)
{
	return bits == 1   ? kernel->code_dot1
		   : bits == 2 ? kernel->code_dot2
		   : bits == 4 ? kernel->code_dot4
					   : kernel->code_dot8;
}

/* Bytes of the query that meet a line: at one bit, they are of bits, too. */
static size_t
query_line(int bits)
{
	return bits == 1 ? 4 : 32 / (size_t) bits;
}

/* What dimension d of a line meets. */
static int
query_field(const int8_t *query, int bits, size_t d)
{
	return bits == 1 ? (uint8_t) query[d % 4] >> d / 4 & 1 : query[d];
}

/* The definition, from the dimension to the field, in 64 bits. */
static void
code_dot_exact(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int bits, int64_t sums[VDB_GROUP])
{
	size_t line_dims = 32 / (size_t) bits;

	memset(sums, 0, VDB_GROUP * sizeof(int64_t));
	for (size_t i = 0; i < nlines * line_dims; i++)
	{
		const uint8_t *line = lines + i / line_dims * VDB_LINE;
		size_t d = i % line_dims;

		for (int v = 0; v < VDB_GROUP; v++)
			sums[v] +=
				(line[v * 4 + d % 4] >> (d / 4 * (size_t) bits) &
				 ((1 << bits) - 1)) *
				query_field(query + i / line_dims * query_line(bits), bits, d);
	}
}

typedef enum Fill
{
	FILL_RANDOM,
	FILL_MAX_PLUS,
	FILL_MAX_MINUS,
	FILL_MAX_ALTERNATE,
	FILL_EXTREMES,
	FILLS
} Fill;

static uint8_t
fill_code(Fill fill)
{
	if (fill == FILL_RANDOM)
		return (uint8_t) rnd();
	if (fill == FILL_EXTREMES)
		return (uint8_t) (rnd() % 2 ? 255 : 0);
	return 255;
}

static int8_t
fill_query(Fill fill, int bits, size_t i)
{
	if (bits == 1)
		return (int8_t) fill_code(fill);
	switch (fill)
	{
		case FILL_RANDOM:
			return (int8_t) rnd_between(-127, 127);
		case FILL_MAX_PLUS:
			return 127;
		case FILL_MAX_MINUS:
			return -127;
		case FILL_MAX_ALTERNATE:
			return i % 2 ? 127 : -127;
		default:
			return rnd() % 2 ? 127 : -127;
	}
}

static void
fill_inputs(uint8_t *lines, size_t nlines, int8_t *query, size_t bytes,
			int bits, Fill fill)
{
	for (size_t i = 0; i < nlines * VDB_LINE; i++)
		lines[i] = fill_code(fill);
	for (size_t i = 0; i < bytes; i++)
		query[i] = fill_query(fill, bits, i);
}

/* Fill the ends of the areas; the sums start from what is there already. */
static void
check_codes(VdbCodeDot code_dot, int bits, size_t nlines, Fill fill,
			bool pieces)
{
	size_t bytes = nlines * query_line(bits);
	uint8_t *lines = area_a.end - nlines * VDB_LINE;
	int8_t *query = (int8_t *) area_b.end - bytes;
	int32_t acc[VDB_GROUP];
	int32_t start[VDB_GROUP];
	int64_t sums[VDB_GROUP];
	size_t done = 0;

	fill_inputs(lines, nlines, query, bytes, bits, fill);
	for (int v = 0; v < VDB_GROUP; v++)
		acc[v] = start[v] = rnd_between(-1000, 1000);

	while (done < nlines)
	{
		size_t count = pieces ? rnd() % (nlines - done + 1) : nlines;

		code_dot(lines + done * VDB_LINE, query + done * query_line(bits),
				 count, acc);
		done += count;
	}
	code_dot_exact(lines, query, nlines, bits, sums);
	for (int v = 0; v < VDB_GROUP; v++)
		check_that(acc[v] == sums[v] + start[v],
				   "%zu lines, fill %d, vector %d: %d, not %lld", nlines, fill,
				   v, acc[v], (long long) (sums[v] + start[v]));
}

static void
test_codes(const VdbKernel *kernel, int bits)
{
	VdbCodeDot code_dot = code_dot_of(kernel, bits);

	check_begin("%s: code_dot%d is exact", kernel->name, bits);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
			check_codes(code_dot, bits, nlines, (Fill) fill, false);
	for (int fill = 0; fill < FILLS; fill++)
	{
		check_codes(code_dot, bits, LONGEST * (size_t) bits / 32, (Fill) fill,
					false);
		/* at 8 bits the result itself ends at 16,577 lines */
		check_codes(code_dot, bits, bits == 8 ? 16500 : MANY_LINES, (Fill) fill,
					false);
	}
	check_end();

	check_begin("%s: code_dot%d in pieces", kernel->name, bits);
	for (size_t nlines = 1; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
			check_codes(code_dot, bits, nlines, (Fill) fill, true);
	check_end();
}

/* Lines ahead may be anywhere: here, where nothing is. */
static void
test_codes_ahead(const VdbKernel *kernel)
{
	check_begin("%s: code_dot2_ahead is code_dot2", kernel->name);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
		{
			size_t bytes = nlines * query_line(2);
			uint8_t *lines = area_a.end - nlines * VDB_LINE;
			int8_t *query = (int8_t *) area_b.end - bytes;
			int32_t acc[VDB_GROUP] = {0};
			int32_t plain[VDB_GROUP] = {0};

			fill_inputs(lines, nlines, query, bytes, 2, (Fill) fill);
			kernel->code_dot2(lines, query, nlines, plain);
			kernel->code_dot2_ahead(lines, query, nlines, area_a.end, acc);
			check_that(memcmp(acc, plain, sizeof(acc)) == 0,
					   "%zu lines, fill %d differ", nlines, fill);
		}
	check_end();
}

static int64_t
joined_sum(int32_t acc[2][VDB_GROUP], int lane)
{
	return (int64_t) VDB_FINE_STEPS * acc[0][lane] + acc[1][lane];
}

static void
test_codes_fine(const VdbKernel *kernel)
{
	check_begin("%s: code_dot8_fine is code_dot8 of both bytes", kernel->name);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (int fill = 0; fill < FILLS; fill++)
		{
			size_t bytes = nlines * query_line(8);
			uint8_t *lines = area_a.end - nlines * VDB_LINE;
			int8_t *second = (int8_t *) area_b.end - 2 * bytes;
			const int8_t *const queries[2] = {second + bytes, second};
			int32_t acc[2][VDB_GROUP];
			int32_t plain[2][VDB_GROUP];

			fill_inputs(lines, nlines, second, 2 * bytes, 8, (Fill) fill);
			for (int i = 0; i < 2; i++)
			{
				for (int v = 0; v < VDB_GROUP; v++)
					acc[i][v] = plain[i][v] = rnd_between(-1000, 1000);
				kernel->code_dot8(lines, queries[i], nlines, plain[i]);
			}
			kernel->code_dot8_fine(lines, queries, nlines, area_a.end, acc);
			for (int v = 0; v < VDB_GROUP; v++)
				check_that(joined_sum(acc, v) == joined_sum(plain, v),
						   "%zu lines, fill %d, lane %d differ", nlines, fill,
						   v);
		}
	check_end();
}

/* An odd address is as good as any other. */
static void
test_codes_unaligned(const VdbKernel *kernel)
{
	check_begin("%s: code_dot1, 2, 4 and 8 at any address", kernel->name);
	for (size_t shift = 0; shift < VDB_LINE; shift++)
		for (int bits = 1; bits <= 8; bits *= 2)
		{
			size_t nlines = 37;
			size_t bytes = nlines * query_line(bits);
			uint8_t *lines = area_a.end - nlines * VDB_LINE - shift;
			int8_t *query = (int8_t *) area_b.end - bytes - shift;
			int32_t acc[VDB_GROUP] = {0};
			int64_t sums[VDB_GROUP];

			for (size_t i = 0; i < nlines * VDB_LINE; i++)
				lines[i] = fill_code(FILL_RANDOM);
			for (size_t i = 0; i < bytes; i++)
				query[i] = fill_query(FILL_RANDOM, bits, i);
			code_dot_of(kernel, bits)(lines, query, nlines, acc);
			code_dot_exact(lines, query, nlines, bits, sums);
			for (int v = 0; v < VDB_GROUP; v++)
				check_that(acc[v] == sums[v],
						   "%d bits, shifted by %zu, vector %d: %d, not %lld",
						   bits, shift, v, acc[v], (long long) sums[v]);
		}
	check_end();
}

static void
test_level(const VdbKernel *kernel)
{
	for (int bits = 1; bits <= 8; bits *= 2)
		test_codes(kernel, bits);
	test_codes_ahead(kernel);
	test_codes_fine(kernel);
	test_codes_unaligned(kernel);
}

int
main(int argc, char **argv)
{
	return kernel_test(argc, argv, NULL, test_level);
}
