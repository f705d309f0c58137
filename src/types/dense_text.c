/*
 * dense_text.c: the text form of a dense type, "[1,2.5,-3e-7]".
 *
 * Input takes white space around every element and bracket, and any number
 * that strtof takes (the server runs with LC_NUMERIC = C, so the point is a
 * point).  A number too small for the type is rounded, down to zero; one too
 * large is an error.  Output has no spaces and the fewest digits that read
 * back as the same float32.
 */
#include "postgres.h"

#include <errno.h>
#include <stdlib.h>

#include "common/shortest_dec.h"

#include "types/dense.h"

/* Where the scan stands, and all that a report of a mistake needs. */
typedef struct Parser
{
	const VdbDense *type;
	const char *str; /* the whole input */
	const char *at;	 /* next character to read */
	Node *escontext;
} Parser;

static bool parse_element(Parser *parser, float *value);

/*
 * An upper bound of the number of elements: one more than the commas, cut off
 * at the type's limit.  It is exact if the text is well-formed and its length
 * allowed, so that the caller can allocate the value and parse into it.
 */
int
vdb_dense_capacity(const VdbDense *type, const char *str)
{
	int capacity = 1;

	for (; *str != '\0' && capacity < type->max_dim; str++)
		capacity += (*str == ',');
	return capacity;
}

/* Independent of the locale, unlike isspace(). */
static void
skip_space(Parser *parser)
{
	while (*parser->at != '\0' && strchr(" \t\n\r\v\f", *parser->at) != NULL)
		parser->at++;
}

/* Report bad syntax and return -1; "what" is what the place should hold. */
static int
bad_syntax(Parser *parser, const char *what)
{
	vdb_ereturn(parser->escontext, -1,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						parser->type->name, parser->str),
				 errdetail("Expected %s at character %d.", what,
						   (int) (parser->at - parser->str) + 1)));
}

/* Elements up to the closing bracket; returns how many, or -1. */
static int
parse_list(Parser *parser, float *x, int capacity)
{
	int dim = 0;

	for (;;)
	{
		float value;

		if (!parse_element(parser, &value))
			return -1;
		if (dim == capacity)
		{
			(void) vdb_dense_check_dim(parser->type, dim + 1,
									   parser->escontext);
			return -1;
		}
		x[dim++] = value;

		skip_space(parser);
		if (*parser->at == ']')
			break;
		if (*parser->at != ',')
			return bad_syntax(parser, "\",\" or \"]\"");
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
	Parser parser = {type, str, str, escontext};
	int dim;

	skip_space(&parser);
	if (*parser.at != '[')
		return bad_syntax(&parser, "\"[\"");
	parser.at++;

	skip_space(&parser);
	if (*parser.at == ']')
	{
		(void) vdb_dense_check_dim(type, 0, escontext);
		return -1;
	}

	dim = parse_list(&parser, x, capacity);
	if (dim < 0)
		return -1;

	skip_space(&parser);
	if (*parser.at != '\0')
		return bad_syntax(&parser, "nothing more");
	return dim;
}

/* One number, with the white space before it. */
static bool
parse_element(Parser *parser, float *value)
{
	char *end;

	skip_space(parser);
	errno = 0;
	*value = strtof(parser->at, &end);
	if (end == parser->at)
	{
		(void) bad_syntax(parser, "a number");
		return false;
	}

	if (isfinite(*value) ? fabsf(*value) >= parser->type->overflow
						 : errno == ERANGE)
		vdb_ereturn(parser->escontext, false,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("\"%s\" is out of range for type %s",
							pnstrdup(parser->at, end - parser->at),
							parser->type->name)));
	if (!vdb_dense_check_element(parser->type, *value, parser->escontext))
		return false;
	parser->at = end;
	return true;
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
