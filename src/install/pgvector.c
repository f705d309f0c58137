/*
 * pgvector.c: C functions by the names that they have in pgvector's library.
 *
 * Where our library lies in that one's place, the functions of a database that
 * pgvector made look for them until ALTER EXTENSION vector UPDATE.  Most have
 * the same names; here are those that do not, and what its support functions
 * do here.
 */
#include "compat.h"

#include "fmgr.h"

extern Datum vector_enforce_typmod(PG_FUNCTION_ARGS);
extern Datum halfvec_enforce_typmod(PG_FUNCTION_ARGS);
extern Datum sparsevec_enforce_typmod(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(vector);

/* vector(vector, integer, boolean) returns vector */
Datum
vector(PG_FUNCTION_ARGS)
{
	return vector_enforce_typmod(fcinfo);
}

PG_FUNCTION_INFO_V1(halfvec);

/* halfvec(halfvec, integer, boolean) returns halfvec */
Datum
halfvec(PG_FUNCTION_ARGS)
{
	return halfvec_enforce_typmod(fcinfo);
}

PG_FUNCTION_INFO_V1(sparsevec);

/* sparsevec(sparsevec, integer, boolean) returns sparsevec */
Datum
sparsevec(PG_FUNCTION_ARGS)
{
	return sparsevec_enforce_typmod(fcinfo);
}

PG_FUNCTION_INFO_V1(pgvector_support);

/* ..._support(internal) returns internal: nobody here asks. */
Datum
pgvector_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(NULL);
}
