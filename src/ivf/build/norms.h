/*
 * norms.h: how long a row may be that an index is trained on.
 *
 * A few rows that are very much longer than all others would decide on mean,
 * scale and most centroids, and leave the others no list and no digit of their
 * codes.  They are listed as any, but nothing is learnt from them.
 */
#ifndef VECDB_IVF_BUILD_NORMS_H
#define VECDB_IVF_BUILD_NORMS_H

#include "compat.h"

#include "math/rng.h"

/* Norms of some rows, each of those that were shown as likely as any other. */
typedef struct IvfNorms
{
	uint32 room;
	double *norms;
	uint64 shown;
	double greatest;
	VdbRng rng;
} IvfNorms;

/* For so many of them, in the current memory context. */
extern void ivf_norms_begin(IvfNorms *norms, uint32 room, uint64 seed);

/* A row's norm. */
extern void ivf_norms_show(IvfNorms *norms, double norm);

/*
 * The greatest norm of a row to learn from, infinity where too few were shown
 * to tell.  Returns whether one of them has a greater one.  Rows that are shown
 * afterwards do not count.
 */
extern bool ivf_norms_end(IvfNorms *norms, double *most);

#endif /* VECDB_IVF_BUILD_NORMS_H */
