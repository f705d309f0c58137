/*
 * records_json.c
 *	  Records of JSON lines: an object (RFC 8259) on each line.
 *
 * A string becomes its text; numbers and nested values stay as they are
 * written.  The server has no text with a zero byte, so \u0000 is refused.
 */
#include <errno.h>
#include <string.h>

#include "common/file_format.h"
#include "common/record.h"
#include "common/utf8.h"

#define DEEPEST 100
#define BLANKS " \t\r"

/* The line lies at the start of the record's bytes, with a zero byte after. */
struct json
{
	struct reader *r;
	struct record *record;
	const char *at;
	int depth;
};

static bool
expected(struct json *j, const char *what)
{
	size_t place = (size_t) (j->at - j->record->bytes) + 1;

	if (*j->at == '\0')
		return reader_error_at(j->r, "expected %s, found the end of the line",
							   what) == 0;
	return reader_error_at(j->r, "expected %s at byte %zu, found \"%.*s\"",
						   what, place, (unsigned char) *j->at < 0x80 ? 1 : 4,
						   j->at) == 0;
}

static void
skip_blanks(struct json *j)
{
	j->at += strspn(j->at, BLANKS);
}

static bool
take(struct json *j, char c, const char *what)
{
	skip_blanks(j);
	if (*j->at != c)
		return expected(j, what);
	j->at++;
	skip_blanks(j);
	return true;
}

static bool
hex4(const char *text, uint32_t *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++)
	{
		char c = text[i];
		uint32_t digit = c >= '0' && c <= '9'	? (uint32_t) (c - '0')
						 : c >= 'a' && c <= 'f' ? (uint32_t) (c - 'a' + 10)
						 : c >= 'A' && c <= 'F' ? (uint32_t) (c - 'A' + 10)
												: 16;

		if (digit == 16)
			return false;
		*code = *code << 4 | digit;
	}
	return true;
}

static void
put(struct json *j, uint32_t byte)
{
	j->record->bytes[j->record->used++] = (char) byte;
}

static void
put_code(struct json *j, uint32_t c)
{
	if (c < 0x80)
	{
		put(j, c);
		return;
	}
	if (c < 0x800)
		put(j, 0xc0 | c >> 6);
	else
	{
		if (c < 0x10000)
			put(j, 0xe0 | c >> 12);
		else
		{
			put(j, 0xf0 | c >> 18);
			put(j, 0x80 | (c >> 12 & 0x3f));
		}
		put(j, 0x80 | (c >> 6 & 0x3f));
	}
	put(j, 0x80 | (c & 0x3f));
}

/* At the u of \uXXXX, which may be the first half of a pair. */
static bool
take_unicode(struct json *j)
{
	uint32_t code;
	uint32_t low;

	if (!hex4(j->at + 1, &code))
		return expected(j, "four hexadecimal digits after \\u");
	if (code == 0)
		return reader_error_at(j->r, "expected text, found the zero byte "
									 "\\u0000") == 0;
	if (code >= 0xd800 && code < 0xdc00 && j->at[5] == '\\' &&
		j->at[6] == 'u' && hex4(j->at + 7, &low) && low >= 0xdc00 &&
		low < 0xe000)
	{
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		j->at += 6;
	}
	if (code >= 0xd800 && code < 0xe000)
		return expected(j, "both halves of a surrogate pair");
	j->at += 5;
	put_code(j, code);
	return true;
}

static bool
take_escape(struct json *j)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (*j->at == 'u')
		return take_unicode(j);
	found = *j->at == '\0' ? NULL : strchr(letters, *j->at);
	if (found == NULL)
		return expected(j, "an escape of JSON after the backslash");
	put(j, (unsigned char) bytes[found - letters]);
	j->at++;
	return true;
}

/* A string, whose text goes behind the bytes so far. */
static bool
take_string(struct json *j, size_t *text, size_t *len)
{
	*text = j->record->used;
	j->at++;
	while (*j->at != '"')
	{
		unsigned char c = (unsigned char) *j->at;

		if (c < 0x20)
			return expected(j, "the end of a string");
		j->at++;
		if (c != '\\')
			put(j, c);
		else if (!take_escape(j))
			return false;
	}
	j->at++;
	*len = j->record->used - *text;
	put(j, 0);
	return true;
}

static bool
take_digits(struct json *j)
{
	size_t n = strspn(j->at, "0123456789");

	if (n == 0)
		return expected(j, "a digit");
	j->at += n;
	return true;
}

static bool
take_number(struct json *j)
{
	j->at += *j->at == '-';
	if (*j->at == '0' && j->at[1] >= '0' && j->at[1] <= '9')
		return expected(j, "a number without zeros before it");
	if (!take_digits(j))
		return false;
	if (*j->at == '.')
	{
		j->at++;
		if (!take_digits(j))
			return false;
	}
	if (*j->at == 'e' || *j->at == 'E')
	{
		j->at++;
		j->at += *j->at == '-' || *j->at == '+';
		return take_digits(j);
	}
	return true;
}

static bool
take_word(struct json *j, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(j->at, word, len) != 0)
		return expected(j, "a value of JSON");
	j->at += len;
	return true;
}

static bool take_value(struct json *j, enum field_kind *kind, size_t *text,
					   size_t *len);

/* An array or an object, of which only the form is checked. */
static bool
take_nested(struct json *j, bool object)
{
	char end = object ? '}' : ']';
	size_t used = j->record->used;
	enum field_kind kind;
	size_t text;
	size_t len;

	if (++j->depth > DEEPEST)
		return reader_error_at(j->r, "expected at most %d levels of nesting",
							   DEEPEST) == 0;
	j->at++;
	skip_blanks(j);
	while (*j->at != end)
	{
		if (object && *j->at != '"')
			return expected(j, "a key in quotes or \"}\"");
		if (object && (!take_string(j, &text, &len) ||
					   !take(j, ':', "\":\" after the key")))
			return false;
		if (!take_value(j, &kind, &text, &len))
			return false;
		j->record->used = used;
		skip_blanks(j);
		if (*j->at == end)
			break;
		if (!take(j, ',', object ? "\",\" or \"}\"" : "\",\" or \"]\""))
			return false;
		if (*j->at == end)
			return expected(j, "a value of JSON after the comma");
	}
	j->at++;
	j->depth--;
	return true;
}

/* text and len are those of a string. */
static bool
take_value(struct json *j, enum field_kind *kind, size_t *text, size_t *len)
{
	switch (*j->at)
	{
		case '"':
			*kind = FIELD_STRING;
			return take_string(j, text, len);
		case '{':
		case '[':
			*kind = FIELD_NESTED;
			return take_nested(j, *j->at == '{');
		case 't':
			*kind = FIELD_BOOL;
			return take_word(j, "true");
		case 'f':
			*kind = FIELD_BOOL;
			return take_word(j, "false");
		case 'n':
			*kind = FIELD_NULL;
			return take_word(j, "null");
		default:
			*kind = FIELD_NUMBER;
			if (*j->at != '-' && (*j->at < '0' || *j->at > '9'))
				return expected(j, "a value of JSON");
			return take_number(j);
	}
}

/* A field's value, as JSON and, where that differs, as text. */
static bool
take_field_value(struct json *j, struct field *field)
{
	const char *start = j->at;

	if (!take_value(j, &field->kind, &field->text, &field->text_len))
		return false;
	field->raw = j->record->used;
	field->raw_len = (size_t) (j->at - start);
	memcpy(j->record->bytes + field->raw, start, field->raw_len);
	j->record->used += field->raw_len;
	put(j, 0);
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
	if (!take(j, '{', "an object"))
		return false;
	while (*j->at != '}')
	{
		struct field *field;

		if (*j->at != '"')
			return expected(j, "a key in quotes or \"}\"");
		field = record_field(j->r, j->record);
		if (field == NULL || !take_string(j, &field->name, &field->name_len) ||
			!take(j, ':', "\":\" after the key") || !take_field_value(j, field))
			return false;
		skip_blanks(j);
		if (*j->at == '}')
			break;
		if (!take(j, ',', "\",\" or \"}\""))
			return false;
		if (*j->at == '}')
			return expected(j, "a key after the comma");
	}
	j->at++;
	skip_blanks(j);
	return *j->at == '\0' || expected(j, "the end of the line");
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
	} while (strspn(record->bytes, BLANKS) == record->used);
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
