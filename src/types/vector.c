/*
 * vector.c: the datum of type vector: its limits, a new one, a damaged one.
 *
 * Everything that knows vectors stands on this file; how they come in and go
 * out is vector_io.c.
 */
#include "postgres.h"

#include "types/vector.h"

const VdbDense vdb_vector_type = {"vector", VECTOR_MAX_DIM};

/* A vector of zeros; the caller has checked the dimension. */
Vector *
vdb_vector_new(int dim)
{
	Vector *vector = palloc0(VECTOR_SIZE(dim));

	SET_VARSIZE(vector, VECTOR_SIZE(dim));
	vector->dim = dim;
	return vector;
}

/* Report a stored value whose length does not fit its dimension. */
void
vdb_vector_corrupted(const Vector *vector)
{
	int size = VARSIZE(vector);

	if (size < (int) VECTOR_SIZE(1))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("invalid vector of %d bytes", size)));
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("invalid vector of %d bytes with %d dimensions",
						   size, vector->dim)));
}
