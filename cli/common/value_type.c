/*
 * value_type.c
 *	  See value_type.h.  A type takes a text only where nothing of it is lost:
 *	  007 is no number, nor is +5.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/value_type.h"

#define LONGEST_NUMBER 400

/* The values of JSON that are not quoted have the types of their kind. */
static bool
may_be(enum field_kind kind, enum field_kind own)
{
	return kind == FIELD_TEXT || kind == own;
}

static bool
fits_bool(enum field_kind kind, const char *text, size_t len)
{
	return may_be(kind, FIELD_BOOL) &&
		   ((len == 4 && strncasecmp(text, "true", 4) == 0) ||
			(len == 5 && strncasecmp(text, "false", 5) == 0));
}

/* Digits without zeros before them, after a sign; their number. */
static size_t
whole_digits(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 1 && text[0] == '0' ? 0 : n;
}

static bool
fits_int8(enum field_kind kind, const char *text, size_t len)
{
	size_t sign = text[0] == '-';
	size_t n;

	if (!may_be(kind, FIELD_NUMBER))
		return false;
	n = whole_digits(text + sign);
	if (n == 0 || n > 19 || sign + n != len)
		return false;
	errno = 0;
	(void) strtoll(text, NULL, 10);
	return errno == 0;
}

/* What follows a sign, digits and decimals; NULL without a digit. */
static const char *
after_decimals(const char *text)
{
	const char *at = text + (text[0] == '-');
	size_t n = whole_digits(at);

	if (n == 0 && *at != '.')
		return NULL;
	at += n;
	if (*at == '.')
	{
		size_t decimals = strspn(at + 1, "0123456789");

		if (n + decimals == 0)
			return NULL;
		at += decimals + 1;
	}
	return at;
}

/* Whole numbers may be keys, all of whose digits count. */
static bool
keeps_digits(const char *text, double value)
{
	char digits[LONGEST_NUMBER + 2];

	if (text[strspn(text, "-0123456789")] != '\0')
		return true;
	snprintf(digits, sizeof(digits), "%.0f", value);
	return strcmp(digits, text) == 0;
}

static bool
fits_float8(enum field_kind kind, const char *text, size_t len)
{
	const char *at = after_decimals(text);
	double value;

	if (!may_be(kind, FIELD_NUMBER) || at == NULL)
		return false;
	if (*at == 'e' || *at == 'E')
	{
		size_t n;

		at++;
		at += *at == '-' || *at == '+';
		n = strspn(at, "0123456789");
		if (n == 0)
			return false;
		at += n;
	}
	if (at != text + len || len > LONGEST_NUMBER)
		return false;
	errno = 0;
	value = strtod(text, NULL);
	/* What is too small for a double is refused by the server as well. */
	return isfinite(value) && (errno == 0 || value != 0) &&
		   keeps_digits(text, value);
}

static bool
fits_numeric(enum field_kind kind, const char *text, size_t len)
{
	return may_be(kind, FIELD_NUMBER) && len <= LONGEST_NUMBER &&
		   after_decimals(text) == text + len;
}

/* A number of exactly so many digits, -1 without one. */
static int
digits(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
	{
		if (!isdigit((unsigned char) text[i]))
			return -1;
		value = value * 10 + text[i] - '0';
	}
	return value;
}

/* YYYY-MM-DD at the start of a text. */
static bool
begins_with_date(const char *text, size_t len)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (len < 10 || text[4] != '-' || text[7] != '-')
		return false;
	year = digits(text, 4);
	month = digits(text + 5, 2);
	day = digits(text + 8, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day < 29 ||
		   (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static bool
fits_date(enum field_kind kind, const char *text, size_t len)
{
	return may_be(kind, FIELD_STRING) && len == 10 &&
		   begins_with_date(text, len);
}

static bool
in_range(int value, int highest)
{
	return value >= 0 && value <= highest;
}

/* Nothing, Z, +HH, +HHMM or +HH:MM */
static bool
is_zone(const char *text)
{
	if (*text == '\0' || strcmp(text, "Z") == 0)
		return true;
	if (*text != '+' && *text != '-')
		return false;
	/* The server knows no zone that is farther away. */
	if (!in_range(digits(text + 1, 2), 15))
		return false;
	text += 3;
	if (*text == '\0')
		return true;
	text += *text == ':';
	return in_range(digits(text, 2), 59) && text[2] == '\0';
}

/* ISO 8601 with a T or a blank; seconds and the zone may be left out. */
static bool
fits_timestamptz(enum field_kind kind, const char *text, size_t len)
{
	if (!may_be(kind, FIELD_STRING) || !begins_with_date(text, len))
		return false;
	text += 10;
	if (len == 10)
		return true;
	if (len < 16 || (*text != 'T' && *text != ' ') || text[3] != ':' ||
		!in_range(digits(text + 1, 2), 23) ||
		!in_range(digits(text + 4, 2), 59))
		return false;
	text += 6;
	if (*text == ':')
	{
		if (!in_range(digits(text + 1, 2), 59))
			return false;
		text += 3;
		if (*text == '.' && isdigit((unsigned char) text[1]))
			text += 1 + strspn(text + 1, "0123456789");
	}
	return is_zone(text);
}

static bool
fits_text(enum field_kind kind, const char *text, size_t len)
{
	(void) text, (void) len;
	return may_be(kind, FIELD_STRING);
}

/* Only of JSON: a text that looks like it may be anything. */
static bool
fits_jsonb(enum field_kind kind, const char *text, size_t len)
{
	(void) text, (void) len;
	return kind != FIELD_TEXT;
}

const struct value_type value_types[VALUE_TYPES] = {
	{"bool", fits_bool},	 {"int8", fits_int8},
	{"float8", fits_float8}, {"numeric", fits_numeric},
	{"date", fits_date},	 {"timestamptz", fits_timestamptz},
	{"text", fits_text},	 {"jsonb", fits_jsonb},
};

unsigned
value_types_of(const struct record *record, const struct field *field)
{
	const char *text = record->bytes + field->text;
	unsigned fits = 0;

	if (field->kind == FIELD_NULL)
		return ~0u;
	for (int i = 0; i < VALUE_TYPES; i++)
		if (value_types[i].fits(field->kind, text, field->text_len))
			fits |= 1u << i;
	return fits;
}
