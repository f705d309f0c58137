/*
 * cost_scan.h: what a scan does, in the planner's units.
 */
#ifndef VECDB_IVF_COST_SCAN_H
#define VECDB_IVF_COST_SCAN_H

#include "compat.h"

#include "ivf/cost_passing.h"
#include "ivf/disk/meta.h"
#include "ivf/space/settings.h"

typedef struct IvfScanCost
{
	double bytes;  /* of a value */
	double tuples; /* in the index */
	double rows;   /* of them, those that a scan run to its end returns */
	double first;  /* share of them in the lists that are probed first */
	double share;  /* the same of all lists that so many answers ask for */
	double vain;   /* fetches in vain for each row */
	Cost startup;
	Cost fetch;	 /* of a row, its page apart */
	Cost page;	 /* the row's part of it */
	Cost passes; /* codes read for each row */
	Cost deeper; /* codes of lists that come after the first */
} IvfScanCost;

/*
 * Of a scan of which so many rows, at least one, are wanted; "bytes", "tuples"
 * and "rows" are given.  With all_wait it knows their number before the first
 * one, so that all can be certain together.
 */
extern void ivf_scan_cost(PlannerInfo *root, const IndexPath *path,
						  const IvfMetaPage *meta, const IvfSettings *settings,
						  const IvfPassing *conditions, double wanted,
						  bool all_wait, IvfScanCost *cost);

/* From the first to so many rows. */
extern Cost ivf_scan_rows_cost(const IvfScanCost *cost, double rows);

/* Rows at which a scan ends because its lists do. */
extern double ivf_scan_reachable(const IvfScanCost *cost,
								 const IvfMetaPage *meta,
								 const IvfSettings *settings);

/* Of a scan without an order and a radius. */
extern void ivf_listing_cost(const IndexOptInfo *info, Cost *startup,
							 Cost *total);

#endif /* VECDB_IVF_COST_SCAN_H */
