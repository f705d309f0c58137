/*
 * shares.h: how a query's neighbours are shared out among the lists.
 */
#ifndef VECDB_IVF_SPACE_SHARES_H
#define VECDB_IVF_SPACE_SHARES_H

#include "compat.h"

#include "ivf/disk/meta.h"
#include "ivf/space/tree.h"

/* What a list's size counts among others, by what the parent knows of it. */
static inline double
ivf_share_weight(const IvfProbe *probe)
{
	return Max(probe->pages, 1) - 0.5;
}

/*
 * What the nearest list tells of a query, by its squared distance: its
 * logarithm, over residual2 > 0, and how far that is beyond what few rows
 * exceed.
 */
typedef struct IvfPlace
{
	double log_near; /* at most "far" */
	double beyond;	 /* >= 0 */
	double unit;	 /* 1 over that of gaps between squared distances */
} IvfPlace;

extern IvfPlace ivf_query_place(float residual2, double far,
								const IvfProbe *first);

/* What is added to the scores of a query so far away. */
extern double ivf_place_bonus(const IvfPlace *place);

/* What the density of a list depends on; all finite. */
extern void ivf_share_features(const IvfPlace *place, const IvfProbe *first,
							   const IvfProbe *probe,
							   double features[IVF_SHARES_FEATURES]);

/* Where a number of answers lies among the rule's depths, which it has. */
typedef struct IvfDepth
{
	int below;
	int above;	 /* the same where there is no other */
	double part; /* of the way from the one to the other, by logarithms; above
				  * one beyond the last depth */
} IvfDepth;

extern IvfDepth ivf_find_depth(const IvfSharesRule *rule, double k);

/* The number of answers up to which a rule, which has depths, is believed. */
extern double ivf_deepest(const IvfSharesRule *rule);

/* A search of lists in the order of distance, for a depth of the rule. */
typedef struct IvfShares
{
	IvfPlace place;
	IvfProbe first;
	double linear; /* coefficients of this query, over the root of the gap */
	double square;
	double most; /* the root beyond which a density falls no further */
	double bonus;
	double log_sum; /* of all lists' weighted densities, before they are
					 * shares */
	double before;	/* share of the lists that were passed */
} IvfShares;

/* Begin with lists of which the nearest one at least is sorted. */
extern void ivf_shares_begin(IvfShares *shares, const IvfMetaPage *meta,
							 int depth, const IvfProbes *probes);

/* The score of the next list, which is passed: see math/choice.h. */
extern double ivf_shares_next(IvfShares *shares, const IvfProbe *probe);

#endif /* VECDB_IVF_SPACE_SHARES_H */
