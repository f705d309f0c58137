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
#include "math/spill.h"

/*
 * Queries that are enough for all but what hangs on the last hundredths of a
 * recall: with more of them, coefficients made no difference to what limits
 * found.
 */
#define IVF_LEARNING_QUERIES 384

/* The first ones of so many, of which they are; that is, of all or half. */
static inline uint32
ivf_learning_queries(uint32 queries)
{
	return Max(Min(queries, IVF_LEARNING_QUERIES), queries / 2);
}

/*
 * The nearest rows that a query keeps, in rankings: of all rows, of one
 * in sixteen and of one in 256.  The first row of each may be the query itself;
 * the others of a sparse one stand for as many times more neighbours.  To keep
 * that many costs more than to find them, so that queries beyond those above
 * keep fewer.
 */
#define IVF_RANKINGS 3
#define IVF_RANKED_ROWS (11 + 64 + 64)

typedef struct IvfRanking
{
	uint32 begin; /* of its rows in IvfNeighbours */
	uint32 room;
	uint32 few;	 /* the room that queries use of it beyond the first ones */
	uint32 step; /* one row of so many */
} IvfRanking;

extern const IvfRanking ivf_rankings[IVF_RANKINGS];

/* The rows that a query, by its number among so many, keeps in a ranking. */
static inline uint32
ivf_ranking_room(const IvfRanking *ranking, uint32 query, uint32 queries)
{
	return query < ivf_learning_queries(queries) ? ranking->room : ranking->few;
}

typedef struct IvfRanked
{
	float key; /* orders as the distance; +inf: none.  Of a class's own, the
				* distance over its unit. */
	uint32 list;
	uint32 second; /* the list of its other entry, or VDB_NO_SECOND */
} IvfRanked;

/* Of each ranking in the order of distance. */
typedef struct IvfNeighbours
{
	IvfRanked rows[IVF_RANKED_ROWS];
} IvfNeighbours;

/* Compares rows with all queries. */
typedef struct IvfMatcher
{
	const IvfState *state;
	const float *columns;		 /* the queries, exact */
	VdbCentroids codes;			 /* and quantized */
	float *wanted[IVF_RANKINGS]; /* what a query wants for its rankings */
	uint64 rows;				 /* that came by */
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
	const uint32 *second; /* or VDB_NO_SECOND */
	uint32 count;
} IvfBatch;

extern void ivf_match_rows(IvfMatcher *matcher, const IvfBatch *batch);

#endif /* VECDB_IVF_BUILD_MATCH_H */
