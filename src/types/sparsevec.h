/*
 * sparsevec.h: the datum of type sparsevec, the elements that are not zero.
 *
 * The layout is that of pgvector, as for type vector:
 *
 *	offset		bytes	field
 *	0			4		vl_len_, the varlena header
 *	4			4		dim, 1 to SPARSEVEC_MAX_DIM
 *	8			4		nnz, 0 to SPARSEVEC_MAX_NNZ
 *	12			4		unused, zero
 *	16			4 * nnz	index, ascending, from 0 to dim - 1
 *	16 + 4 nnz	4 * nnz	the element of each, IEEE single precision, never NaN,
 *						infinite or zero
 *
 * On the wire the header is left out and all fields are big-endian; in text
 * indexes count from 1.
 */
#ifndef VECDB_TYPES_SPARSEVEC_H
#define VECDB_TYPES_SPARSEVEC_H

#include "fmgr.h"

#include "compat.h"
#include "types/dense.h"

#define SPARSEVEC_MAX_DIM 1000000000
#define SPARSEVEC_MAX_NNZ 16000

typedef struct SparseVec
{
	int32 vl_len_; /* use VARSIZE and SET_VARSIZE */
	int32 dim;
	int32 nnz;
	int32 unused;
	int32 index[FLEXIBLE_ARRAY_MEMBER];
} SparseVec;

StaticAssertDecl(offsetof(SparseVec, dim) == 4 &&
					 offsetof(SparseVec, index) == 16,
				 "sparsevec's layout on disk is fixed");

#define SPARSEVEC_SIZE(nnz)                                                    \
	(offsetof(SparseVec, index) + (sizeof(int32) + sizeof(float)) * (nnz))

/* The elements, nnz of them. */
static inline float *
vdb_sparse_values(const SparseVec *vector)
{
	return (float *) (vector->index + vector->nnz);
}

/* Name and limits of the type, for the shared code of dense types. */
extern const VdbDense vdb_sparsevec_type;

/* Elements to be set; the caller has checked dim and nnz. */
extern SparseVec *vdb_sparse_new(int dim, int nnz);

/* False, or an error (see dense.h), where it has too many elements. */
extern bool vdb_sparse_check_nnz(int nnz, Node *escontext);

/* Of all elements, zeros among them, that are finite. */
extern SparseVec *vdb_sparse_from_dense(const float *x, int dim);

/* x[dim] = all elements. */
extern void vdb_sparse_to_dense(const SparseVec *vector, float *x);

/* The same with the elements that float32 made zero left out, if any. */
extern SparseVec *vdb_sparse_squeeze(SparseVec *vector);

extern void vdb_sparse_corrupted(const SparseVec *vector);

/*
 * Detoast.  A length that does not fit the elements is reported rather than
 * read past its end, since pages do get damaged.
 */
static inline SparseVec *
DatumGetSparseVecP(Datum datum)
{
	SparseVec *vector = (SparseVec *) PG_DETOAST_DATUM(datum);

	if (unlikely(VARSIZE(vector) < SPARSEVEC_SIZE(0) || vector->dim < 1 ||
				 vector->nnz < 0 || vector->nnz > SPARSEVEC_MAX_NNZ ||
				 VARSIZE(vector) != SPARSEVEC_SIZE(vector->nnz)))
		vdb_sparse_corrupted(vector);
	return vector;
}

#define PG_GETARG_SPARSEVEC_P(n) DatumGetSparseVecP(PG_GETARG_DATUM(n))

#endif /* VECDB_TYPES_SPARSEVEC_H */
