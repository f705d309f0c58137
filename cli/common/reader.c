/*
 * reader.c
 *	  Opens a file, finds out its format and hands out its rows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/labels.h"
#include "common/reader.h"

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
	if (r->format == NULL)
		reader_error(r, "unknown format \"%s\"; known are %s", name,
					 reader_format_names());
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

bool
reader_open(struct reader *r, const char *path,
			const struct reader_options *options)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	r->max_label = options->max_label;
	r->labels_path = options->labels;
	r->dims = (int) options->dims;
	return open_file(r) && choose_format(r, options->format) &&
		   labels_open(r) && r->format->open(r);
}

void
reader_close(struct reader *r)
{
	if (r->file != NULL && r->file != stdin)
		fclose(r->file);
	labels_close(r);
	free(r->values);
	free(r->buffer);
}

const char *
reader_format_names(void)
{
	static char names[64];
	size_t used = 0;

	for (size_t i = 0; i < FORMAT_COUNT && used < sizeof(names); i++)
		used += (size_t) snprintf(names + used, sizeof(names) - used, "%s%s",
								  i > 0 ? ", " : "", formats[i]->name);
	return names;
}

bool
reader_labelled(const struct reader *r)
{
	return r->format->labelled || r->labels != NULL;
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
		int label = labels_next(r, row, got > 0);

		if (label < 0)
			return label;
	}
	if (got == 0)
		return check_count(r);
	r->rows++;
	row->values = r->values;
	return 1;
}
