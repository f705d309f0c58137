/*
 * vector_io.c: type vector in and out, as text and in binary, and its
 * type modifier.
 *
 * No value with a wrong dimension, NaN or infinity gets past this file; the
 * other ways in are vector_cast.c, for arrays, and the results of arithmetic.
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "types/vector.h"

/* vector_in(cstring, oid, integer) returns vector: the text form. */
PG_FUNCTION_INFO_V1(vector_in);
Datum
vector_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	int32 typmod = PG_GETARG_INT32(2);
	Node *escontext = (Node *) fcinfo->context;
	int capacity = vdb_dense_capacity(&vdb_vector_type, str);
	Vector *result = vdb_vector_new(capacity);
	int dim;

	dim =
		vdb_dense_parse(&vdb_vector_type, str, result->x, capacity, escontext);
	if (dim < 0 || !vdb_dense_check_typmod(typmod, dim, escontext))
		PG_RETURN_NULL();

	Assert(dim == capacity);
	PG_RETURN_VECTOR_P(result);
}

/* vector_out(vector) returns cstring. */
PG_FUNCTION_INFO_V1(vector_out);
Datum
vector_out(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);

	PG_RETURN_CSTRING(vdb_dense_print(vector->x, vector->dim));
}

/* vector_typmod_in(cstring[]) returns integer: the n of vector(n). */
PG_FUNCTION_INFO_V1(vector_typmod_in);
Datum
vector_typmod_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(
		vdb_dense_typmod_in(&vdb_vector_type, PG_GETARG_ARRAYTYPE_P(0)));
}

/* The dimension of a binary value, checked before anything is allocated. */
static int
receive_header(StringInfo buf, int32 typmod)
{
	int dim = (int) pq_getmsgint(buf, 2);
	int unused = (int) pq_getmsgint(buf, 2);
	int rest = buf->len - buf->cursor;

	(void) vdb_dense_check_dim(&vdb_vector_type, dim, NULL);
	(void) vdb_dense_check_typmod(typmod, dim, NULL);
	if (unused != 0)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("expected unused to be 0, not %d", unused)));
	if (rest != dim * (int) sizeof(float))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid length of binary vector"),
				 errdetail("A vector of dimension %d has %d bytes of elements, "
						   "not %d.",
						   dim, dim * (int) sizeof(float), rest)));
	return dim;
}

/* vector_recv(internal, oid, integer) returns vector: the binary form. */
PG_FUNCTION_INFO_V1(vector_recv);
Datum
vector_recv(PG_FUNCTION_ARGS)
{
	StringInfo buf = (StringInfo) PG_GETARG_POINTER(0);
	int dim = receive_header(buf, PG_GETARG_INT32(2));
	Vector *result = vdb_vector_new(dim);
	int i;

	for (i = 0; i < dim; i++)
	{
		result->x[i] = pq_getmsgfloat4(buf);
		(void) vdb_dense_check_element(&vdb_vector_type, result->x[i], NULL);
	}
	PG_RETURN_VECTOR_P(result);
}

/* vector_send(vector) returns bytea. */
PG_FUNCTION_INFO_V1(vector_send);
Datum
vector_send(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);
	StringInfoData buf;
	int i;

	pq_begintypsend(&buf);
	enlargeStringInfo(&buf, VECTOR_SIZE(vector->dim));
	pq_sendint16(&buf, vector->dim);
	pq_sendint16(&buf, 0);
	for (i = 0; i < vector->dim; i++)
		pq_sendfloat4(&buf, vector->x[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
