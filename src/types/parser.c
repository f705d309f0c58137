/*
 * parser.c: see parser.h.
 *
 * Numbers are what strtof and strtol take (the server runs with LC_NUMERIC = C,
 * so the point is a point).
 */
#include "postgres.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "compat.h"
#include "types/parser.h"

int
vdb_parse_failed(VdbParser *parser, const char *what)
{
	vdb_ereturn(parser->escontext, -1,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						parser->type->name, parser->str),
				 errdetail("Expected %s at character %d.", what,
						   (int) (parser->at - parser->str) + 1)));
}

/* Independent of the locale, unlike isspace(). */
void
vdb_parse_space(VdbParser *parser)
{
	while (*parser->at != '\0' && strchr(" \t\n\r\v\f", *parser->at) != NULL)
		parser->at++;
}

bool
vdb_parse_char(VdbParser *parser, char c)
{
	vdb_parse_space(parser);
	if (*parser->at != c)
		return false;
	parser->at++;
	return true;
}

static bool
report_out_of_range(VdbParser *parser, const char *from)
{
	vdb_ereturn(
		parser->escontext, false,
		(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
		 errmsg("\"%s\" is out of range for type %s",
				pnstrdup(from, parser->at - from), parser->type->name)));
}

void
vdb_parse_out_of_range(VdbParser *parser, const char *from)
{
	(void) report_out_of_range(parser, from);
}

bool
vdb_parse_float(VdbParser *parser, float *value, bool *vanished)
{
	const char *from;
	char *end;

	vdb_parse_space(parser);
	from = parser->at;
	errno = 0;
	*value = strtof(from, &end);
	*vanished = errno == ERANGE && *value == 0;
	if (end == from)
	{
		(void) vdb_parse_failed(parser, "a number");
		return false;
	}
	if (isfinite(*value) ? fabsf(*value) >= parser->type->overflow
						 : errno == ERANGE)
	{
		parser->at = end;
		return report_out_of_range(parser, from);
	}
	if (!vdb_dense_check_element(parser->type, *value, parser->escontext))
		return false;
	parser->at = end;
	return true;
}

bool
vdb_parse_int(VdbParser *parser, int *value)
{
	char *end;
	long number;

	vdb_parse_space(parser);
	number = strtol(parser->at, &end, 10);
	if (end == parser->at)
	{
		(void) vdb_parse_failed(parser, "a whole number");
		return false;
	}
	*value = (int) Max(Min(number, PG_INT32_MAX), PG_INT32_MIN);
	parser->at = end;
	return true;
}

int
vdb_parse_capacity(const char *str, int limit)
{
	int capacity = 1;

	for (; *str != '\0' && capacity < limit; str++)
		capacity += (*str == ',');
	return capacity;
}
