/*
 * dense_distance.c: the distance functions and operators of dense types.
 *
 * The numbers come from distance.c, which an index scan calls as well.
 */
#include "postgres.h"

#include <math.h>

#include "shortcut/recent.h"
#include "types/halfvec.h"
#include "types/vector.h"

static inline double
measure(FunctionCallInfo fcinfo, const VdbDense *type, VdbMeasure of)
{
	VdbDenseValue *a =
		vdb_dense_value(type, vdb_recent_value(PG_GETARG_DATUM(0)));
	VdbDenseValue *b =
		vdb_dense_value(type, vdb_recent_value(PG_GETARG_DATUM(1)));

	vdb_dense_check_same(type, a->dim, b->dim);
	return of(a->elements, b->elements, a->dim);
}

static Datum
l2(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_FLOAT8(sqrt(measure(fcinfo, type, type->measures->l2sq)));
}

/* l2_distance(vector, vector) returns double precision; operator <->. */
VDB_DENSE_FUNCTION(l2_distance, vector, l2)
/* l2_distance(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_l2_distance, halfvec, l2)

static Datum
l2_squared(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_FLOAT8(measure(fcinfo, type, type->measures->l2sq));
}

/* vector_l2_squared_distance(vector, vector) returns double precision. */
VDB_DENSE_FUNCTION(vector_l2_squared_distance, vector, l2_squared)
/* halfvec_l2_squared_distance(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_l2_squared_distance, halfvec, l2_squared)

static Datum
inner(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_FLOAT8(measure(fcinfo, type, type->measures->inner));
}

/* inner_product(vector, vector) returns double precision. */
VDB_DENSE_FUNCTION(inner_product, vector, inner)
/* inner_product(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_inner_product, halfvec, inner)

/* An index can only go from the least value upwards, hence the negation. */
static Datum
negative_inner(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_FLOAT8(measure(fcinfo, type, type->measures->neg_inner));
}

/*
 * vector_negative_inner_product(vector, vector) returns double precision;
 * operator <#>.
 */
VDB_DENSE_FUNCTION(vector_negative_inner_product, vector, negative_inner)
/* halfvec_negative_inner_product(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_negative_inner_product, halfvec, negative_inner)

static Datum
cosine(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_FLOAT8(measure(fcinfo, type, type->measures->cosine));
}

/*
 * cosine_distance(vector, vector) returns double precision; operator <=>.
 * 1 - cosine: 0 to 2, and NaN where either vector is zero.
 */
VDB_DENSE_FUNCTION(cosine_distance, vector, cosine)
/* cosine_distance(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_cosine_distance, halfvec, cosine)

static Datum
l1(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_FLOAT8(measure(fcinfo, type, type->measures->l1));
}

/* l1_distance(vector, vector) returns double precision; operator <+>. */
VDB_DENSE_FUNCTION(l1_distance, vector, l1)
/* l1_distance(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_l1_distance, halfvec, l1)

/* The angle between values of norm 1, in units of pi. */
static Datum
spherical(FunctionCallInfo fcinfo, const VdbDense *type)
{
	double product = measure(fcinfo, type, type->measures->inner);

	/* Rounding may leave the range of acos by a little. */
	product = Max(-1.0, Min(1.0, product));
	PG_RETURN_FLOAT8(acos(product) / M_PI);
}

/* vector_spherical_distance(vector, vector) returns double precision. */
VDB_DENSE_FUNCTION(vector_spherical_distance, vector, spherical)
/* halfvec_spherical_distance(halfvec, halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_spherical_distance, halfvec, spherical)
