/*
 * match.h: the true neighbours of the calibration's queries.
 *
 * While rows are assigned, each one is compared with all queries.
 */
#ifndef VECDB_IVF_BUILD_MATCH_H
#define VECDB_IVF_BUILD_MATCH_H

#include "compat.h"

#include "ivf/build/build.h"
#include "math/nearest.h"

/*
 * Nearest rows that a query keeps: itself and ten true neighbours; and of every
 * sixteenth row, itself if it is one of them and 63, which stand for a thousand
 * neighbours of all rows.
 */
#define IVF_NEAR 11
#define IVF_FAR 64
#define IVF_FAR_STEP 16

typedef struct IvfRanked
{
	float key; /* orders as the distance; +inf: none.  Of a class's own, the
				* distance over its unit. */
	uint32 list;
} IvfRanked;

/* In the order of distance. */
typedef struct IvfNeighbours
{
	IvfRanked near[IVF_NEAR];
	IvfRanked far[IVF_FAR];
} IvfNeighbours;

/* Compares rows with all queries. */
typedef struct IvfMatcher
{
	const IvfState *state;
	const float *columns;	   /* the queries, exact */
	VdbCentroids codes;		   /* and quantized; half is what a query wants */
	float *far_half;		   /* what it wants of every sixteenth row */
	uint32 rows;			   /* that came by, to count to sixteen */
	float row_error;		   /* of a product, for each unit of a row's step */
	float column_error;		   /* the same, for each unit of a row's norm */
	IvfNeighbours *neighbours; /* one a query */

	/* For a class's own distance */
	float *queries; /* as they were before projection, D each */
	float *norm2;	/* of the projected ones */
	float *row;		/* D: the row in work, as the queries */
} IvfMatcher;

extern void ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries);
extern void ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
								 uint32 queries);

/* What rows are multiplied with, from the query rows: queries * D. */
extern void ivf_query_columns(const IvfBuild *build, float *columns);
extern void ivf_matcher_init(IvfMatcher *matcher, const IvfBuild *build,
							 IvfNeighbours *neighbours);

/* Rows, one behind the other, exact and quantized, that go to these lists. */
typedef struct IvfBatch
{
	const float *rows;
	const VdbRow *quantized;
	const uint32 *lists;
	uint32 count;
} IvfBatch;

extern void ivf_match_rows(IvfMatcher *matcher, const IvfBatch *batch);

#endif /* VECDB_IVF_BUILD_MATCH_H */
