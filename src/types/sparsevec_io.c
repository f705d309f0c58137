/*
 * sparsevec_io.c: type sparsevec in and out, as text and in binary, and its
 * type modifier.
 *
 * Text is "{1:1.5,3:2}/5": index and element, each, and the dimensions.
 * Elements come in any order, zeros are left out whatever their index says, and
 * white space may stand everywhere but inside a number.  The binary form is
 * stricter: indexes ascend, and there are no zeros.
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "libpq/pqformat.h"

#include "types/parser.h"
#include "types/sparsevec.h"

/* An element on its way in; the index counts from 0. */
typedef struct Element
{
	int32 index;
	float value;
} Element;

static int
compare_elements(const void *a, const void *b)
{
	int32 x = ((const Element *) a)->index;
	int32 y = ((const Element *) b)->index;

	return (x > y) - (x < y);
}

/* Is an index in bounds and above the one before it, which is -1 at first? */
static bool
check_index(int32 index, int32 previous, int dim, Node *escontext)
{
	if (index < 0 || index >= dim)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("sparsevec index out of bounds")));
	if (index == previous)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("sparsevec indices must not contain duplicates")));
	if (index < previous)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("sparsevec indices must be in ascending order")));
	return true;
}

/* Text ------------------------------------------------------------------- */

/* "3:1.5" */
static bool
parse_element(VdbParser *parser, Element *element)
{
	const char *from;
	bool vanished;
	int index;

	if (!vdb_parse_int(parser, &index))
		return false;
	if (!vdb_parse_char(parser, ':'))
	{
		(void) vdb_parse_failed(parser, "\":\"");
		return false;
	}
	vdb_parse_space(parser);
	from = parser->at;
	if (!vdb_parse_float(parser, &element->value, &vanished))
		return false;
	if (vanished)
	{
		vdb_parse_out_of_range(parser, from);
		return false;
	}
	element->index = index < 1 ? -1 : index - 1;
	return true;
}

/* Elements up to the closing brace; returns how many are not zero, or -1. */
static int
parse_elements(VdbParser *parser, Element *elements)
{
	int nnz = 0;

	if (vdb_parse_char(parser, '}'))
		return 0;
	for (int count = 1;; count++)
	{
		Element element;

		if (!parse_element(parser, &element) ||
			!vdb_sparse_check_nnz(count, parser->escontext))
			return -1;
		if (element.value != 0.0f)
			elements[nnz++] = element;
		if (vdb_parse_char(parser, '}'))
			return nnz;
		if (!vdb_parse_char(parser, ','))
			return vdb_parse_failed(parser, "\",\" or \"}\"");
	}
}

/* What follows the elements; the dimensions, or -1. */
static int
parse_dim(VdbParser *parser)
{
	int dim;

	if (!vdb_parse_char(parser, '/'))
		return vdb_parse_failed(parser, "\"/\"");
	if (!vdb_parse_int(parser, &dim))
		return -1;
	vdb_parse_space(parser);
	if (*parser->at != '\0')
		return vdb_parse_failed(parser, "nothing more");
	if (!vdb_dense_check_dim(&vdb_sparsevec_type, dim, parser->escontext))
		return -1;
	return dim;
}

/* Sorted, checked and joined; NULL: reported. */
static SparseVec *
make_vector(Element *elements, int nnz, int dim, Node *escontext)
{
	SparseVec *result = vdb_sparse_new(dim, nnz);

	qsort(elements, nnz, sizeof(Element), compare_elements);
	for (int i = 0; i < nnz; i++)
	{
		int32 previous = i > 0 ? elements[i - 1].index : -1;

		if (!check_index(elements[i].index, previous, dim, escontext))
			return NULL;
		result->index[i] = elements[i].index;
		vdb_sparse_values(result)[i] = elements[i].value;
	}
	return result;
}

/* sparsevec_in(cstring, oid, integer) returns sparsevec: the text form. */
PG_FUNCTION_INFO_V1(sparsevec_in);
Datum
sparsevec_in(PG_FUNCTION_ARGS)
{
	char *str = PG_GETARG_CSTRING(0);
	VdbParser parser = {&vdb_sparsevec_type, str, str,
						(Node *) fcinfo->context};
	Element *elements =
		palloc(vdb_parse_capacity(str, SPARSEVEC_MAX_NNZ) * sizeof(Element));
	SparseVec *result;
	int nnz;
	int dim;

	if (!vdb_parse_char(&parser, '{'))
	{
		(void) vdb_parse_failed(&parser, "\"{\"");
		PG_RETURN_NULL();
	}
	nnz = parse_elements(&parser, elements);
	dim = nnz < 0 ? -1 : parse_dim(&parser);
	if (dim < 0 ||
		!vdb_dense_check_typmod(PG_GETARG_INT32(2), dim, parser.escontext))
		PG_RETURN_NULL();
	result = make_vector(elements, nnz, dim, parser.escontext);
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(result);
}

/* sparsevec_out(sparsevec) returns cstring. */
PG_FUNCTION_INFO_V1(sparsevec_out);
Datum
sparsevec_out(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	const float *values = vdb_sparse_values(vector);
	/* An index with its colon, an element with a comma; the rest. */
	Size room = (Size) vector->nnz * (12 + FLOAT_SHORTEST_DECIMAL_LEN) + 15;
	char *str = palloc(room);
	char *at = str;

	*at++ = '{';
	for (int i = 0; i < vector->nnz; i++)
	{
		if (i > 0)
			*at++ = ',';
		at += sprintf(at, "%d:", vector->index[i] + 1);
		at += float_to_shortest_decimal_bufn(values[i], at);
	}
	sprintf(at, "}/%d", vector->dim);
	PG_RETURN_CSTRING(str);
}

/* sparsevec_typmod_in(cstring[]) returns integer: the n of sparsevec(n). */
PG_FUNCTION_INFO_V1(sparsevec_typmod_in);
Datum
sparsevec_typmod_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(
		vdb_dense_typmod_in(&vdb_sparsevec_type, PG_GETARG_ARRAYTYPE_P(0)));
}

/* Binary ----------------------------------------------------------------- */

/* A vector without elements yet, all of its header checked. */
static SparseVec *
receive_header(StringInfo buf, int32 typmod)
{
	int dim = (int) pq_getmsgint(buf, sizeof(int32));
	int nnz = (int) pq_getmsgint(buf, sizeof(int32));
	int unused = (int) pq_getmsgint(buf, sizeof(int32));

	(void) vdb_dense_check_dim(&vdb_sparsevec_type, dim, NULL);
	if (nnz < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec cannot have negative number of elements")));
	(void) vdb_sparse_check_nnz(nnz, NULL);
	if (nnz > dim)
		ereport(
			ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("sparsevec cannot have more elements than dimensions")));
	(void) vdb_dense_check_typmod(typmod, dim, NULL);
	if (unused != 0)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("expected unused to be 0, not %d", unused)));
	return vdb_sparse_new(dim, nnz);
}

/* sparsevec_recv(internal, oid, integer) returns sparsevec: the binary form. */
PG_FUNCTION_INFO_V1(sparsevec_recv);
Datum
sparsevec_recv(PG_FUNCTION_ARGS)
{
	StringInfo buf = (StringInfo) PG_GETARG_POINTER(0);
	SparseVec *result = receive_header(buf, PG_GETARG_INT32(2));
	float *values = vdb_sparse_values(result);
	int32 previous = -1;

	for (int i = 0; i < result->nnz; i++)
	{
		result->index[i] = (int32) pq_getmsgint(buf, sizeof(int32));
		(void) check_index(result->index[i], previous, result->dim, NULL);
		previous = result->index[i];
	}
	for (int i = 0; i < result->nnz; i++)
	{
		values[i] = pq_getmsgfloat4(buf);
		(void) vdb_dense_check_element(&vdb_sparsevec_type, values[i], NULL);
		if (values[i] == 0.0f)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("binary representation of sparsevec cannot contain "
							"zero values")));
	}
	PG_RETURN_POINTER(result);
}

/* sparsevec_send(sparsevec) returns bytea. */
PG_FUNCTION_INFO_V1(sparsevec_send);
Datum
sparsevec_send(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	const float *values = vdb_sparse_values(vector);
	StringInfoData buf;

	pq_begintypsend(&buf);
	enlargeStringInfo(&buf, SPARSEVEC_SIZE(vector->nnz));
	pq_sendint32(&buf, vector->dim);
	pq_sendint32(&buf, vector->nnz);
	pq_sendint32(&buf, 0);
	for (int i = 0; i < vector->nnz; i++)
		pq_sendint32(&buf, vector->index[i]);
	for (int i = 0; i < vector->nnz; i++)
		pq_sendfloat4(&buf, values[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
