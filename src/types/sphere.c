/*
 * sphere.c: see sphere.h; and the SQL functions of spheres: making one, and is
 * a value within it?
 *
 * A value is within the radius if its distance is at most that: the same number
 * as the distance operator's, compared as SQL compares float8, so a NaN is
 * within a radius of NaN alone, or where the sphere
 * says so.
 */
#include "types/sphere.h"

#include <math.h>

#include "access/htup_details.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/float.h"

bool
vdb_sphere_fields(Datum datum, VdbSphere *sphere)
{
	HeapTupleHeader row = DatumGetHeapTupleHeader(datum);
	bool no_center;
	bool no_radius;
	bool unset;
	Datum radius;
	Datum undefined;

	sphere->center = GetAttributeByNum(row, 1, &no_center);
	radius = GetAttributeByNum(row, 2, &no_radius);
	undefined = GetAttributeByNum(row, 3, &unset);
	if (no_center || no_radius)
		return false;
	sphere->radius = DatumGetFloat8(radius);
	sphere->undefined = !unset && DatumGetBool(undefined);
	return true;
}

PG_FUNCTION_INFO_V1(vecdb_sphere);

/* sphere(center, radius double precision): of the type that is asked for */
Datum
vecdb_sphere(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1),
					  BoolGetDatum(false)};
	bool nulls[] = {false, false, false};
	TupleDesc fields;

	if (get_call_result_type(fcinfo, NULL, &fields) != TYPEFUNC_COMPOSITE ||
		fields->natts != lengthof(values))
		elog(ERROR, "function returns no sphere");
	PG_RETURN_DATUM(HeapTupleGetDatum(
		heap_form_tuple(BlessTupleDesc(fields), values, nulls)));
}

static Datum
within(FunctionCallInfo fcinfo, PGFunction distance)
{
	VdbSphere sphere;
	double d;

	if (!vdb_sphere_fields(PG_GETARG_DATUM(1), &sphere))
		PG_RETURN_NULL();
	d = DatumGetFloat8(
		DirectFunctionCall2(distance, PG_GETARG_DATUM(0), sphere.center));
	PG_RETURN_BOOL(float8_le(d, sphere.radius) ||
				   (sphere.undefined && isnan(d)));
}

/* A row for each distance: NAME(value, sphere) returns boolean. */
#define WITHIN(name, distance)                                                 \
	extern Datum distance(PG_FUNCTION_ARGS);                                   \
	PG_FUNCTION_INFO_V1(name);                                                 \
	Datum name(PG_FUNCTION_ARGS)                                               \
	{                                                                          \
		return within(fcinfo, distance);                                       \
	}

WITHIN(vector_l2_within, l2_distance)
WITHIN(vector_ip_within, vector_negative_inner_product)
WITHIN(vector_cosine_within, cosine_distance)
WITHIN(vector_l1_within, l1_distance)
WITHIN(halfvec_l2_within, halfvec_l2_distance)
WITHIN(halfvec_ip_within, halfvec_negative_inner_product)
WITHIN(halfvec_cosine_within, halfvec_cosine_distance)
WITHIN(halfvec_l1_within, halfvec_l1_distance)
WITHIN(sparsevec_l2_within, sparsevec_l2_distance)
WITHIN(sparsevec_ip_within, sparsevec_negative_inner_product)
WITHIN(sparsevec_cosine_within, sparsevec_cosine_distance)
WITHIN(sparsevec_l1_within, sparsevec_l1_distance)
WITHIN(bit_hamming_within, hamming_distance)
WITHIN(bit_jaccard_within, jaccard_distance)
