/*
 * file_format.c
 *	  See file_format.h.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/file_format.h"
#include "common/utf8.h"

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
	r->values = malloc(sizeof(float) * (size_t) dims);
	return r->values != NULL || reader_error(r, "out of memory") == 0;
}

/* Room for the bytes of a record. */
bool
reader_set_buffer(struct reader *r, size_t size)
{
	r->buffer_size = size;
	r->buffer = malloc(size);
	return r->buffer != NULL || reader_error(r, "out of memory") == 0;
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
	if (len > (size_t) r->max_label)
		return reader_error(r,
							"%s:%llu: expected a word of at most %ld "
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
