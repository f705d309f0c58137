/*
 * json_scan.c
 *	  See json_scan.h.
 */
#include <string.h>

#include "common/file_format.h"
#include "common/json_scan.h"

#define DEEPEST 100
bool
json_expected(struct json *j, const char *what)
{
	size_t place = (size_t) (j->at - j->record->bytes) + 1;

	if (*j->at == '\0')
		return reader_error_at(j->r, "expected %s, found the end of the line",
							   what) == 0;
	return reader_error_at(j->r, "expected %s at byte %zu, found \"%.*s\"",
						   what, place, (unsigned char) *j->at < 0x80 ? 1 : 4,
						   j->at) == 0;
}

void
json_skip_blanks(struct json *j)
{
	j->at += strspn(j->at, JSON_BLANKS);
}

bool
json_take(struct json *j, char c, const char *what)
{
	json_skip_blanks(j);
	if (*j->at != c)
		return json_expected(j, what);
	j->at++;
	json_skip_blanks(j);
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

void
json_put(struct json *j, uint32_t byte)
{
	j->record->bytes[j->record->used++] = (char) byte;
}

static void
put_code(struct json *j, uint32_t c)
{
	if (c < 0x80)
	{
		json_put(j, c);
		return;
	}
	if (c < 0x800)
		json_put(j, 0xc0 | c >> 6);
	else
	{
		if (c < 0x10000)
			json_put(j, 0xe0 | c >> 12);
		else
		{
			json_put(j, 0xf0 | c >> 18);
			json_put(j, 0x80 | (c >> 12 & 0x3f));
		}
		json_put(j, 0x80 | (c >> 6 & 0x3f));
	}
	json_put(j, 0x80 | (c & 0x3f));
}

/* At the u of \uXXXX, which may be the first half of a pair. */
static bool
take_unicode(struct json *j)
{
	uint32_t code;
	uint32_t low;

	if (!hex4(j->at + 1, &code))
		return json_expected(j, "four hexadecimal digits after \\u");
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
		return json_expected(j, "both halves of a surrogate pair");
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
		return json_expected(j, "an escape of JSON after the backslash");
	json_put(j, (unsigned char) bytes[found - letters]);
	j->at++;
	return true;
}

bool
json_take_string(struct json *j, size_t *text, size_t *len)
{
	*text = j->record->used;
	j->at++;
	while (*j->at != '"')
	{
		unsigned char c = (unsigned char) *j->at;

		if (c < 0x20)
			return json_expected(j, "the end of a string");
		j->at++;
		if (c != '\\')
			json_put(j, c);
		else if (!take_escape(j))
			return false;
	}
	j->at++;
	*len = j->record->used - *text;
	json_put(j, 0);
	return true;
}

static bool
take_digits(struct json *j)
{
	size_t n = strspn(j->at, "0123456789");

	if (n == 0)
		return json_expected(j, "a digit");
	j->at += n;
	return true;
}

static bool
take_number(struct json *j)
{
	j->at += *j->at == '-';
	if (*j->at == '0' && j->at[1] >= '0' && j->at[1] <= '9')
		return json_expected(j, "a number without zeros before it");
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
		return json_expected(j, "a value of JSON");
	j->at += len;
	return true;
}

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
	json_skip_blanks(j);
	while (*j->at != end)
	{
		if (object && *j->at != '"')
			return json_expected(j, "a key in quotes or \"}\"");
		if (object && (!json_take_string(j, &text, &len) ||
					   !json_take(j, ':', "\":\" after the key")))
			return false;
		if (!json_take_value(j, &kind, &text, &len))
			return false;
		j->record->used = used;
		json_skip_blanks(j);
		if (*j->at == end)
			break;
		if (!json_take(j, ',', object ? "\",\" or \"}\"" : "\",\" or \"]\""))
			return false;
		if (*j->at == end)
			return json_expected(j, "a value of JSON after the comma");
	}
	j->at++;
	j->depth--;
	return true;
}

bool
json_take_value(struct json *j, enum field_kind *kind, size_t *text,
				size_t *len)
{
	switch (*j->at)
	{
		case '"':
			*kind = FIELD_STRING;
			return json_take_string(j, text, len);
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
				return json_expected(j, "a value of JSON");
			return take_number(j);
	}
}
