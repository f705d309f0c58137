/*
 * vector.h: the datum of type vector, float32 in every dimension.
 *
 * dense.h has the layout, and what the type shares with others.
 */
#ifndef VECDB_TYPES_VECTOR_H
#define VECDB_TYPES_VECTOR_H

#include "types/dense.h"

#define VECTOR_MAX_DIM 16000

typedef struct Vector
{
	int32 vl_len_; /* use VARSIZE and SET_VARSIZE */
	int16 dim;
	int16 unused;
	float x[FLEXIBLE_ARRAY_MEMBER];
} Vector;

StaticAssertDecl(offsetof(Vector, dim) == offsetof(VdbDenseValue, dim) &&
					 offsetof(Vector, x) == offsetof(VdbDenseValue, elements),
				 "a vector is a dense value");

#define VECTOR_SIZE(dim) (offsetof(Vector, x) + sizeof(float) * (dim))

/* What tells the type from other dense ones. */
extern const VdbDense vdb_vector_type;

static inline Vector *
DatumGetVectorP(Datum datum)
{
	return (Vector *) vdb_dense_value(&vdb_vector_type, datum);
}

#define PG_GETARG_VECTOR_P(n) DatumGetVectorP(PG_GETARG_DATUM(n))
#define PG_RETURN_VECTOR_P(vector) PG_RETURN_POINTER(vector)

#endif /* VECDB_TYPES_VECTOR_H */
