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
 * What distances are measured by: a unit, residual2 > 0, and logarithms of a
 * nearest list's squared distance in it that few queries are below and beyond.
 */
typedef struct IvfMeasure
{
	float residual2;
	float near; /* -INFINITY: none is below */
	float far;
} IvfMeasure;

/*
 * What the nearest list tells of a query: the logarithm of its squared
 * distance, and how far that is below and beyond the measure's.
 */
typedef struct IvfPlace
{
	double log_near; /* "near" to "far" */
	double short_of; /* what the squared distance lacks of "near", >= 0 */
	double beyond;	 /* >= 0 */
	double unit;	 /* 1 over that of gaps between squared distances */
} IvfPlace;

extern IvfPlace ivf_query_place(const IvfMeasure *measure,
								const IvfProbe *first);

/* The logarithm for a nearest list whose centroid is so far away, squared. */
extern double ivf_log_near(float residual2, double gap2);

/* What is added to the scores of a query so far away. */
extern double ivf_place_bonus(const IvfPlace *place);

/* What the density of a list depends on; all finite. */
extern void ivf_share_features(const IvfPlace *place, const IvfProbe *first,
							   const IvfProbe *probe,
							   double features[IVF_SHARES_FEATURES]);

/* The rule for a query, and its measure. */
typedef struct IvfSharing
{
	const IvfSharesRule *rule;
	IvfMeasure measure;
} IvfSharing;

/* By its nearest list; of a metapage that has a rule. */
extern IvfSharing ivf_find_sharing(const IvfMetaPage *meta,
								   const IvfProbe *first);

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
	IvfProbes *probes;
	IvfShareSums *sums;
	IvfPlace place;
	double linear; /* coefficients of this query, over the root of the gap */
	double square;
	double most; /* the root beyond which a density falls no further */
	double bonus;
	double sum; /* of all lists' weighted densities, before they are shares */
	double log_sum;
	double before; /* share of the lists that were passed */
} IvfShares;

/*
 * Of the neighbours that a depth of the rule is for, the share that passes the
 * scan's filter: in lists that were read as many as did there, in those left
 * out none, in others as the probes' rate says.
 */
extern double ivf_shares_rate(const IvfSharing *sharing, int depth,
							  IvfProbes *probes);

/*
 * Begin with lists of which the nearest one at least is sorted; returns how
 * many are passed, those that a scan under a filter has read.
 */
extern uint32 ivf_shares_begin(IvfShares *shares, const IvfSharing *sharing,
							   int depth, IvfProbes *probes);

/* The score of the next list, which is passed: see math/choice.h. */
extern double ivf_shares_next(IvfShares *shares, const IvfProbe *probe);

#endif /* VECDB_IVF_SPACE_SHARES_H */
