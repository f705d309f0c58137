/*
 * norms.c: see norms.h.
 *
 * A high quantile tells what is usual, and not the median: of a table of short
 * and long rows most may be short.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/norms.h"
#include "math/least.h"

/* One row in so many may be too long; and rows that tell anything. */
#define SHARE 16
#define LEAST_ROWS 32

/*
 * How many times as long as the others a row may be.  Beyond, their squares
 * vanish beside its own in single precision.
 */
#define MOST_LONGER 4096

void
ivf_norms_begin(IvfNorms *norms, uint32 room, uint64 seed)
{
	*norms = (IvfNorms){.room = room,
						.norms = palloc(room * sizeof(double)),
						.rng = {seed}};
}

void
ivf_norms_show(IvfNorms *norms, double norm)
{
	uint64 place = norms->count;

	if (norm == 0)
		return;
	if (norms->count < norms->room)
		norms->count++;
	else
		place = vdb_rng_below(&norms->rng, (uint64) norms->shown + 1);
	if (place < norms->room)
		norms->norms[place] = norm;
	norms->shown++;
	norms->greatest = Max(norms->greatest, norm);
}

bool
ivf_norms_end(IvfNorms *norms, double *most)
{
	uint32 n = norms->count;

	*most = INFINITY;
	if (n >= LEAST_ROWS)
	{
		qsort(norms->norms, n, sizeof(double), vdb_compare_doubles);
		*most = norms->norms[n - 1 - n / SHARE] * MOST_LONGER;
	}
	pfree(norms->norms);
	norms->room = norms->count = 0;
	return norms->greatest > *most;
}
