/*
 * sparsevec.c: the datum of type sparsevec: its limits, a new one, one of all
 * elements, a damaged one.
 */
#include "postgres.h"

#include <math.h>

#include "types/sparsevec.h"

const VdbDense vdb_sparsevec_type = {
	.name = "sparsevec",
	.max_dim = SPARSEVEC_MAX_DIM,
	.overflow = INFINITY,
};

bool
vdb_sparse_check_nnz(int nnz, Node *escontext)
{
	if (nnz > SPARSEVEC_MAX_NNZ)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("sparsevec cannot have more than %d non-zero "
							"elements",
							SPARSEVEC_MAX_NNZ)));
	return true;
}

SparseVec *
vdb_sparse_new(int dim, int nnz)
{
	SparseVec *vector = palloc0(SPARSEVEC_SIZE(nnz));

	SET_VARSIZE(vector, SPARSEVEC_SIZE(nnz));
	vector->dim = dim;
	vector->nnz = nnz;
	return vector;
}

SparseVec *
vdb_sparse_from_dense(const float *x, int dim)
{
	SparseVec *result;
	float *values;
	int nnz = 0;

	for (int i = 0; i < dim; i++)
		nnz += x[i] != 0.0f;
	(void) vdb_sparse_check_nnz(nnz, NULL);

	result = vdb_sparse_new(dim, nnz);
	values = vdb_sparse_values(result);
	for (int i = 0, at = 0; at < nnz; i++)
		if (x[i] != 0.0f)
		{
			result->index[at] = i;
			values[at++] = x[i];
		}
	return result;
}

/* An index is looked at before it leads anywhere, since pages get damaged. */
void
vdb_sparse_to_dense(const SparseVec *vector, float *x)
{
	const float *values = vdb_sparse_values(vector);

	memset(x, 0, sizeof(float) * vector->dim);
	for (int i = 0; i < vector->nnz; i++)
	{
		if (vector->index[i] < 0 || vector->index[i] >= vector->dim)
			vdb_sparse_corrupted(vector);
		x[vector->index[i]] = values[i];
	}
}

SparseVec *
vdb_sparse_squeeze(SparseVec *vector)
{
	const float *values = vdb_sparse_values(vector);
	SparseVec *result;
	int nnz = 0;

	for (int i = 0; i < vector->nnz; i++)
		nnz += values[i] != 0.0f;
	if (nnz == vector->nnz)
		return vector;

	result = vdb_sparse_new(vector->dim, nnz);
	for (int i = 0, at = 0; at < nnz; i++)
		if (values[i] != 0.0f)
		{
			result->index[at] = vector->index[i];
			vdb_sparse_values(result)[at++] = values[i];
		}
	return result;
}

/* Report a stored value whose length or indexes do not fit its header. */
void
vdb_sparse_corrupted(const SparseVec *vector)
{
	int size = VARSIZE(vector);

	if (size < (int) SPARSEVEC_SIZE(0))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("invalid sparsevec of %d bytes", size)));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid sparsevec of %d bytes with %d dimensions and %d "
					"elements",
					size, vector->dim, vector->nnz)));
}
