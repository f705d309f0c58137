/*
 * poisson.h: a Poisson regression of counts, and what it says of a search.
 *
 * Counts that are Poisson with a mean of exposure * exp(<b, x>), x a few
 * features, are fitted for the coefficients b of greatest likelihood by
 * Newton's method, which for this model is iterated weighted least squares
 * (McCullagh and Nelder, "Generalized Linear Models", 1989, sections 2.5 and
 * 6.3).
 *
 * Observations come in groups of so many: all places that one searcher may
 * look at, in the order in which it would.  It looks at the first one, and at
 * further ones up to the first whose predictor <b, x> is below a threshold.
 * The curve tells which threshold finds which share of all counts, and what
 * share of the exposure that costs.
 *
 * Memory is the caller's; nothing here allocates.
 */
#ifndef VECDB_POISSON_H
#define VECDB_POISSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VDB_POISSON_FEATURES 16 /* at most */

typedef struct VdbPoisson
{
	uint32_t features; /* 1 to VDB_POISSON_FEATURES; the first one is 1 */
	size_t groups;
	size_t members;		  /* observations of each group */
	double *observations; /* groups * members * vdb_poisson_size() bytes */
	double exposure;	  /* of all observations so far; 0 at first */
	double counts;		  /* the same of counts; the caller adds those that lie
						   * behind the last members, where no search finds them */
	void (*interrupt)(void *arg); /* called often, may longjmp; or NULL */
	void *arg;
} VdbPoisson;

/* Bytes of an observation. */
static inline size_t
vdb_poisson_size(uint32_t features)
{
	return (features + 2) * sizeof(double);
}

/* Set one observation, each of them once; exposure > 0, count a whole one. */
extern void vdb_poisson_observe(VdbPoisson *poisson, size_t group,
								size_t member, const double *features,
								double exposure, double count);

/*
 * Fit.  False, with coefficients of zero, where the observations determine
 * none: no counts, or numbers beyond what a double can hold.  A feature that
 * tells nothing, or nothing that others do not, gets a coefficient near zero
 * or shares one with them.
 */
extern bool vdb_poisson_fit(const VdbPoisson *poisson, double *coefficient);

/* A point of the curve. */
typedef struct VdbPoissonPoint
{
	double share;	  /* of all counts, to be found */
	double threshold; /* of the predictor; +-inf: the first ones, or all */
	double cost;	  /* exposure up to it over "total", of a mean group */
} VdbPoissonPoint;

/*
 * Fill in the points, whose shares in [0, 1] are given, for these
 * coefficients.  "memory" has room for as many doubles as there are counts.
 */
extern void vdb_poisson_curve(const VdbPoisson *poisson,
							  const double *coefficient, double total,
							  double *memory, VdbPoissonPoint *points,
							  size_t n);

#endif /* VECDB_POISSON_H */
