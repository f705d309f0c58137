/*
 * dense_text.c: the text form of a dense type, "[1,2.5,-3e-7]".
 *
 * Input takes white space around every element and bracket, and any number
 * that strtof takes.  A number too small for the type is rounded, down to zero;
 * one too large is an error.  Output has no spaces and the fewest digits that
 * read back as the same float32.
 */
#include "postgres.h"

#include "common/shortest_dec.h"

#include "compat.h"
#include "types/parser.h"

/*
 * An upper bound of the number of elements: one more than the commas, cut off
 * at the type's limit.  It is exact if the text is well-formed and its length
 * allowed, so that the caller can allocate the value and parse into it.
 */
int
vdb_dense_capacity(const VdbDense *type, const char *str)
{
	return vdb_parse_capacity(str, type->max_dim);
}

/* Elements up to the closing bracket; returns how many, or -1. */
static int
parse_list(VdbParser *parser, float *x, int capacity)
{
	int dim = 0;

	for (;;)
	{
		float value;
		bool vanished;

		if (!vdb_parse_float(parser, &value, &vanished))
			return -1;
		if (dim == capacity)
		{
			(void) vdb_dense_check_dim(parser->type, dim + 1,
									   parser->escontext);
			return -1;
		}
		x[dim++] = value;

		vdb_parse_space(parser);
		if (*parser->at == ']')
			break;
		if (*parser->at != ',')
			return vdb_parse_failed(parser, "\",\" or \"]\"");
		parser->at++;
	}
	parser->at++;
	return dim;
}

/* Parse into x, of vdb_dense_capacity() elements; the dimension, or -1. */
int
vdb_dense_parse(const VdbDense *type, const char *str, float *x, int capacity,
				Node *escontext)
{
	VdbParser parser = {type, str, str, escontext};
	int dim;

	vdb_parse_space(&parser);
	if (*parser.at != '[')
		return vdb_parse_failed(&parser, "\"[\"");
	parser.at++;

	vdb_parse_space(&parser);
	if (*parser.at == ']')
	{
		(void) vdb_dense_check_dim(type, 0, escontext);
		return -1;
	}

	dim = parse_list(&parser, x, capacity);
	if (dim < 0)
		return -1;

	vdb_parse_space(&parser);
	if (*parser.at != '\0')
		return vdb_parse_failed(&parser, "nothing more");
	return dim;
}

/* The text of a value, allocated. */
char *
vdb_dense_print(const float *x, int dim)
{
	/* The length given counts a terminator, which the comma takes. */
	char *str = palloc((Size) dim * FLOAT_SHORTEST_DECIMAL_LEN + 3);
	char *at = str;
	int i;

	*at++ = '[';
	for (i = 0; i < dim; i++)
	{
		if (i > 0)
			*at++ = ',';
		at += float_to_shortest_decimal_bufn(x[i], at);
	}
	*at++ = ']';
	*at = '\0';
	return str;
}
