/*
 * read_glove.c
 *	  Text with a word and its numbers on each line, as GloVe, word2vec and
 *	  fastText write it.
 *
 * The last N fields are the numbers, and all before them is the word, since
 * some published files have words with spaces in them (". . .").  N is found
 * on the first line.  A first line of two whole numbers is the header of
 * word2vec and fastText, which announces rows and dimensions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/file_format.h"
#include "common/parse_float.h"

#define SHOWN_BYTES 40

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Reads a line into the buffer, without its end and trailing spaces. */
static int
read_line(struct reader *r)
{
	ssize_t len;

	if (r->pending)
	{
		r->pending = false;
		return 1;
	}
	errno = 0;
	len = getline(&r->buffer, &r->buffer_size, r->file);
	if (len < 0 && (ferror(r->file) || errno != 0))
		return reader_error(r, "%s: could not read: %s", r->path,
							strerror(errno));
	if (len < 0)
		return 0;
	r->number++;
	r->offset += (uint64_t) len;
	while (len > 0 &&
		   (r->buffer[len - 1] == '\n' || r->buffer[len - 1] == '\r' ||
			is_space(r->buffer[len - 1])))
		len--;
	r->buffer[len] = '\0';
	r->line_len = len;
	return 1;
}

/* Start of the last field that ends at *end; moves *end before it. */
static const char *
field_before(const char *line, const char **end)
{
	const char *start = *end;
	const char *rest;

	while (start > line && !is_space(start[-1]))
		start--;
	for (rest = start; rest > line && is_space(rest[-1]);)
		rest--;
	*end = rest;
	return start;
}

static bool
is_number(const char *text, const char *end)
{
	float value;

	return parse_float(text, (size_t) (end - text), &value) != PARSE_NOT_NUMBER;
}

/* Numbers at the line's end, leaving at least one field for the word. */
static long
trailing_numbers(const struct reader *r)
{
	const char *end = r->buffer + r->line_len;
	long count = 0;

	while (end > r->buffer)
	{
		const char *field_end = end;
		const char *field = field_before(r->buffer, &end);

		if (field == r->buffer || !is_number(field, field_end))
			break;
		count++;
	}
	return count;
}

/* Two whole numbers and nothing else: "400000 300". */
static bool
parse_header(const char *line, uint64_t *rows, long *dims)
{
	char *end;

	if (strspn(line, "0123456789 \t") != strlen(line) || is_space(line[0]))
		return false;
	errno = 0;
	*rows = strtoull(line, &end, 10);
	if (end == line || *end == '\0')
		return false;
	line = end;
	*dims = strtol(line, &end, 10);
	return end != line && *end == '\0' && errno == 0;
}

static void
skip_byte_order_mark(struct reader *r)
{
	if (r->line_len < 3 || memcmp(r->buffer, "\xef\xbb\xbf", 3) != 0)
		return;
	r->line_len -= 3;
	memmove(r->buffer, r->buffer + 3, (size_t) r->line_len + 1);
}

static bool
open_glove(struct reader *r)
{
	uint64_t rows;
	long dims;
	int got = read_line(r);

	if (got <= 0)
		return false;
	skip_byte_order_mark(r);
	if (r->dims != 1 && parse_header(r->buffer, &rows, &dims))
	{
		if (rows == 0)
			return reader_error_at(r,
								   "expected a header with at least one "
								   "row, found \"%s\"",
								   r->buffer) == 0;
		r->expected = rows;
		return reader_set_dims(r, dims);
	}
	dims = trailing_numbers(r);
	r->pending = true;
	if (dims == 0)
		return reader_error_at(r,
							   "expected a word and its numbers, found "
							   "\"%.*s\"",
							   SHOWN_BYTES, r->buffer) == 0;
	/* The user's own number decides where the word ends. */
	if (r->dims != 0 && dims > r->dims)
		dims = r->dims;
	return reader_set_dims(r, dims);
}

/* Explain a line that has too few fields. */
static int
too_short(struct reader *r, int numbers)
{
	uint64_t rows;
	long dims;

	if (r->line_len == 0)
		return reader_error_at(r,
							   "expected a word and %d numbers, found an "
							   "empty line",
							   r->dims);
	if (parse_header(r->buffer, &rows, &dims))
		return reader_error_at(r,
							   "expected a word and %d numbers, found a "
							   "header (\"%.*s\"), which only the first line "
							   "may be",
							   r->dims, SHOWN_BYTES, r->buffer);
	return reader_error_at(r,
						   "expected a word and %d numbers, found %d "
						   "number%s after \"%.*s\"",
						   r->dims, numbers, numbers == 1 ? "" : "s",
						   (int) strcspn(r->buffer, " \t") > SHOWN_BYTES
							   ? SHOWN_BYTES
							   : (int) strcspn(r->buffer, " \t"),
						   r->buffer);
}

static int
bad_number(struct reader *r, int i, const char *text, size_t len,
		   enum parse_result why)
{
	int shown = len > SHOWN_BYTES ? SHOWN_BYTES : (int) len;

	return reader_error_at(r, "number %d of %d: expected %s, found \"%.*s\"",
						   i + 1, r->dims, parse_expected(why), shown, text);
}

/* Reads the line's last fields into values; *rest is where the word ends. */
static int
parse_numbers(struct reader *r, const char **rest)
{
	const char *end = r->buffer + r->line_len;

	for (int i = r->dims - 1; i >= 0; i--)
	{
		const char *field_end = end;
		const char *field = field_before(r->buffer, &end);
		size_t len = (size_t) (field_end - field);
		enum parse_result why;

		if (field == r->buffer)
			return too_short(r, r->dims - 1 - i);
		why = parse_float(field, len, &r->values[i]);
		if (why == PARSE_OK)
			continue;

		/* Fewer numbers than expected, or a flaw in one of them? */
		if (why == PARSE_NOT_NUMBER && trailing_numbers(r) > 0 &&
			end == r->buffer + strcspn(r->buffer, " \t"))
			return too_short(r, r->dims - 1 - i);
		return bad_number(r, i, field, len, why);
	}
	*rest = end;
	return 1;
}

/* A word that ends in a number means a line with too many of them. */
static int
check_surplus(struct reader *r, const char *word_end)
{
	const char *end = word_end;
	const char *last = field_before(r->buffer, &end);

	if (last == r->buffer || !is_number(last, word_end))
		return 1;
	return reader_error_at(r,
						   "expected a word and %d numbers, found %ld "
						   "numbers",
						   r->dims, trailing_numbers(r));
}

static int
next_glove(struct reader *r, struct row *row)
{
	const char *word_end = NULL;
	int got = read_line(r);

	if (got <= 0)
		return got;
	if (is_space(r->buffer[0]))
		return reader_error_at(r, "expected a word, found a space at the "
								  "start of the line");
	got = parse_numbers(r, &word_end);
	if (got > 0)
		got = check_surplus(r, word_end);
	if (got <= 0)
		return got;
	row->label = r->buffer;
	row->label_len = (size_t) (word_end - r->buffer);
	return reader_check_label(r, r->path, r->number, row->label, row->label_len)
			   ? 1
			   : -1;
}

const struct file_format glove_format = {
	.name = "glove",
	.suffix = ".txt",
	.unit = "line",
	.labelled = true,
	.open = open_glove,
	.next = next_glove,
};
