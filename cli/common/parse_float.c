/*
 * parse_float.c
 *	  Decimal text to float, rounded correctly, fast for the numbers that
 *	  files of vectors consist of.
 *
 * A mantissa below 2^24 and a power of ten up to 10^10 are both exact in a
 * float, so that one division or multiplication rounds once and the result
 * is what strtof() gives.  The rest, rare in practice, goes to strtof().
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/parse_float.h"

#define EXACT_MANTISSA (1u << 24)
#define EXACT_POWER 10
#define LONGEST_NUMBER 1024

static const float powers[EXACT_POWER + 1] = {
	1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f};

/* Plain digits with at most one dot; false leaves it to the slow way. */
static bool
parse_simple(const char *s, const char *end, float *value)
{
	bool negative = *s == '-';
	bool dot = false;
	uint32_t mantissa = 0;
	int digits = 0;
	int decimals = 0;

	for (s += negative; s < end; s++)
	{
		if (*s == '.' && !dot)
		{
			dot = true;
			continue;
		}
		if (*s < '0' || *s > '9' || mantissa >= EXACT_MANTISSA / 10)
			return false;
		mantissa = mantissa * 10 + (uint32_t) (*s - '0');
		digits++;
		decimals += dot;
	}
	if (digits == 0 || decimals > EXACT_POWER)
		return false;
	*value = (float) mantissa / powers[decimals];
	if (negative)
		*value = -*value;
	return true;
}

static bool
names_no_number(const char *text)
{
	text += *text == '-' || *text == '+';
	return strcasecmp(text, "nan") == 0 || strcasecmp(text, "inf") == 0 ||
		   strcasecmp(text, "infinity") == 0;
}

static enum parse_result
parse_slowly(const char *text, size_t len, float *value)
{
	char copy[LONGEST_NUMBER];
	char *end;

	/* strtof() would also take hexadecimal, which no such file means. */
	if (len == 0 || len >= sizeof(copy) || memchr(text, 'x', len) != NULL ||
		memchr(text, 'X', len) != NULL)
		return PARSE_NOT_NUMBER;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (names_no_number(copy))
		return PARSE_NOT_FINITE;
	if (strchr("+-.0123456789", copy[0]) == NULL)
		return PARSE_NOT_NUMBER;
	errno = 0;
	*value = strtof(copy, &end);
	if (end != copy + len)
		return PARSE_NOT_NUMBER;
	if (errno == ERANGE && fabsf(*value) > 1)
		return PARSE_OUT_OF_RANGE;
	return PARSE_OK;
}

enum parse_result
parse_float(const char *text, size_t len, float *value)
{
	if (FLT_EVAL_METHOD == 0 && len > 0 &&
		parse_simple(text, text + len, value))
		return PARSE_OK;
	return parse_slowly(text, len, value);
}

const char *
parse_expected(enum parse_result result)
{
	static const char *const expected[] = {
		[PARSE_NOT_NUMBER] = "a number",
		[PARSE_NOT_FINITE] = "a finite number",
		[PARSE_OUT_OF_RANGE] = "a number within the range of float4"};

	return expected[result];
}
