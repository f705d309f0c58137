/*
 * choice.h: how what is looked for is shared out among places, and what that
 * says of a search.
 *
 * A group is all places that one searcher may look at, in the order in which it
 * would.  What it looks for lies in them with probabilities in proportion to
 * weight * exp(<b, x>), x a few features of a place: a conditional logit model
 * (McFadden, "Conditional logit analysis of qualitative choice behavior",
 * 1974), fitted for the coefficients b of greatest likelihood by Newton's
 * method.  So a place's density depends on all the others: where many are as
 * near as the first ones, each has less.
 *
 * The searcher looks at the first place, and at further ones up to the first
 * whose score is below a threshold: the logarithm of its density, and less the
 * more of everything the places before it should have (vdb_choice_score()).
 * The curve tells which threshold finds which share of all there is, and what
 * share of the exposure that costs.
 *
 * Several outcomes, things to look for in the same places, have counts of their
 * own.  Memory is the caller's; nothing here allocates.
 */
#ifndef VECDB_CHOICE_H
#define VECDB_CHOICE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VDB_CHOICE_FEATURES 8 /* at most */
#define VDB_CHOICE_OUTCOMES 6 /* at most */

typedef struct VdbChoice
{
	uint32_t features; /* 1 to VDB_CHOICE_FEATURES */
	uint32_t outcomes; /* 1 to VDB_CHOICE_OUTCOMES */
	size_t groups;
	size_t members;		  /* places of each group */
	double *observations; /* groups * members * vdb_choice_size() bytes */
	double *bonus;		  /* of each group, added to its scores */
	double counts[VDB_CHOICE_OUTCOMES]; /* so far, 0 at first; the caller adds
										 * those that lie behind the last
										 * members, where no search finds
										 * them */
	void (*interrupt)(void *arg);		/* called often, may longjmp; or NULL */
	void *arg;
} VdbChoice;

/* Bytes of an observation. */
static inline size_t
vdb_choice_size(uint32_t features, uint32_t outcomes)
{
	return (features + 3 + outcomes) * sizeof(double);
}

/*
 * Set one place, each of them once: weight > 0; what looking there costs, >= 0;
 * of each outcome, how many are there, a whole number.
 */
extern void vdb_choice_observe(VdbChoice *choice, size_t group, size_t member,
							   const double *features, double weight,
							   double exposure, const double *counts);

/*
 * Fit to an outcome.  False, with coefficients of zero, where the observations
 * determine none: no counts, or numbers beyond what a double can hold.  A
 * feature that tells nothing, or nothing that others do not, gets a coefficient
 * near zero or shares one with them.
 */
extern bool vdb_choice_fit(const VdbChoice *choice, uint32_t outcome,
						   double *coefficient);

/*
 * How much the score falls for what was passed: the share that is still to be
 * found counts by this power.  At 0 it is the density alone that counts, which
 * finds the most for its cost; the more, the likelier every group's share is
 * found, those of groups that are unlike the others too.  On word vectors with
 * a threshold for 0.95 of ten neighbours of words, 0 found 0.920 of those of
 * means of three words at a cost of 18,400 codes a word, 0.5 found 0.929 at
 * 18,900, 2 found 0.945 at 21,700.
 */
#define VDB_CHOICE_CAUTION 0.5

/* No place is certain to find nothing. */
#define VDB_CHOICE_LEAST_REST 1e-6

/*
 * The score of a place with this logarithm of its share for each weight, behind
 * others that have a share of "before" together.
 */
static inline double
vdb_choice_score(double log_share, double before)
{
	return log_share +
		   VDB_CHOICE_CAUTION * log(fmax(1 - before, VDB_CHOICE_LEAST_REST));
}

/* A point of the curve. */
typedef struct VdbChoicePoint
{
	double share;	  /* of all counts, to be found */
	double threshold; /* of the score; +-inf: the first ones, or all */
	double cost;	  /* exposure up to it over "total", of a mean group */
} VdbChoicePoint;

/*
 * Fill in the points, whose shares in [0, 1] are given, for an outcome and
 * these coefficients.  "memory" has room for as many doubles as there are
 * counts of it.
 */
extern void vdb_choice_curve(VdbChoice *choice, uint32_t outcome,
							 const double *coefficient, double total,
							 double *memory, VdbChoicePoint *points, size_t n);

#endif /* VECDB_CHOICE_H */
