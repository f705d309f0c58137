/*
 * type_sparsevec.c: what the operator classes of sparsevec bring to the index.
 *
 * Few dimensions are coded as they are.  Of many, a code of each would be long
 * and nearly empty, so a sketch stands for the row among lists and codes;
 * bounds know its error (math/space.h), and the order is that of exact
 * distances as for every other type.
 */
#include "compat.h"

#include "fmgr.h"
#include "ivf/disk/meta.h"
#include "ivf/space/type.h"
#include "math/sketch.h"
#include "types/sparse_distance.h"

/* Of sketches; rows of no more than twice as many dimensions have none. */
#define SKETCH_DIM 1024

/* How many elements a row has is not to be seen from its dimensions. */
static Size
sparse_bytes(uint32 dim)
{
	return 0;
}

static uint32
sparse_dim(Datum value)
{
	return DatumGetSparseVecP(value)->dim;
}

/* None of more than an index codes: the caller refuses their dimensions. */
static const float *
sparse_floats(Datum value, uint32 *dim)
{
	SparseVec *vector = DatumGetSparseVecP(value);
	float *x;

	*dim = vector->dim;
	if (*dim > IVF_MAX_VIEW)
		return NULL;
	x = palloc(sizeof(float) * vector->dim);
	vdb_sparse_to_dense(vector, x);
	return x;
}

static uint32
sparse_sketch_dim(uint32 dim)
{
	return dim > 2 * SKETCH_DIM ? SKETCH_DIM : 0;
}

static const float *
sparse_sketch(Datum value, uint64 seed, uint32 sketch_dim)
{
	SparseVec *vector = DatumGetSparseVecP(value);
	float *x = palloc(sizeof(float) * sketch_dim);

	vdb_sketch(vector->index, vdb_sparse_values(vector), vector->nnz, seed, x,
			   sketch_dim);
	return x;
}

static double
sparse_distance_l2(Datum query, Datum value)
{
	return vdb_sparse_l2sq(DatumGetSparseVecP(value),
						   DatumGetSparseVecP(query));
}

static double
sparse_distance_ip(Datum query, Datum value)
{
	return vdb_sparse_neg_inner(DatumGetSparseVecP(value),
								DatumGetSparseVecP(query));
}

static double
sparse_distance_cosine(Datum query, Datum value)
{
	return vdb_sparse_cosine(DatumGetSparseVecP(value),
							 DatumGetSparseVecP(query));
}

static double
sparse_distance_l1(Datum query, Datum value)
{
	double distance =
		vdb_sparse_l1(DatumGetSparseVecP(value), DatumGetSparseVecP(query));

	return distance * distance;
}

#define SPARSE_ROW(number, exact, within, own_name, own_distance)              \
	{.name = "sparsevec",                                                      \
	 .length = "sparsevec dimensions",                                         \
	 .metric = number,                                                         \
	 .max_dim = SPARSEVEC_MAX_DIM,                                             \
	 .bytes = sparse_bytes,                                                    \
	 .floats = sparse_floats,                                                  \
	 .dim = sparse_dim,                                                        \
	 .distance = exact,                                                        \
	 .distance_name = own_name,                                                \
	 .own = own_distance,                                                      \
	 .reach = within,                                                          \
	 .sketch_dim = sparse_sketch_dim,                                          \
	 .sketch = sparse_sketch}

static const IvfType sparse_l2 =
	SPARSE_ROW(VDB_L2, sparse_distance_l2, ivf_reach_squared, NULL, NULL);
static const IvfType sparse_ip =
	SPARSE_ROW(VDB_IP, sparse_distance_ip, NULL, NULL, NULL);
static const IvfType sparse_cosine =
	SPARSE_ROW(VDB_COSINE, sparse_distance_cosine, NULL, NULL, NULL);

static const IvfType sparse_l1 =
	SPARSE_ROW(VDB_L2, sparse_distance_l1, ivf_reach_squared, "l1", ivf_own_l1);

PG_FUNCTION_INFO_V1(ivfflat_sparsevec_l2_support);
Datum
ivfflat_sparsevec_l2_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&sparse_l2);
}

PG_FUNCTION_INFO_V1(ivfflat_sparsevec_ip_support);
Datum
ivfflat_sparsevec_ip_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&sparse_ip);
}

PG_FUNCTION_INFO_V1(ivfflat_sparsevec_cosine_support);
Datum
ivfflat_sparsevec_cosine_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&sparse_cosine);
}

PG_FUNCTION_INFO_V1(ivfflat_sparsevec_l1_support);
Datum
ivfflat_sparsevec_l1_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&sparse_l1);
}
