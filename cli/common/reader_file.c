/*
 * reader_file.c
 *	  See reader_file.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/reader_file.h"

/* As many as the longest magic has, and no more than any ungetc() holds. */
#define SNIFF_SIZE 6

static const struct file_format *const formats[] = {
	&glove_format, &fvecs_format, &npy_format,
	&csv_format,   &tsv_format,	  &jsonl_format,
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

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

/*
 * Files that are compressed, or of formats that others read, get a way out
 * instead of a complaint about UTF-8.
 */
static const struct
{
	const char *magic;
	size_t len;
	const char *name;
	const char *command; /* NULL: of another format */
} others[] = {
	{"\x1f\x8b", 2, "gzip", "gzip -dc"},
	{"PK\003\004", 4, "zip", "unzip -p"},
	{"\xfd"
	 "7zXZ",
	 5, "xz", "xz -dc"},
	{"\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc"},
	{"PAR1", 4, "Parquet", NULL},
	{"\x89HDF", 4, "HDF5", NULL},
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
	else if (head[0] == '{' ||
			 (len > 3 && memcmp(head, "\xef\xbb\xbf{", 4) == 0))
		r->format = &jsonl_format;
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
refuse_others(struct reader *r, const char *head, size_t len)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
	{
		if (len < others[i].len ||
			memcmp(head, others[i].magic, others[i].len) != 0)
			continue;
		if (others[i].command != NULL)
			reader_error(r, "%s: compressed with %s; use %s %s | vecdb load -",
						 r->path, others[i].name, others[i].command, r->path);
		else
			reader_error(r,
						 "%s: a file of %s; write its rows as JSON lines to "
						 "vecdb load --format=jsonl -",
						 r->path, others[i].name);
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
		return !refuse_others(r, head, len) && guess_format(r, head, len);
	r->format = named_format(name);
	if (r->format == NULL)
		reader_error(r, "unknown format \"%s\"; known are %s", name,
					 reader_format_names());
	return r->format != NULL;
}

static bool
open_path(struct reader *r)
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
reader_open_file(struct reader *r, const char *format)
{
	return open_path(r) && choose_format(r, format);
}
