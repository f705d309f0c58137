/*
 * dense_io.c: dense types in and out, as text and in binary, and their type
 * modifier.
 *
 * No value with a wrong dimension, NaN or infinity gets past this file; the
 * other ways in are dense_cast.c, for arrays and other types, and the results
 * of arithmetic.
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "types/halfvec.h"
#include "types/vector.h"

static Datum
in(FunctionCallInfo fcinfo, const VdbDense *type)
{
	const char *str = PG_GETARG_CSTRING(0);
	int32 typmod = PG_GETARG_INT32(2);
	Node *escontext = (Node *) fcinfo->context;
	int capacity = vdb_dense_capacity(type, str);
	VdbDenseValue *result = vdb_dense_new(type, capacity);
	float *x = vdb_dense_room(type, result);
	int dim = vdb_dense_parse(type, str, x, capacity, escontext);

	if (dim < 0 || !vdb_dense_check_typmod(typmod, dim, escontext))
		PG_RETURN_NULL();

	Assert(dim == capacity);
	return vdb_dense_finish(type, result, x);
}

/* vector_in(cstring, oid, integer) returns vector: the text form. */
VDB_DENSE_FUNCTION(vector_in, vector, in)
/* halfvec_in(cstring, oid, integer) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_in, halfvec, in)

static Datum
out(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);

	PG_RETURN_CSTRING(
		vdb_dense_print(vdb_dense_floats(type, value), value->dim));
}

/* vector_out(vector) returns cstring. */
VDB_DENSE_FUNCTION(vector_out, vector, out)
/* halfvec_out(halfvec) returns cstring. */
VDB_DENSE_FUNCTION(halfvec_out, halfvec, out)

static Datum
typmod_in(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_INT32(vdb_dense_typmod_in(type, PG_GETARG_ARRAYTYPE_P(0)));
}

/* vector_typmod_in(cstring[]) returns integer: the n of vector(n). */
VDB_DENSE_FUNCTION(vector_typmod_in, vector, typmod_in)
/* halfvec_typmod_in(cstring[]) returns integer. */
VDB_DENSE_FUNCTION(halfvec_typmod_in, halfvec, typmod_in)

/* The dimension of a binary value, checked before anything is allocated. */
static int
receive_header(const VdbDense *type, StringInfo buf, int32 typmod)
{
	int dim = (int) pq_getmsgint(buf, 2);
	int unused = (int) pq_getmsgint(buf, 2);
	int rest = buf->len - buf->cursor;

	(void) vdb_dense_check_dim(type, dim, NULL);
	(void) vdb_dense_check_typmod(typmod, dim, NULL);
	if (unused != 0)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("expected unused to be 0, not %d", unused)));
	if (rest != dim * type->width)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid length of binary %s", type->name),
				 errdetail("A %s of dimension %d has %d bytes of elements, "
						   "not %d.",
						   type->name, dim, dim * type->width, rest)));
	return dim;
}

static Datum
receive(FunctionCallInfo fcinfo, const VdbDense *type)
{
	StringInfo buf = (StringInfo) PG_GETARG_POINTER(0);
	int dim = receive_header(type, buf, PG_GETARG_INT32(2));
	VdbDenseValue *result = vdb_dense_new(type, dim);
	int i;

	for (i = 0; i < dim; i++)
	{
		uint32 bits = pq_getmsgint(buf, type->width);

		if (type->width == sizeof(uint16))
			((uint16 *) result->elements)[i] = (uint16) bits;
		else
			((uint32 *) result->elements)[i] = bits;
	}
	vdb_dense_check_elements(type, vdb_dense_floats(type, result), dim);
	return PointerGetDatum(result);
}

/* vector_recv(internal, oid, integer) returns vector: the binary form. */
VDB_DENSE_FUNCTION(vector_recv, vector, receive)
/* halfvec_recv(internal, oid, integer) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_recv, halfvec, receive)

static Datum
put(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);
	StringInfoData buf;
	int i;

	pq_begintypsend(&buf);
	enlargeStringInfo(&buf, vdb_dense_size(type, value->dim));
	pq_sendint16(&buf, value->dim);
	pq_sendint16(&buf, 0);
	for (i = 0; i < value->dim; i++)
	{
		if (type->width == sizeof(uint16))
			pq_sendint16(&buf, ((uint16 *) value->elements)[i]);
		else
			pq_sendint32(&buf, ((uint32 *) value->elements)[i]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* vector_send(vector) returns bytea. */
VDB_DENSE_FUNCTION(vector_send, vector, put)
/* halfvec_send(halfvec) returns bytea. */
VDB_DENSE_FUNCTION(halfvec_send, halfvec, put)
