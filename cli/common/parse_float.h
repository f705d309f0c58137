/*
 * parse_float.h
 *	  Numbers of vectors as text.
 */
#ifndef VECDB_PARSE_FLOAT_H
#define VECDB_PARSE_FLOAT_H

#include <stddef.h>

enum parse_result
{
	PARSE_OK,
	PARSE_NOT_NUMBER,
	PARSE_NOT_FINITE,
	PARSE_OUT_OF_RANGE
};

enum parse_result parse_float(const char *text, size_t len, float *value);

/* What was expected where the result is not PARSE_OK, for a message. */
const char *parse_expected(enum parse_result result);

#endif /* VECDB_PARSE_FLOAT_H */
