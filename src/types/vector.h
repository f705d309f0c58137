/*
 * vector.h: the datum of type vector, float32 in every dimension.
 *
 * The layout is that of pgvector, so that data files, dumps, binary COPY and
 * drivers carry over:
 *
 *	offset	bytes	field
 *	0		4		vl_len_, the varlena header
 *	4		2		dim, 1 to VECTOR_MAX_DIM
 *	6		2		unused, zero
 *	8		4 * dim	x, IEEE single precision, never NaN or infinite
 *
 * On the wire the header is left out and all fields are big-endian.
 */
#ifndef VECDB_TYPES_VECTOR_H
#define VECDB_TYPES_VECTOR_H

#include "fmgr.h"

#include "compat.h"
#include "types/dense.h"

#define VECTOR_MAX_DIM 16000

typedef struct Vector
{
	int32 vl_len_; /* use VARSIZE and SET_VARSIZE */
	int16 dim;
	int16 unused;
	float x[FLEXIBLE_ARRAY_MEMBER];
} Vector;

StaticAssertDecl(offsetof(Vector, dim) == 4 && offsetof(Vector, x) == 8,
				 "vector's layout on disk is fixed");

#define VECTOR_SIZE(dim) (offsetof(Vector, x) + sizeof(float) * (dim))

/* Name and limits of the type, for the shared code of dense types. */
extern const VdbDense vdb_vector_type;

extern Vector *vdb_vector_new(int dim);
extern int vdb_vector_cmp(const Vector *a, const Vector *b);
extern void vdb_vector_corrupted(const Vector *vector);

/*
 * Detoast.  A length that does not fit the dimension is reported rather than
 * read past its end, since pages do get damaged.
 */
static inline Vector *
DatumGetVectorP(Datum datum)
{
	Vector *vector = (Vector *) PG_DETOAST_DATUM(datum);

	if (unlikely(VARSIZE(vector) < VECTOR_SIZE(1) || vector->dim < 1 ||
				 VARSIZE(vector) != VECTOR_SIZE(vector->dim)))
		vdb_vector_corrupted(vector);
	return vector;
}

#define PG_GETARG_VECTOR_P(n) DatumGetVectorP(PG_GETARG_DATUM(n))
#define PG_RETURN_VECTOR_P(vector) PG_RETURN_POINTER(vector)

#endif /* VECDB_TYPES_VECTOR_H */
