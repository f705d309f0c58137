/*
 * type.h: what an operator class brings to an index, one row a class.
 */
#ifndef VECDB_IVF_SPACE_TYPE_H
#define VECDB_IVF_SPACE_TYPE_H

#include "compat.h"

#include "math/space.h"
#include "utils/relcache.h"

/* Support functions of an operator class. */
#define IVF_SUPPORT_TYPE 1
#define IVF_NUM_SUPPORT 1

/* Strategy numbers. */
#define IVF_DISTANCE_STRATEGY 1

/*
 * What an operator class brings, returned by its support function 1: how to
 * see a datum as floats, and the exact distance that orders the answers.
 */
typedef struct IvfType
{
	const char *name;
	VdbMetric metric;
	uint32 max_dim;

	/*
	 * The detoasted value as floats, *dim of them, each finite.  The result
	 * points into the value or to memory of the current context.
	 */
	const float *(*floats)(Datum value, uint32 *dim);

	/* Orders as the operator does; squared for L2. NaN has no order. */
	double (*distance)(const float *a, const float *b, int dim);
} IvfType;

/* The type of an index's only column. */
extern const IvfType *ivf_type(Relation index);

#endif /* VECDB_IVF_SPACE_TYPE_H */
