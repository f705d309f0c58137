/*
 * normalize.c: vectors at length one, for those who know only L2.
 *
 *		normalize INPUT OUTPUT.fvecs
 *
 * Zero vectors stay zero.
 */
#include <math.h>

#include "vecs.h"

int
main(int argc, char **argv)
{
	Vecs input;
	FILE *file;
	float *out;

	if (argc != 3)
		die("usage: normalize INPUT OUTPUT");
	input = vecs_open(argv[1]);
	out = allocate(input.dim * sizeof(float));
	file = output_open(argv[2]);
	for (size_t i = 0; i < input.n; i++)
	{
		const float *row = vecs_row(&input, i);
		double norm2 = 0;

		for (uint32_t d = 0; d < input.dim; d++)
			norm2 += (double) row[d] * row[d];
		for (uint32_t d = 0; d < input.dim; d++)
			out[d] = norm2 > 0 ? row[d] / sqrt(norm2) : 0;
		vecs_write(file, out, input.dim);
	}
	output_close(file, argv[2]);
	return 0;
}
