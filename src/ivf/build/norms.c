/*
 * norms.c: see norms.h.
 *
 * A high quantile tells what is usual, and not the median: of a table of short
 * and long rows most may be short.  Nor does it matter how many rows are one
 * and the same, as those are whose own values are yet to come.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/norms.h"
#include "math/least.h"

/* One norm in so many may be too long; and norms that tell anything. */
#define SHARE 16
#define LEAST_NORMS 32

/*
 * How many times as long as the others a row may be.  Beyond, their squares
 * vanish beside its own in single precision.
 */
#define MOST_LONGER 4096

void
ivf_norms_begin(IvfNorms *norms, uint32 room, uint64 seed)
{
	*norms = (IvfNorms){
		.room = room, .norms = palloc(room * sizeof(double)), .rng = {seed}};
}

void
ivf_norms_show(IvfNorms *norms, double norm)
{
	uint64 place = vdb_rng_place(&norms->rng, norms->shown++, norms->room);

	if (place < norms->room)
		norms->norms[place] = norm;
	norms->greatest = Max(norms->greatest, norm);
}

/* Sort them, each once; returns how many there are. */
static uint32
sort_distinct(double *norms, uint32 count)
{
	uint32 n = 0;

	qsort(norms, count, sizeof(double), vdb_compare_doubles);
	for (uint32 i = 0; i < count; i++)
		if (n == 0 || norms[i] > norms[n - 1])
			norms[n++] = norms[i];
	return n;
}

bool
ivf_norms_end(IvfNorms *norms, double *most)
{
	uint32 n = sort_distinct(norms->norms, Min(norms->shown, norms->room));

	*most = n >= LEAST_NORMS ? norms->norms[n - 1 - n / SHARE] * MOST_LONGER
							 : INFINITY;
	pfree(norms->norms);
	norms->room = 0;
	return norms->greatest > *most;
}
