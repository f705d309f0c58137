/*
 * records_json.c
 *	  Records of JSON lines: an object (RFC 8259) on each line.
 *
 * A string becomes its text; numbers and nested values stay as they are
 * written (json_scan.h).
 */
#include <errno.h>
#include <string.h>

#include "common/file_format.h"
#include "common/json_scan.h"
#include "common/record.h"
#include "common/utf8.h"

/* A field's value, as JSON and, where that differs, as text. */
static bool
take_field_value(struct json *j, struct field *field)
{
	const char *start = j->at;

	if (!json_take_value(j, &field->kind, &field->text, &field->text_len))
		return false;
	field->raw = j->record->used;
	field->raw_len = (size_t) (j->at - start);
	memcpy(j->record->bytes + field->raw, start, field->raw_len);
	j->record->used += field->raw_len;
	json_put(j, 0);
	if (field->kind != FIELD_STRING)
	{
		field->text = field->raw;
		field->text_len = field->raw_len;
	}
	return true;
}

static bool
take_fields(struct json *j)
{
	if (!json_take(j, '{', "an object"))
		return false;
	while (*j->at != '}')
	{
		struct field *field;

		if (*j->at != '"')
			return json_expected(j, "a key in quotes or \"}\"");
		field = record_field(j->r, j->record);
		if (field == NULL ||
			!json_take_string(j, &field->name, &field->name_len) ||
			!json_take(j, ':', "\":\" after the key") ||
			!take_field_value(j, field))
			return false;
		json_skip_blanks(j);
		if (*j->at == '}')
			break;
		if (!json_take(j, ',', "\",\" or \"}\""))
			return false;
		if (*j->at == '}')
			return json_expected(j, "a key after the comma");
	}
	j->at++;
	json_skip_blanks(j);
	return *j->at == '\0' || json_expected(j, "the end of the line");
}

/* A line without its end: 1, 0 at the end of the file, -1. */
static int
read_line(struct reader *r, struct record *record)
{
	int c;

	record_clear(record);
	while ((c = getc_unlocked(r->file)) != EOF)
	{
		r->offset++;
		if (c == '\n')
			break;
		if (record->used >= LONGEST_RECORD)
			return reader_error_at(r,
								   "expected a line of at most %d bytes, "
								   "found a longer one",
								   LONGEST_RECORD);
		if (!record_add(r, record, (char) c))
			return -1;
	}
	if (ferror(r->file))
		return reader_error(r, "%s: could not read: %s", r->path,
							strerror(errno));
	return c != EOF || record->used > 0;
}

/* The next line that is not empty. */
static int
next_line(struct reader *r, struct record *record)
{
	size_t valid;
	int got;

	do
	{
		r->number = ++r->line;
		got = read_line(r, record);
		if (got <= 0)
			return got;
		if (!record_add(r, record, '\0'))
			return -1;
		record->used--;
	} while (strspn(record->bytes, JSON_BLANKS) == record->used);
	valid = utf8_valid_prefix(record->bytes, record->used);
	if (valid == record->used)
		return 1;
	return reader_error_at(r, "expected UTF-8, found byte 0x%02x at byte %zu",
						   (unsigned char) record->bytes[valid], valid + 1);
}

static int
next_json(struct reader *r, struct record *record)
{
	struct json j = {.r = r, .record = record};
	int got = next_line(r, record);

	if (got <= 0)
		return got;
	record->line = r->line;
	record->used++; /* its zero byte */

	/*
	 * No text is longer than it is as JSON, and each field has two copies and
	 * three zero bytes: the bytes do not move while they are read.
	 */
	if (!record_reserve(r, record, 5 * record->used + 16))
		return -1;
	j.at = record->bytes;
	if (r->line == 1 && strncmp(j.at, "\xef\xbb\xbf", 3) == 0)
		j.at += 3;
	return take_fields(&j) ? 1 : -1;
}

const struct record_format json_records = {.named = true, .next = next_json};
