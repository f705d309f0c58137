/*
 * json_scan.h
 *	  The values of one line of JSON (RFC 8259).
 *
 * Each function takes what comes next from the line, or says what was expected,
 * and where, as an error of the reader, and returns false.  The server has no
 * text with a zero byte, so \u0000 is refused.
 */
#ifndef VECDB_JSON_SCAN_H
#define VECDB_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/record.h"

#define JSON_BLANKS " \t\r"

/*
 * The line lies at the start of the record's bytes, with a zero byte after;
 * they have room for what is appended, since they do not move.
 */
struct json
{
	struct reader *r;
	struct record *record;
	const char *at;
	int depth;
};

/* Says that something else stands at this place; false. */
bool json_expected(struct json *j, const char *what);

void json_skip_blanks(struct json *j);

/* The character, with blanks around it; "what" is its name in the error. */
bool json_take(struct json *j, char c, const char *what);

/* Append a byte to the record's. */
void json_put(struct json *j, uint32_t byte);

/* At the quote of a string, whose text goes behind the record's bytes so far.
 */
bool json_take_string(struct json *j, size_t *text, size_t *len);

/* Any value, nested ones up to 100 levels; text and len are those of a string.
 */
bool json_take_value(struct json *j, enum field_kind *kind, size_t *text,
					 size_t *len);

#endif /* VECDB_JSON_SCAN_H */
