/*
 * type.c: what an operator class brings to the index, one row a class.
 *
 * Support function 1 of an operator class returns such a row; build, insert
 * and scan know types and metrics only through it.
 */
#include "compat.h"

#include "fmgr.h"
#include "ivf/space/type.h"
#include "types/distance.h"
#include "types/vector.h"

double
ivf_own_l1(const float *query, const float *x, uint32 dim)
{
	double distance = vdb_distance_l1(query, x, dim);

	return distance * distance;
}

/* vector ------------------------------------------------------------------ */

static Size
vector_bytes(uint32 dim)
{
	return VECTOR_SIZE(dim);
}

static const float *
vector_floats(Datum value, uint32 *dim)
{
	Vector *vector = DatumGetVectorP(value);

	*dim = vector->dim;
	return vector->x;
}

static uint32
vector_dim(Datum value)
{
	return DatumGetVectorP(value)->dim;
}

static double
vector_distance_l2(Datum query, Datum value)
{
	Vector *vector = DatumGetVectorP(value);

	return vdb_distance_l2sq(vector->x, DatumGetVectorP(query)->x, vector->dim);
}

static double
vector_distance_ip(Datum query, Datum value)
{
	Vector *vector = DatumGetVectorP(value);

	return vdb_distance_neg_inner(vector->x, DatumGetVectorP(query)->x,
								  vector->dim);
}

static double
vector_distance_cosine(Datum query, Datum value)
{
	Vector *vector = DatumGetVectorP(value);

	return vdb_distance_cosine(vector->x, DatumGetVectorP(query)->x,
							   vector->dim);
}

static double
vector_distance_l1(Datum query, Datum value)
{
	Vector *vector = DatumGetVectorP(value);

	return ivf_own_l1(DatumGetVectorP(query)->x, vector->x, vector->dim);
}

#define VECTOR_ROW(metric, distance, distance_name, own)                       \
	{"vector",	 metric,   VECTOR_MAX_DIM,		vector_bytes,  vector_floats,  \
	 vector_dim, distance, "vector dimensions", distance_name, own}

static const IvfType vector_l2 =
	VECTOR_ROW(VDB_L2, vector_distance_l2, NULL, NULL);
static const IvfType vector_ip =
	VECTOR_ROW(VDB_IP, vector_distance_ip, NULL, NULL);
static const IvfType vector_cosine =
	VECTOR_ROW(VDB_COSINE, vector_distance_cosine, NULL, NULL);
static const IvfType vector_l1 =
	VECTOR_ROW(VDB_L2, vector_distance_l1, "l1", ivf_own_l1);

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

PG_FUNCTION_INFO_V1(ivfflat_vector_l1_support);
Datum
ivfflat_vector_l1_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&vector_l1);
}
