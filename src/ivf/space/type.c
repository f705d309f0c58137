/*
 * type.c: what an operator class brings to the index, one row a class.
 *
 * Support function 1 of an operator class returns such a row; build, insert
 * and scan know types and metrics only through it.
 */
#include "compat.h"

#include "access/genam.h"
#include "fmgr.h"
#include "ivf/space/type.h"
#include "types/distance.h"
#include "types/vector.h"

const IvfType *
ivf_type(Relation index)
{
	FmgrInfo *support = index_getprocinfo(index, 1, IVF_SUPPORT_TYPE);

	return (const IvfType *) DatumGetPointer(
		FunctionCall1(support, PointerGetDatum(NULL)));
}

static const float *
vector_floats(Datum value, uint32 *dim)
{
	Vector *vector = DatumGetVectorP(value);

	*dim = vector->dim;
	return vector->x;
}

static const IvfType vector_l2 = {"vector", VDB_L2, VECTOR_MAX_DIM,
								  vector_floats, vdb_distance_l2sq};

static const IvfType vector_ip = {"vector", VDB_IP, VECTOR_MAX_DIM,
								  vector_floats, vdb_distance_neg_inner};

static const IvfType vector_cosine = {"vector", VDB_COSINE, VECTOR_MAX_DIM,
									  vector_floats, vdb_distance_cosine};

PG_FUNCTION_INFO_V1(ivfflat_vector_l2_support);
Datum
ivfflat_vector_l2_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&vector_l2);
}

PG_FUNCTION_INFO_V1(ivfflat_vector_ip_support);
Datum
ivfflat_vector_ip_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&vector_ip);
}

PG_FUNCTION_INFO_V1(ivfflat_vector_cosine_support);
Datum
ivfflat_vector_cosine_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&vector_cosine);
}
