/*
 * type_dense.c: the operator classes over dense types.
 *
 * Distances are those of the operators, on the elements as they are stored;
 * codes come from the elements as floats.
 */
#include "compat.h"

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

/* A class: its row, and the support function that gives it. */
#define CLASS(type, most, number, metric, measure)                             \
	static double type##_##metric##_distance(Datum query, Datum value)         \
	{                                                                          \
		return distance(&vdb_##type##_type,                                    \
						vdb_##type##_type.measures->measure, query, value);    \
	}                                                                          \
	static const IvfType type##_##metric = {#type,                             \
											number,                            \
											most,                              \
											type##_bytes,                      \
											type##_floats,                     \
											type##_dim,                        \
											type##_##metric##_distance};       \
	PG_FUNCTION_INFO_V1(ivfflat_##type##_##metric##_support);                  \
	Datum ivfflat_##type##_##metric##_support(PG_FUNCTION_ARGS)                \
	{                                                                          \
		PG_RETURN_POINTER(&type##_##metric);                                   \
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
	CLASS(type, most, VDB_L2, l2, l2sq)                                        \
	CLASS(type, most, VDB_IP, ip, neg_inner)                                   \
	CLASS(type, most, VDB_COSINE, cosine, cosine)

CLASSES(vector, VECTOR_MAX_DIM)
CLASSES(halfvec, HALFVEC_MAX_DIM)
