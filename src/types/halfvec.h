/*
 * halfvec.h: the datum of type halfvec, an IEEE half in every dimension.
 *
 * A half has 11 significant bits, is less than 65520 in absolute value, and no
 * less than 2^-24 if it is not zero.  What comes in is rounded to the nearest
 * one, to an even fraction between two.  dense.h has the layout, and what the
 * type shares with others.
 */
#ifndef VECDB_TYPES_HALFVEC_H
#define VECDB_TYPES_HALFVEC_H

#include "types/dense.h"

#define HALFVEC_MAX_DIM 16000

typedef struct HalfVector
{
	int32 vl_len_; /* use VARSIZE and SET_VARSIZE */
	int16 dim;
	int16 unused;
	uint16 x[FLEXIBLE_ARRAY_MEMBER]; /* halves */
} HalfVector;

StaticAssertDecl(offsetof(HalfVector, dim) == offsetof(VdbDenseValue, dim) &&
					 offsetof(HalfVector, x) ==
						 offsetof(VdbDenseValue, elements),
				 "a halfvec is a dense value");

/* What tells the type from other dense ones. */
extern const VdbDense vdb_halfvec_type;

/* A halfvec of zeros; the caller has checked the dimension. */
static inline HalfVector *
vdb_halfvec_new(int dim)
{
	return (HalfVector *) vdb_dense_new(&vdb_halfvec_type, dim);
}

static inline HalfVector *
DatumGetHalfVecP(Datum datum)
{
	return (HalfVector *) vdb_dense_value(&vdb_halfvec_type, datum);
}

#define PG_GETARG_HALFVEC_P(n) DatumGetHalfVecP(PG_GETARG_DATUM(n))
#define PG_RETURN_HALFVEC_P(halfvec) PG_RETURN_POINTER(halfvec)

#endif /* VECDB_TYPES_HALFVEC_H */
