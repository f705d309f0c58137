/*
 * sparsevec_compare.c: the order of sparse vectors, for ORDER BY, DISTINCT,
 * B-trees; and their hash.
 *
 * The order is that of the same vectors with their zeros: element by element,
 * and of two where one continues the other, the shorter comes first.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "types/compare.h"
#include "types/sparsevec.h"

/* The first dimension from i on, and below "end", that is not zero. */
static inline int32
next_index(const SparseVec *vector, int i, int32 end)
{
	return i < vector->nnz ? Min(vector->index[i], end) : end;
}

/* Negative, zero or positive, as memcmp. */
static int
compare_vectors(const SparseVec *a, const SparseVec *b)
{
	const float *x = vdb_sparse_values(a);
	const float *y = vdb_sparse_values(b);
	int32 end = Min(a->dim, b->dim);
	int i = 0;
	int j = 0;

	for (;;)
	{
		int32 in_a = next_index(a, i, end);
		int32 in_b = next_index(b, j, end);
		int32 at = Min(in_a, in_b);
		float p = in_a == at && at < end ? x[i++] : 0.0f;
		float q = in_b == at && at < end ? y[j++] : 0.0f;

		if (at == end)
			return (a->dim > b->dim) - (a->dim < b->dim);
		if (p != q)
			return p < q ? -1 : 1;
	}
}

static int
compare_datums(Datum x, Datum y)
{
	SparseVec *a = DatumGetSparseVecP(x);
	SparseVec *b = DatumGetSparseVecP(y);
	int result = compare_vectors(a, b);

	if ((Pointer) a != DatumGetPointer(x))
		pfree(a);
	if ((Pointer) b != DatumGetPointer(y))
		pfree(b);
	return result;
}

VDB_COMPARISONS(sparsevec, compare_datums)

/* What is equal is so byte by byte, since zeros and NaN are not stored. */
static const unsigned char *
hashed_bytes(const SparseVec *vector, int *length)
{
	*length = VARSIZE(vector) - offsetof(SparseVec, dim);
	return (const unsigned char *) &vector->dim;
}

/* sparsevec_hash(sparsevec) returns integer. */
PG_FUNCTION_INFO_V1(sparsevec_hash);
Datum
sparsevec_hash(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	int length;
	const unsigned char *bytes = hashed_bytes(vector, &length);
	uint32 hash = hash_bytes(bytes, length);

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_UINT32(hash);
}

/* sparsevec_hash_extended(sparsevec, bigint) returns bigint. */
PG_FUNCTION_INFO_V1(sparsevec_hash_extended);
Datum
sparsevec_hash_extended(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	int length;
	const unsigned char *bytes = hashed_bytes(vector, &length);
	uint64 hash = hash_bytes_extended(bytes, length, PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_UINT64(hash);
}
