/*
 * reader.c
 *	  What all formats of files have in common: opening, guessing the format,
 *	  labels from a second file, checks of every row, and messages that name
 *	  the place.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "reader.h"

/* As many as the longest magic has, and no more than any ungetc() holds. */
#define SNIFF_SIZE 6

static const struct file_format *const formats[] = {
	&glove_format,
	&fvecs_format,
	&npy_format,
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

/* Compressed files get a way out instead of a complaint about UTF-8. */
static const struct
{
	const char *magic;
	size_t len;
	const char *name;
	const char *command;
} archives[] = {
	{"\x1f\x8b", 2, "gzip", "gzip -dc"},
	{"PK\003\004", 4, "zip", "unzip -p"},
	{"\xfd"
	 "7zXZ",
	 5, "xz", "xz -dc"},
	{"\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc"},
};

/* Always returns -1, which a format's next() can return in turn. */
int
reader_error(struct reader *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, args);
	va_end(args);
	return -1;
}

/* The same, with the place: "file:17: " or "file: record 17: ". */
int
reader_error_at(struct reader *r, const char *fmt, ...)
{
	va_list args;
	bool lines = strcmp(r->format->unit, "line") == 0;
	int len;

	len = snprintf(r->error, sizeof(r->error),
				   lines ? "%s:%llu: " : "%s: record %llu: ", r->path,
				   (unsigned long long) r->number);
	if (len < 0 || len >= (int) sizeof(r->error))
		return -1;
	va_start(args, fmt);
	vsnprintf(r->error + len, sizeof(r->error) - (size_t) len, fmt, args);
	va_end(args);
	return -1;
}

void
reader_format_names(char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < FORMAT_COUNT && used < size; i++)
		used += (size_t) snprintf(buf + used, size - used, "%s%s",
								  i > 0 ? ", " : "", formats[i]->name);
}

static bool
has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path);
	size_t n = strlen(suffix);

	return len > n && strcmp(path + len - n, suffix) == 0;
}

static const struct file_format *
named_format(const char *name)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

/*
 * Look at the first bytes and put them back, which works for a pipe as well
 * as for a file.
 */
static size_t
sniff(struct reader *r, char *head)
{
	size_t n = fread(head, 1, SNIFF_SIZE, r->file);

	for (size_t i = n; i > 0; i--)
		ungetc((unsigned char) head[i - 1], r->file);
	return n;
}

static bool
guess_format(struct reader *r, const char *head, size_t len)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (has_suffix(r->path, formats[i]->suffix))
			r->format = formats[i];
	if (r->format != NULL)
		return true;
	if (len >= 6 && memcmp(head, "\x93NUMPY", 6) == 0)
		r->format = &npy_format;
	else if (memchr(head, '\0', len) == NULL)
		r->format = &glove_format;
	else
		reader_error(r,
					 "%s: cannot tell the format of this file; "
					 "use --format",
					 r->path);
	return r->format != NULL;
}

static bool
refuse_archive(struct reader *r, const char *head, size_t len)
{
	for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++)
	{
		if (len < archives[i].len ||
			memcmp(head, archives[i].magic, archives[i].len) != 0)
			continue;
		reader_error(r, "%s: compressed with %s; use %s %s | vecdb load -",
					 r->path, archives[i].name, archives[i].command, r->path);
		return true;
	}
	return false;
}

static bool
choose_format(struct reader *r, const char *name)
{
	char head[SNIFF_SIZE];
	size_t len = sniff(r, head);
	char names[64];

	if (len == 0)
	{
		reader_error(r,
					 ferror(r->file) ? "%s: could not read: %s"
									 : "%s: the file is empty",
					 r->path, strerror(errno));
		return false;
	}
	if (name == NULL)
		return !refuse_archive(r, head, len) && guess_format(r, head, len);
	r->format = named_format(name);
	reader_format_names(names, sizeof(names));
	if (r->format == NULL)
		reader_error(r, "unknown format \"%s\"; known are %s", name, names);
	return r->format != NULL;
}

static bool
open_file(struct reader *r)
{
	struct stat status;

	if (strcmp(r->path, "-") == 0)
	{
		r->file = stdin;
		r->path = "standard input";
	}
	else
		r->file = fopen(r->path, "rb");
	if (r->file == NULL || fstat(fileno(r->file), &status) != 0)
	{
		reader_error(r, "%s: could not open: %s", r->path, strerror(errno));
		return false;
	}
	if (S_ISDIR(status.st_mode))
	{
		reader_error(r, "%s: is a directory", r->path);
		return false;
	}
	if (S_ISREG(status.st_mode))
		r->size = (uint64_t) status.st_size;
	setvbuf(r->file, NULL, _IOFBF, 1 << 18);
	return true;
}

static bool
open_labels(struct reader *r)
{
	if (r->labels_path == NULL)
		return true;
	if (r->format->labelled)
	{
		reader_error(r,
					 "%s: a %s file holds words of its own; "
					 "--words does not apply",
					 r->path, r->format->name);
		return false;
	}
	r->labels = fopen(r->labels_path, "r");
	if (r->labels == NULL)
		reader_error(r, "%s: could not open: %s", r->labels_path,
					 strerror(errno));
	return r->labels != NULL;
}

bool
reader_open(struct reader *r, const char *path,
			const struct reader_options *options)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	r->max_label = options->max_label;
	r->labels_path = options->labels;
	r->dims = options->dims;
	return open_file(r) && choose_format(r, options->format) &&
		   open_labels(r) && r->format->open(r);
}

void
reader_close(struct reader *r)
{
	if (r->file != NULL && r->file != stdin)
		fclose(r->file);
	if (r->labels != NULL)
		fclose(r->labels);
	free(r->values);
	free(r->buffer);
	free(r->label);
}

bool
reader_labelled(const struct reader *r)
{
	return r->format->labelled || r->labels != NULL;
}

/* The number that a format found against limits and the user's --dims. */
bool
reader_set_dims(struct reader *r, long dims)
{
	if (r->dims != 0 && r->dims != dims)
		return reader_error_at(r,
							   "expected %d dimensions as --dims says, "
							   "found %ld",
							   r->dims, dims) == 0;
	if (dims < 1 || dims > MAX_DIMENSIONS)
		return reader_error_at(r, "expected 1 to %d dimensions, found %ld",
							   MAX_DIMENSIONS, dims) == 0;
	r->dims = (int) dims;
	r->values = xmalloc(sizeof(float) * (size_t) dims);
	return true;
}

/* Read bytes, counting them for the progress line. */
size_t
reader_bytes(struct reader *r, void *buf, size_t size)
{
	size_t n = fread(buf, 1, size, r->file);

	r->offset += n;
	return n;
}

bool
reader_check_label(struct reader *r, const char *path, uint64_t line,
				   const char *text, size_t len)
{
	unsigned long long at = line;
	size_t valid = utf8_valid_prefix(text, len);

	if (len == 0)
		return reader_error(r, "%s:%llu: expected a word, found none", path,
							at) == 0;
	if (len > r->max_label)
		return reader_error(r,
							"%s:%llu: expected a word of at most %zu "
							"bytes, found one of %zu; --max-word raises "
							"the limit",
							path, at, r->max_label, len) == 0;
	if (valid < len && text[valid] == '\0')
		return reader_error(r,
							"%s:%llu: expected text, found a zero byte "
							"at byte %zu of the word",
							path, at, valid + 1) == 0;
	if (valid < len)
		return reader_error(r,
							"%s:%llu: expected UTF-8, found byte 0x%02x "
							"at byte %zu of the word",
							path, at, (unsigned char) text[valid],
							valid + 1) == 0;
	return true;
}

/* For binary formats: the server would refuse NaN and infinity. */
int
reader_check_values(struct reader *r)
{
	for (int i = 0; i < r->dims; i++)
	{
		if (isfinite(r->values[i]))
			continue;
		return reader_error_at(r,
							   "component %d: expected a finite number, "
							   "found %s",
							   i + 1, isnan(r->values[i]) ? "NaN" : "infinity");
	}
	return 1;
}

/* The next line of --words; there must be one for every row, and no more. */
static int
next_label(struct reader *r, struct row *row, bool wanted)
{
	ssize_t len = getline(&r->label, &r->label_size, r->labels);
	unsigned long long rows = r->rows;

	if (len < 0 && ferror(r->labels))
		return reader_error(r, "%s: could not read: %s", r->labels_path,
							strerror(errno));
	if (len < 0)
		return !wanted ? 0
					   : reader_error(
							 r,
							 "%s: expected a word for every row of %s, found "
							 "only %llu",
							 r->labels_path, r->path, rows);
	if (!wanted)
		return reader_error(r,
							"%s:%llu: expected one word for each of the "
							"%llu rows of %s, found more",
							r->labels_path, rows + 1, rows, r->path);
	if (len > 0 && r->label[len - 1] == '\n')
		r->label[--len] = '\0';
	if (len > 0 && r->label[len - 1] == '\r')
		r->label[--len] = '\0';
	row->label = r->label;
	row->label_len = (size_t) len;
	return reader_check_label(r, r->labels_path, rows + 1, r->label,
							  (size_t) len)
			   ? 1
			   : -1;
}

/* Both are compared at the end, when nothing more can follow. */
static int
check_count(struct reader *r)
{
	unsigned long long expected = r->expected;
	unsigned long long rows = r->rows;

	if (expected != 0 && expected != rows)
		return reader_error(r,
							"%s: expected %llu rows as its header says, "
							"found %llu",
							r->path, expected, rows);
	if (rows == 0)
		return reader_error(r, "%s: expected at least one row, found none",
							r->path);
	return 0;
}

int
reader_next(struct reader *r, struct row *row)
{
	int got;

	memset(row, 0, sizeof(*row));
	got = r->format->next(r, row);
	if (got < 0)
		return got;
	if (r->labels != NULL)
	{
		int label = next_label(r, row, got > 0);

		if (label < 0)
			return label;
	}
	if (got == 0)
		return check_count(r);
	r->rows++;
	row->values = r->values;
	return 1;
}
