/*
 * type_dense.c: the operator classes over dense types.
 *
 * Distances are those of the operators, on the elements as they are stored;
 * codes come from the elements as floats.
 */
#include "compat.h"

#include <math.h>

#include "fmgr.h"
#include "ivf/space/type.h"
#include "types/halfvec.h"
#include "types/vector.h"

static inline double
distance(const VdbDense *type, VdbMeasure measure, Datum query, Datum value)
{
	const VdbDenseValue *a = vdb_dense_value(type, value);
	const VdbDenseValue *b = vdb_dense_value(type, query);

	return measure(a->elements, b->elements, a->dim);
}

static inline const float *
floats(const VdbDense *type, Datum value, uint32 *dim)
{
	const VdbDenseValue *dense = vdb_dense_value(type, value);

	*dim = dense->dim;
	return vdb_dense_floats(type, dense);
}

static inline double
square(double x)
{
	return x * x;
}

/*
 * The greatest square whose root is no more than the radius: the root is
 * rounded as the operator's is, so the square is looked for, in steps of one.
 */
double
ivf_reach_squared(Datum query, double radius)
{
	double square = radius * radius;

	if (radius < 0)
		return -INFINITY;
	while (sqrt(square) > radius)
		square = nextafter(square, 0);
	while (square < INFINITY && sqrt(nextafter(square, INFINITY)) <= radius)
		square = nextafter(square, INFINITY);
	return square;
}

double
ivf_own_l1(const float *query, const float *x, uint32 dim)
{
	return square(vdb_distance_l1(query, x, dim));
}

/*
 * A class: its row, and the support function that gives it.  "order" makes of
 * the measure what orders as the operator does; "own_name" and "own_distance"
 * are set where that is no metric's, "within" where that
 * is not the operator's.
 */
#define CLASS(type, most, class, number, order, of, within, own_name,          \
			  own_distance)                                                    \
	static double type##_##class##_distance(Datum query, Datum value)          \
	{                                                                          \
		const VdbDense *dense = &vdb_##type##_type;                            \
                                                                               \
		return order(distance(dense, dense->measures->of, query, value));      \
	}                                                                          \
	static const IvfType type##_##class = {                                    \
		.name = #type,                                                         \
		.metric = number,                                                      \
		.max_dim = most,                                                       \
		.bytes = type##_bytes,                                                 \
		.floats = type##_floats,                                               \
		.dim = type##_dim,                                                     \
		.distance = type##_##class##_distance,                                 \
		.length = #type " dimensions",                                         \
		.distance_name = own_name,                                             \
		.own = own_distance,                                                   \
		.reach = within,                                                       \
	};                                                                         \
	PG_FUNCTION_INFO_V1(ivfflat_##type##_##class##_support);                   \
	Datum ivfflat_##type##_##class##_support(PG_FUNCTION_ARGS)                 \
	{                                                                          \
		PG_RETURN_POINTER(&type##_##class);                                    \
	}

/* All classes of a type, and what they have in common. */
#define CLASSES(type, most)                                                    \
	static Size type##_bytes(uint32 dim)                                       \
	{                                                                          \
		return vdb_dense_size(&vdb_##type##_type, dim);                        \
	}                                                                          \
	static const float *type##_floats(Datum value, uint32 *dim)                \
	{                                                                          \
		return floats(&vdb_##type##_type, value, dim);                         \
	}                                                                          \
	static uint32 type##_dim(Datum value)                                      \
	{                                                                          \
		return vdb_dense_value(&vdb_##type##_type, value)->dim;                \
	}                                                                          \
	CLASS(type, most, l2, VDB_L2, , l2sq, ivf_reach_squared, NULL, NULL)       \
	CLASS(type, most, ip, VDB_IP, , neg_inner, NULL, NULL, NULL)               \
	CLASS(type, most, cosine, VDB_COSINE, , cosine, NULL, NULL, NULL)          \
	CLASS(type, most, l1, VDB_L2, square, l1, ivf_reach_squared, "l1",         \
		  ivf_own_l1)

CLASSES(vector, VECTOR_MAX_DIM)
CLASSES(halfvec, HALFVEC_MAX_DIM)
