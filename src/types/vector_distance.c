/*
 * vector_distance.c: the distance functions and operators of type vector.
 *
 * The numbers come from distance.c, which an index scan calls as well.
 */
#include "postgres.h"

#include <math.h>

#include "types/distance.h"
#include "shortcut/recent.h"
#include "types/vector.h"

/* A measure on raw floats. */
typedef double (*Measure)(const float *a, const float *b, int dim);

static inline double
measure_args(FunctionCallInfo fcinfo, Measure measure)
{
	Vector *a = DatumGetVectorP(vdb_recent_value(PG_GETARG_DATUM(0)));
	Vector *b = DatumGetVectorP(vdb_recent_value(PG_GETARG_DATUM(1)));

	vdb_dense_check_same(&vdb_vector_type, a->dim, b->dim);
	return measure(a->x, b->x, a->dim);
}

/* l2_distance(vector, vector) returns double precision; operator <->. */
PG_FUNCTION_INFO_V1(l2_distance);
Datum
l2_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(sqrt(measure_args(fcinfo, vdb_distance_l2sq)));
}

/* vector_l2_squared_distance(vector, vector) returns double precision. */
PG_FUNCTION_INFO_V1(vector_l2_squared_distance);
Datum
vector_l2_squared_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_distance_l2sq));
}

/* inner_product(vector, vector) returns double precision. */
PG_FUNCTION_INFO_V1(inner_product);
Datum
inner_product(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_inner_product));
}

/*
 * vector_negative_inner_product(vector, vector) returns double precision;
 * operator <#>: an index can only go from the least value upwards.
 */
PG_FUNCTION_INFO_V1(vector_negative_inner_product);
Datum
vector_negative_inner_product(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_distance_neg_inner));
}

/*
 * cosine_distance(vector, vector) returns double precision; operator <=>.
 * 1 - cosine: 0 to 2, and NaN where either vector is zero.
 */
PG_FUNCTION_INFO_V1(cosine_distance);
Datum
cosine_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_distance_cosine));
}

/* l1_distance(vector, vector) returns double precision; operator <+>. */
PG_FUNCTION_INFO_V1(l1_distance);
Datum
l1_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_distance_l1));
}

/*
 * vector_spherical_distance(vector, vector) returns double precision: the
 * angle between vectors of norm 1, in units of pi.
 */
PG_FUNCTION_INFO_V1(vector_spherical_distance);
Datum
vector_spherical_distance(PG_FUNCTION_ARGS)
{
	double cosine = measure_args(fcinfo, vdb_inner_product);

	/* Rounding may leave the range of acos by a little. */
	cosine = Max(-1.0, Min(1.0, cosine));
	PG_RETURN_FLOAT8(acos(cosine) / M_PI);
}
