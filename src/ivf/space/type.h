/*
 * type.h: what an operator class brings to an index, one row a class.
 */
#ifndef VECDB_IVF_SPACE_TYPE_H
#define VECDB_IVF_SPACE_TYPE_H

#include "compat.h"

#include "math/bits.h"
#include "math/space.h"
#include "utils/relcache.h"

/*
 * Support functions of an operator class: ours have one, and those of pgvector
 * up to five, without which their indexes could not even be opened; class.c.
 */
#define IVF_SUPPORT_TYPE 1
#define IVF_NUM_SUPPORT 5

/* Strategy numbers. */
#define IVF_DISTANCE_STRATEGY 1
#define IVF_RADIUS_STRATEGY 2 /* of a search: types/sphere.h */

/*
 * Returned by support function 1 of an operator class.  Values are taken as
 * they come, but what is toasted is detoasted at each call, into memory of the
 * current context.
 */
typedef struct IvfType
{
	const char *name;
	VdbMetric metric;
	uint32 max_dim;

	/* Bytes of a value of so many dimensions, with its header. */
	Size (*bytes)(uint32 dim);

	/*
	 * The value as floats, *dim of them, each finite.  The result points into
	 * the value or to memory of the current context.
	 */
	const float *(*floats)(Datum value, uint32 *dim);

	/* Its dimensions alone. */
	uint32 (*dim)(Datum value);

	/*
	 * The exact distance of a value to a query, both of the same dimensions.
	 * Orders as the operator does; squared for L2.  NaN has no order.
	 */
	double (*distance)(Datum query, Datum value);

	/* What has to be the same for all values, in messages. */
	const char *length;

	/* The distance's name, if it is another than the metric's. */
	const char *distance_name;

	/*
	 * Where the distance is not the metric's but the class's own: what
	 * "distance" gives, from floats.  It is never below the metric's distance
	 * of the same pair, so lists, codes and bounds of the metric serve.  How
	 * much above it near pairs are is measured when an index is built
	 * (build/stretch.c).  The metric is VDB_L2.
	 */
	double (*own)(const float *query, const float *x, uint32 dim);

	/*
	 * What "distance" gives for values that are just within a radius, which is
	 * a number but not a NaN, of the query by the operator; -infinity: no value
	 * is.  NULL: the radius itself.
	 */
	double (*reach)(Datum query, double radius);
	bool reach_by_query; /* it depends on the query */

	/*
	 * Where a value of so many dimensions is too long to be coded element by
	 * element: the dimensions of the sketch (math/sketch.h) that stands for it,
	 * and 0 where it is not.  NULL: it never is, and floats() always serve.
	 */
	uint32 (*sketch_dim)(uint32 dim);
	const float *(*sketch)(Datum value, uint64 seed, uint32 sketch_dim);

	/*
	 * Of bit strings: where they lie in the value, and their distance from
	 * counts, which orders as "distance" does.  Lists then hold the bits
	 * themselves, unless the index asks for codes.
	 */
	const uint8 *(*bits)(Datum value);
	const VdbBitDistance *bit_distance;
} IvfType;

/*
 * Such a distance for classes of L1, which is no metric of codes: squared, it
 * is never below L2's.
 */
extern double ivf_own_l1(const float *query, const float *x, uint32 dim);

/* The reach where "distance" is the square of the operator's. */
extern double ivf_reach_squared(Datum query, double radius);

/* The type of an index's only column. */
extern const IvfType *ivf_type(Relation index);

#endif /* VECDB_IVF_SPACE_TYPE_H */
