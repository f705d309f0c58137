/*
 * records_csv.c
 *	  Records of CSV (RFC 4180), with a comma or a tab between fields: a field
 *	  in double quotes may hold delimiters, line ends and, doubled, quotes.
 *
 * As in COPY, an empty field is null and an empty one in quotes is the empty
 * text.  Lines end in LF or CR LF; empty lines are passed over.
 */
#include <errno.h>
#include <string.h>

#include "common/file_format.h"
#include "common/record.h"
#include "common/utf8.h"

static int
next_byte(struct reader *r)
{
	int c = getc_unlocked(r->file);

	if (c != EOF)
		r->offset++;
	return c;
}

static void
put_back(struct reader *r, int c)
{
	if (c == EOF)
		return;
	ungetc(c, r->file);
	r->offset--;
}

/* CR LF counts as LF. */
static int
next_character(struct reader *r)
{
	int c = next_byte(r);

	if (c != '\r')
		return c;
	c = next_byte(r);
	if (c == '\n')
		return c;
	put_back(r, c);
	return '\r';
}

static bool
add_byte(struct reader *r, struct record *record, int c)
{
	if (record->used >= LONGEST_RECORD)
		return reader_error_at(r,
							   "expected a record of at most %d bytes, found "
							   "more; is a quote not closed?",
							   LONGEST_RECORD) == 0;
	return record_add(r, record, (char) c);
}

/* After the opening quote; *end is what follows the closing one. */
static bool
read_quoted(struct reader *r, struct record *record, int *end)
{
	unsigned long long opened = r->line;

	for (;;)
	{
		/* What is quoted keeps its line ends. */
		int c = next_byte(r);

		if (c == EOF)
			return reader_error_at(r,
								   "expected a closing quote for the one of "
								   "line %llu, found the end of the file",
								   opened) == 0;
		if (c == '"' && (c = next_character(r)) != '"')
		{
			*end = c;
			return true;
		}
		if (c == '\n')
			r->line++;
		if (!add_byte(r, record, c))
			return false;
	}
}

static bool
check_text(struct reader *r, const struct record *record,
		   const struct field *field)
{
	const char *text = record->bytes + field->text;
	size_t valid = utf8_valid_prefix(text, field->text_len);

	if (valid == field->text_len)
		return true;
	if (text[valid] == '\0')
		return reader_error_at(r,
							   "expected text, found a zero byte in field %d",
							   record->count) == 0;
	return reader_error_at(r,
						   "expected UTF-8, found byte 0x%02x at byte %zu of "
						   "field %d",
						   (unsigned char) text[valid], valid + 1,
						   record->count) == 0;
}

/* The field that begins with c; *end is what follows it. */
static bool
read_field(struct reader *r, struct record *record, int c, int *end)
{
	int delimiter = r->format->records->delimiter;
	struct field *field = record_field(r, record);
	bool quoted = c == '"' && !r->no_quotes;

	if (field == NULL)
		return false;
	if (quoted && !read_quoted(r, record, &c))
		return false;
	if (quoted && c != EOF && c != '\n' && c != delimiter)
		return reader_error_at(r,
							   "field %d: expected a delimiter or the end of "
							   "the line after the closing quote, found "
							   "\"%c\"%s",
							   record->count, c >= 0x20 && c < 0x7f ? c : '?',
							   delimiter == '\t'
								   ? "; --no-quotes reads quotes as they are"
								   : "") == 0;
	for (; c != EOF && c != '\n' && c != delimiter; c = next_character(r))
		if (!add_byte(r, record, c))
			return false;
	*end = c;
	field->text_len = record->used - field->text;
	field->kind = quoted || field->text_len > 0 ? FIELD_TEXT : FIELD_NULL;
	return record_add(r, record, '\0') && check_text(r, record, field);
}

/* The rest of UTF-8's mark, EF BB BF, which may begin a file. */
static bool
skip_mark(struct reader *r)
{
	int second = next_byte(r);
	int third = second == 0xbb ? next_byte(r) : EOF;

	if (third == 0xbf)
		return true;
	put_back(r, third);
	put_back(r, second);
	return false;
}

/* What the line that comes next begins with. */
static int
first_character(struct reader *r)
{
	int c = next_character(r);

	if (r->line == 0 && c == 0xef && skip_mark(r))
		c = next_character(r);
	r->line++;
	while (c == '\n')
	{
		r->line++;
		c = next_character(r);
	}
	return c;
}

static int
next_csv(struct reader *r, struct record *record)
{
	int c = first_character(r);

	record_clear(record);
	r->number = record->line = r->line;
	while (c != EOF || record->count > 0)
	{
		if (!read_field(r, record, c, &c))
			return -1;
		if (c == EOF || c == '\n')
			break;
		c = next_character(r);
	}
	if (ferror(r->file))
		return reader_error(r, "%s: could not read: %s", r->path,
							strerror(errno));
	return record->count > 0;
}

const struct record_format csv_records = {
	.named = false, .delimiter = ',', .next = next_csv};
const struct record_format tsv_records = {
	.named = false, .delimiter = '\t', .next = next_csv};
