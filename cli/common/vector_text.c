/*
 * vector_text.c
 *	  See vector_text.h.
 */
#include <string.h>

#include "common/parse_float.h"
#include "common/vector_text.h"

#define BLANKS " \t\r\n"
#define SHOWN_BYTES 40

static int
shown(size_t len)
{
	return len > SHOWN_BYTES ? SHOWN_BYTES : (int) len;
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, BLANKS);
}

int
vector_text_parse(struct reader *r, const char *text, float *values)
{
	const char *at = skip_blanks(text);
	char close = *at == '[' ? ']' : '}';
	int count = 0;

	if (*at != '[' && *at != '{')
		return reader_error_at(r,
							   "expected a vector such as [1,2,3], found "
							   "\"%.*s\"",
							   shown(strlen(text)), text);
	at = skip_blanks(at + 1);
	if (*at == close)
		return reader_error_at(r,
							   "expected a vector of 1 to %d dimensions, found "
							   "an empty one",
							   MAX_DIMENSIONS);
	for (;;)
	{
		size_t len = strcspn(at, ",]}" BLANKS);
		enum parse_result got;

		if (count == MAX_DIMENSIONS)
			return reader_error_at(r, "expected 1 to %d dimensions, found more",
								   MAX_DIMENSIONS);
		got = parse_float(at, len, &values[count++]);
		if (got != PARSE_OK)
			return reader_error_at(
				r, "number %d of the vector: expected %s, found \"%.*s\"",
				count, parse_expected(got), shown(len), at);
		at = skip_blanks(at + len);
		if (*at != ',')
			break;
		at = skip_blanks(at + 1);
	}
	if (*at != close || *skip_blanks(at + 1) != '\0')
		return reader_error_at(r,
							   "expected \",\" or the \"%c\" that ends the "
							   "vector after number %d, found \"%.*s\"",
							   close, count, shown(strlen(at)), at);
	return count;
}
