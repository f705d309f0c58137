/*
 * test_kernel_keys.c: keys of rows against a group of codes, of all lanes and
 * of those that a screen lets pass.
 */
#include "kernel_test.h"

/* The products of a row with each lane, in 64 bits. */
static void
exact_dots(const uint8_t *lines, const int8_t *row, size_t nlines,
		   int64_t dots[VDB_GROUP])
{
	for (size_t v = 0; v < VDB_GROUP; v++)
	{
		dots[v] = 0;
		for (size_t k = 0; k < nlines * 4; k++)
			dots[v] += lines[k / 4 * VDB_LINE + v * 4 + k % 4] * row[k];
	}
}

/* A tile of so many rows of nlines, whose bytes follow each other. */
static void
fill_tile(VdbTile *tile, int8_t *bytes, size_t rows, size_t nlines,
		  bool extreme)
{
	size_t length = nlines * 4;

	for (size_t i = 0; i < rows * length; i++)
		bytes[i] = (int8_t) (extreme ? (i / length % 2 ? 1 : -1) * VDB_ROW_MAX
									 : rnd_between(-VDB_ROW_MAX, VDB_ROW_MAX));
	tile->count = rows;
	for (size_t i = 0; i < rows; i++)
	{
		tile->rows[i] = bytes + i * length;
		tile->scale[i] = (float) rnd_between(1, 1000) / 1000;
		tile->bias[i] = (float) rnd_between(-1000, 1000) / 2;
		tile->limit[i] = (float) rnd_between(-4000, 1000);
	}
}

/* One row's keys, and whether the least of them is below the row's limit. */
static void
check_row_keys(const VdbTile *tile, size_t row, const int64_t dots[VDB_GROUP],
			   const float *half, const float *gain, const float *keys,
			   bool below)
{
	double least = INFINITY;
	double slack = 0;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		double inner = (double) tile->scale[row] * gain[v];
		double want = half[v] - inner * ((double) dots[v] - tile->bias[row]);
		double error = 4 * FLT_EPSILON *
					   (half[v] + inner * (fabs((double) dots[v]) + 500));

		least = fmin(least, want);
		slack = fmax(slack, error);
		if (below)
			check_that(fabs(keys[v] - want) <= error,
					   "row %zu, lane %d: %.9g, not %.9g", row, v, keys[v],
					   want);
	}
	if (fabs(least - tile->limit[row]) > slack)
		check_that(below == (least < tile->limit[row]),
				   "row %zu: least %.9g, limit %.9g", row, least,
				   tile->limit[row]);
}

/* A group of codes and what a tile's rows meet besides them. */
typedef struct Keys
{
	uint8_t *lines;
	size_t nlines;
	VdbTile tile;
	float half[VDB_GROUP];
	float gain[VDB_GROUP];
	float out[(VDB_GEMM_ROWS + 1) * VDB_GROUP];
	uint32_t below;
} Keys;

static void
fill_keys(Keys *keys, size_t rows, size_t nlines, bool extreme)
{
	keys->nlines = nlines;
	keys->lines = area_a.end - nlines * VDB_LINE;
	for (size_t i = 0; i < nlines * VDB_LINE; i++)
		keys->lines[i] = extreme ? 255 : (uint8_t) rnd();
	for (int v = 0; v < VDB_GROUP; v++)
	{
		keys->half[v] = (float) rnd_between(0, 1000);
		keys->gain[v] = (float) rnd_between(1, 1000) / 1000;
	}
	fill_tile(&keys->tile, (int8_t *) area_b.end - rows * nlines * 4, rows,
			  nlines, extreme);
	keys->out[VDB_GEMM_ROWS * VDB_GROUP] = GUARD;
}

static void
check_keys(const VdbKernel *kernel, size_t rows, size_t nlines, bool extreme)
{
	Keys keys;

	fill_keys(&keys, rows, nlines, extreme);
	keys.below = kernel->code_keys(keys.lines, nlines, &keys.tile, keys.half,
								   keys.gain, keys.out);
	check_that(keys.out[VDB_GEMM_ROWS * VDB_GROUP] == GUARD, "wrote too far");
	check_that(keys.below >> rows == 0, "a bit of no row");
	for (size_t i = 0; i < rows; i++)
	{
		int64_t dots[VDB_GROUP];

		exact_dots(keys.lines, keys.tile.rows[i], nlines, dots);
		check_row_keys(&keys.tile, i, dots, keys.half, keys.gain,
					   keys.out + i * VDB_GROUP, keys.below >> i & 1);
	}
}

static const size_t key_depths[] = {0, 1, 2, 3, 7, 28, 192, 4000};

#define KEY_DEPTHS (sizeof(key_depths) / sizeof(key_depths[0]))

static void
test_keys(const VdbKernel *kernel)
{
	check_begin("%s: code_keys", kernel->name);
	for (size_t rows = 0; rows <= VDB_GEMM_ROWS; rows++)
		for (size_t i = 0; i < KEY_DEPTHS; i++)
		{
			check_keys(kernel, rows, key_depths[i], false);
			check_keys(kernel, rows, key_depths[i], true);
		}
	check_end();
}

/*
 * Keys behind a screen are those without one, or +inf, and never that in lanes
 * that the screen lets pass; a row of which no lane passes is in no mask.
 * Returns rows in which some lanes were left out.
 */
static size_t
check_screened_row(const Keys *keys, size_t row, const VdbScreen *screen,
				   const float *got, uint32_t below)
{
	const VdbTile *tile = &keys->tile;
	const float *all = keys->out + row * VDB_GROUP;
	int64_t dots[VDB_GROUP];
	int64_t narrow[VDB_GROUP];
	int64_t start = screen->start[row][0] + screen->start[row][1];
	bool passed = false; /* a lane, or nearly */
	size_t left_out = 0;

	exact_dots(keys->lines, tile->rows[row], screen->lines, dots);
	exact_dots(screen->narrow, tile->rows[row], screen->lines, narrow);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		double inner = (double) tile->scale[row] * keys->gain[v];
		double fine = (double) dots[v] - screen->bias[row];
		double coarse = VDB_NARROW_STEP * (double) (narrow[v] + start);
		double high = screen->half[v] - inner * fmin(fine, coarse);
		double low = screen->half[v] - inner * fmax(fine, coarse);
		double error =
			4 * FLT_EPSILON *
			(screen->half[v] +
			 inner * (fmax(fabs((double) dots[v]), fabs(coarse)) + 500));

		passed |= low < screen->limit[row] + error;
		if (high < screen->limit[row] - error && all[v] < tile->limit[row])
			check_that((below >> row & 1) && got[v] == all[v],
					   "row %zu, lane %d passes and is left out", row, v);
		if (!(below >> row & 1))
			continue;
		check_that(got[v] == all[v] || got[v] == INFINITY,
				   "row %zu, lane %d: %.9g, not %.9g", row, v, got[v], all[v]);
		left_out += got[v] != all[v];
	}
	check_that(passed || !(below >> row & 1), "row %zu passes", row);
	return passed ? left_out : 1;
}

/* A screen of the first lines, whose narrow fields have memory at "narrow". */
static void
fill_screen(VdbScreen *screen, Keys *keys, uint8_t *narrow, float *half)
{
	screen->narrow = narrow;
	screen->half = half;
	for (size_t i = 0; i < screen->lines * VDB_LINE; i++)
		narrow[i] = vdb_narrow_field(keys->lines[i]);
	for (int v = 0; v < VDB_GROUP; v++)
		half[v] = (float) rnd_between(0, 1000);
	for (size_t i = 0; i < keys->tile.count; i++)
	{
		int sums[2] = {0};

		for (size_t k = 0; k < screen->lines * 4; k++)
			sums[k % 4 / 2] += keys->tile.rows[i][k];
		screen->bias[i] = (float) (sums[0] + sums[1]) * 127.5f;
		for (int j = 0; j < 2; j++)
			screen->start[i][j] = (int16_t) (-VDB_NARROW_CENTER * sums[j]);
		screen->limit[i] = (float) rnd_between(-3000, 500);
		if (rnd_between(0, 3) == 0)
			keys->tile.limit[i] = screen->limit[i] = INFINITY;
	}
}

static size_t
check_screened(const VdbKernel *kernel, size_t rows, size_t nlines,
			   bool extreme)
{
	float got[(VDB_GEMM_ROWS + 1) * VDB_GROUP];
	float half[VDB_GROUP];
	VdbScreen screen = {.lines = nlines / 2};
	size_t left_out = 0;
	uint32_t below;
	Keys keys;

	if (screen.lines > VDB_SCREEN_LINES)
		screen.lines = VDB_SCREEN_LINES;
	fill_keys(&keys, rows, nlines, extreme);
	fill_screen(&screen, &keys, area_c.end - screen.lines * VDB_LINE, half);
	keys.below = kernel->code_keys(keys.lines, nlines, &keys.tile, keys.half,
								   keys.gain, keys.out);
	got[VDB_GEMM_ROWS * VDB_GROUP] = GUARD;
	below = kernel->code_keys_screened(keys.lines, nlines, &keys.tile, &screen,
									   keys.half, keys.gain, got);
	check_that(got[VDB_GEMM_ROWS * VDB_GROUP] == GUARD, "wrote too far");
	check_that((below & ~keys.below) == 0, "a bit that is not without it");
	for (size_t i = 0; i < rows; i++)
		left_out +=
			check_screened_row(&keys, i, &screen, got + i * VDB_GROUP, below);
	return left_out;
}

static void
test_screened(const VdbKernel *kernel)
{
	size_t left_out = 0;

	check_begin("%s: code_keys_screened", kernel->name);
	for (size_t rows = 0; rows <= VDB_GEMM_ROWS; rows++)
		for (size_t i = 0; i < KEY_DEPTHS; i++)
		{
			left_out += check_screened(kernel, rows, key_depths[i], false);
			left_out += check_screened(kernel, rows, key_depths[i], true);
		}
	check_that(left_out > 0, "nothing was left out");
	check_end();
}

static void
test_level(const VdbKernel *kernel)
{
	test_keys(kernel);
	test_screened(kernel);
}

int
main(int argc, char **argv)
{
	return kernel_test(argc, argv, NULL, test_level);
}
