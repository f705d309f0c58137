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

/* Nearest rows that a query keeps: itself and ten true neighbours. */
#define IVF_NEIGHBOURS 11

typedef struct IvfNeighbours
{
	float key[IVF_NEIGHBOURS]; /* orders as the distance; +inf: none.  Of a
								* class's own, the distance over its unit. */
	uint32 list[IVF_NEIGHBOURS];
} IvfNeighbours;

/* Compares rows with all queries. */
typedef struct IvfMatcher
{
	const IvfState *state;
	const float *columns;	   /* the queries, exact */
	VdbCentroids codes;		   /* and quantized; half is what a query wants */
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
extern void ivf_match_rows(IvfMatcher *matcher, const float *rows,
						   const VdbRow *quantized, const uint32 *lists,
						   uint32 count);

#endif /* VECDB_IVF_BUILD_MATCH_H */
