/*
 * screen.c: see screen.h.
 *
 * Of |x - c|^2, the first dimensions have |x'|^2 + 2 key', where x' is the row
 * there and key' the key by them; all have |x|^2 + 2 key.  So what is asked is
 *
 *		|x'|^2 + 2 key' < slope (|x|^2 + 2 limit)
 */
#include "math/screen.h"

#include <math.h>

/* So many standard deviations. */
#define DEVIATIONS 1.5

/*
 * Narrow fields of a centroid that is as long as a row are off by a deviation
 * of so many of the row's steps.
 */
#define NARROW_ERROR 1.15f

size_t
vdb_screen_lines(uint32_t dim)
{
	size_t all = vdb_nearest_lines(dim);

	return all < VDB_SCREEN_LINES ? all : VDB_SCREEN_LINES;
}

float
vdb_screen_slope(uint32_t dim)
{
	double all = vdb_nearest_lines(dim) * 4.0;
	double first = vdb_screen_lines(dim) * 4.0;
	double deviation = sqrt(2 * (all - first) / (first * (all + 2)));

	return (float) (first / all * (1 + DEVIATIONS * deviation));
}

/* The squared norm of a lane in some lines, in units of its gain. */
static int64_t
lane_norm2(const VdbCentroids *centroids, size_t number, size_t nlines)
{
	const uint8_t *lane = vdb_centroids_group(centroids, number / VDB_GROUP) +
						  number % VDB_GROUP * 4;
	int64_t sum = 0; /* of squares of twice the values, which are odd */

	for (size_t line = 0; line < nlines; line++)
		for (int k = 0; k < 4; k++)
		{
			int32_t twice = 2 * lane[line * VDB_LINE + k] -
							(int32_t) (2 * VDB_FIELD_CENTER);

			sum += twice * twice;
		}
	return sum;
}

uint64_t
vdb_screen_bytes(uint32_t count, uint32_t dim)
{
	uint64_t lanes = vdb_centroids_lanes(count);

	return lanes / VDB_GROUP * vdb_screen_lines(dim) * VDB_LINE +
		   lanes * sizeof(float);
}

void
vdb_screen_place(VdbScreenCentroids *screen, void *memory, uint32_t count)
{
	screen->half = memory;
	screen->narrow = (uint8_t *) (screen->half + vdb_centroids_lanes(count));
}

void
vdb_screen_centroids(const VdbCentroids *centroids, VdbScreenCentroids *screen)
{
	size_t nlines = vdb_screen_lines(centroids->dim);
	size_t bytes = nlines * VDB_LINE;
	size_t lanes = vdb_centroids_lanes(centroids->count);

	for (size_t i = 0; i < lanes; i++)
	{
		double gain = centroids->gain[i] / 2;

		screen->half[i] = INFINITY;
		if (centroids->half[i] < INFINITY)
			screen->half[i] =
				(float) (gain * gain * lane_norm2(centroids, i, nlines) / 2);
	}
	for (size_t g = 0; g < lanes / VDB_GROUP; g++)
		for (size_t i = 0; i < bytes; i++)
			screen->narrow[g * bytes + i] =
				vdb_narrow_field(vdb_centroids_group(centroids, g)[i]);
}

/*
 * Sums over some bytes: of the first two of each four, of the others, and of
 * the squares of all.
 */
static void
add_bytes(const int8_t *bytes, size_t n, int32_t sums[2], int32_t *squares)
{
	for (size_t k = 0; k < n; k += 4)
	{
		sums[0] += bytes[k] + bytes[k + 1];
		sums[1] += bytes[k + 2] + bytes[k + 3];
		for (int j = 0; j < 4; j++)
			*squares += bytes[k + j] * bytes[k + j];
	}
}

void
vdb_screen_row(const VdbRow *row, uint32_t dim, VdbScreenRow *screen)
{
	size_t first = vdb_screen_lines(dim) * 4;
	size_t all = vdb_nearest_lines(dim) * 4;
	int32_t sums[2] = {0};
	int32_t rest[2] = {0};
	int32_t squares = 0;
	int32_t first_squares;
	float square = row->step * row->step;

	add_bytes(row->bytes, first, sums, &squares);
	first_squares = squares;
	add_bytes(row->bytes + first, all - first, rest, &squares);
	screen->bias = (sums[0] + sums[1]) * VDB_FIELD_CENTER;
	for (int j = 0; j < 2; j++)
		screen->start[j] = (int16_t) (-VDB_NARROW_CENTER * sums[j]);
	screen->base =
		square * ((vdb_screen_slope(dim) * squares - first_squares) / 2 +
				  (float) DEVIATIONS * NARROW_ERROR * sqrtf(first_squares));
}
