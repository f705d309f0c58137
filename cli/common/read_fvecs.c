/*
 * read_fvecs.c
 *	  The format of the TEXMEX data sets: each record is its number of
 *	  dimensions as a little-endian int32, then as many little-endian floats.
 */
#include <errno.h>
#include <string.h>

#include "common/file_format.h"

static uint32_t
little_endian(const unsigned char *b)
{
	return (uint32_t) b[0] | (uint32_t) b[1] << 8 | (uint32_t) b[2] << 16 |
		   (uint32_t) b[3] << 24;
}

/* The record's number of dimensions; 0 at the end, -1 on an error. */
static int
read_dims(struct reader *r, int32_t *dims)
{
	unsigned char bytes[4];
	size_t n = reader_bytes(r, bytes, sizeof(bytes));

	if (n == 0 && !ferror(r->file))
		return 0;
	r->number++;
	if (ferror(r->file))
		return reader_error(r, "%s: could not read: %s", r->path,
							strerror(errno));
	if (n < sizeof(bytes))
		return reader_error_at(r,
							   "expected 4 bytes with the number of "
							   "dimensions, found %zu",
							   n);
	*dims = (int32_t) little_endian(bytes);
	return 1;
}

static bool
open_fvecs(struct reader *r)
{
	int32_t dims = 0;
	int got = read_dims(r, &dims);

	if (got <= 0 || !reader_set_dims(r, dims))
		return false;
	r->pending = true;
	return reader_set_buffer(r, sizeof(float) * (size_t) r->dims);
}

static int
next_fvecs(struct reader *r, struct row *row)
{
	int32_t dims = r->dims;
	int got = r->pending ? 1 : read_dims(r, &dims);
	size_t n;

	(void) row;
	r->pending = false;
	if (got <= 0)
		return got;
	if (dims != r->dims)
		return reader_error_at(r,
							   "expected %d dimensions as in the first "
							   "record, found %d",
							   r->dims, (int) dims);
	n = reader_bytes(r, r->buffer, r->buffer_size);
	if (n < r->buffer_size)
		return reader_error_at(r,
							   "expected %zu bytes of numbers, found %zu "
							   "before the end of the file",
							   r->buffer_size, n);
	for (int i = 0; i < r->dims; i++)
	{
		uint32_t bits = little_endian((unsigned char *) r->buffer + 4 * i);

		memcpy(&r->values[i], &bits, sizeof(bits));
	}
	return reader_check_values(r);
}

const struct file_format fvecs_format = {
	.name = "fvecs",
	.suffix = ".fvecs",
	.unit = "record",
	.labelled = false,
	.open = open_fvecs,
	.next = next_fvecs,
};
