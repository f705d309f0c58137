/*
 * ef_search.c: see ef_search.h.
 */
#include "math/ef_search.h"

#include <math.h>
#include <stddef.h>

static const struct
{
	int ef_search;
	double recall;
} points[] = {
	{1, 0.75}, {10, 0.90}, {40, 0.97}, {100, 0.99}, {1000, 0.999},
};

/* Between two points, by the logarithm of ef_search. */
double
vdb_ef_search_recall(int ef_search)
{
	size_t last = sizeof(points) / sizeof(points[0]) - 1;
	size_t i = 0;
	double part;

	while (i + 1 < last && points[i + 1].ef_search < ef_search)
		i++;
	part = log((double) ef_search / points[i].ef_search) /
		   log((double) points[i + 1].ef_search / points[i].ef_search);
	return points[i].recall + part * (points[i + 1].recall - points[i].recall);
}
