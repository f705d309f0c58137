/*
 * read_npy.c
 *	  NumPy's .npy files: a two-dimensional array in C order, one row of it
 *	  per vector, of float32, float64 or float16 in either byte order, or of
 * uint8.
 *
 * The header is the text of a Python dictionary with exactly the keys descr,
 * fortran_order and shape (numpy.lib.format, versions 1 to 3).
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/file_format.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_LEN 6
#define LONGEST_HEADER 65536

static uint64_t
load_bits(const unsigned char *b, int size, bool big)
{
	uint64_t bits = 0;

	for (int i = 0; i < size; i++)
		bits = bits << 8 | b[big ? i : size - 1 - i];
	return bits;
}

static float
float_of_half(uint64_t bits)
{
	int exponent = (int) (bits >> 10 & 31);
	float mantissa = (float) (bits & 1023);
	float value = exponent == 0	  ? ldexpf(mantissa, -24)
				  : exponent < 31 ? ldexpf(mantissa + 1024, exponent - 25)
				  : mantissa == 0 ? INFINITY
								  : NAN;

	return bits >> 15 ? -value : value;
}

static float
float_of_single(uint64_t bits)
{
	uint32_t low = (uint32_t) bits;
	float value;

	memcpy(&value, &low, sizeof(value));
	return value;
}

/* Beyond the range of float this gives infinity, which is refused later. */
static float
float_of_double(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return (float) value;
}

static float
float_of_byte(uint64_t bits)
{
	return (float) bits;
}

static const struct
{
	const char *descr;
	int size;
	bool big;
	float (*convert)(uint64_t bits);
} item_kinds[] = {
	{"<f4", 4, false, float_of_single}, {">f4", 4, true, float_of_single},
	{"<f8", 8, false, float_of_double}, {">f8", 8, true, float_of_double},
	{"<f2", 2, false, float_of_half},	{">f2", 2, true, float_of_half},
	{"|u1", 1, false, float_of_byte},
};

#define KIND_COUNT (int) (sizeof(item_kinds) / sizeof(item_kinds[0]))

/* The text after "'key':", or NULL. */
static const char *
find_key(const char *header, const char *key)
{
	char quoted[32];
	const char *at;

	snprintf(quoted, sizeof(quoted), "'%s'", key);
	at = strstr(header, quoted);
	if (at == NULL)
		return NULL;
	at += strlen(quoted);
	at += strspn(at, " ");
	if (*at != ':')
		return NULL;
	at++;
	return at + strspn(at, " ");
}

static bool
parse_kind(struct reader *r, const char *header)
{
	const char *descr = find_key(header, "descr");
	int len = descr ? (int) strcspn(descr, ",}") : 0;

	for (int i = 0; descr != NULL && i < KIND_COUNT; i++)
	{
		if (*descr != '\'' || strncmp(descr + 1, item_kinds[i].descr, 3) != 0 ||
			descr[4] != '\'')
			continue;
		r->item_kind = i;
		return true;
	}
	return reader_error(r,
						"%s: expected float32, float64, float16 or uint8 "
						"items, found %.*s",
						r->path, len ? len : 7, len ? descr : "nothing") == 0;
}

static bool
parse_order(struct reader *r, const char *header)
{
	const char *order = find_key(header, "fortran_order");

	if (order != NULL && strncmp(order, "False", 5) == 0)
		return true;
	return reader_error(r,
						"%s: expected an array in C order, found one in "
						"Fortran order; save it with "
						"numpy.ascontiguousarray()",
						r->path) == 0;
}

static bool
parse_shape(struct reader *r, const char *header, long *dims)
{
	const char *shape = find_key(header, "shape");
	int len = shape ? (int) strcspn(shape, ")") + 1 : 0;
	unsigned long long rows;
	int used = 0;

	if (shape != NULL &&
		sscanf(shape, "(%llu , %ld )%n", &rows, dims, &used) == 2 &&
		used == len)
	{
		r->expected = rows;
		return true;
	}
	return reader_error(r,
						"%s: expected an array of two dimensions, found "
						"the shape %.*s",
						r->path, len ? len : 7, len ? shape : "nothing") == 0;
}

/* The header's text, in fresh memory; NULL after an error. */
static char *
read_header(struct reader *r)
{
	unsigned char fixed[MAGIC_LEN + 2 + 4];
	char *header;
	size_t size_len;
	uint64_t len;

	if (reader_bytes(r, fixed, MAGIC_LEN + 2) < MAGIC_LEN + 2 ||
		memcmp(fixed, MAGIC, MAGIC_LEN) != 0)
	{
		reader_error(r, "%s: expected a .npy file, found other data", r->path);
		return NULL;
	}
	size_len = fixed[MAGIC_LEN] == 1 ? 2 : 4;
	if (reader_bytes(r, fixed + MAGIC_LEN + 2, size_len) < size_len ||
		(len = load_bits(fixed + MAGIC_LEN + 2, (int) size_len, false)) >
			LONGEST_HEADER)
	{
		reader_error(r, "%s: damaged .npy header", r->path);
		return NULL;
	}
	header = malloc(len + 1);
	if (header == NULL)
	{
		reader_error(r, "out of memory");
		return NULL;
	}
	if (reader_bytes(r, header, len) < len)
	{
		reader_error(r,
					 "%s: expected a header of %llu bytes, found the end "
					 "of the file",
					 r->path, (unsigned long long) len);
		free(header);
		return NULL;
	}
	header[len] = '\0';
	return header;
}

static bool
open_npy(struct reader *r)
{
	char *header = read_header(r);
	long dims;
	bool good;

	if (header == NULL)
		return false;
	good = parse_kind(r, header) && parse_order(r, header) &&
		   parse_shape(r, header, &dims);
	free(header);
	if (!good)
		return false;
	if (r->expected == 0)
		return reader_error(r,
							"%s: expected at least one row, found an "
							"array without any",
							r->path) == 0;
	r->number = 1; /* where a wrong number of dimensions shows */
	if (!reader_set_dims(r, dims))
		return false;
	r->number = 0;
	return reader_set_buffer(r, (size_t) item_kinds[r->item_kind].size *
									(size_t) r->dims);
}

static int
next_npy(struct reader *r, struct row *row)
{
	int size = item_kinds[r->item_kind].size;
	bool big = item_kinds[r->item_kind].big;
	size_t n = reader_bytes(r, r->buffer, r->buffer_size);

	(void) row;
	if (ferror(r->file))
		return reader_error(r, "%s: could not read: %s", r->path,
							strerror(errno));
	if (n == 0)
		return 0;
	r->number++;
	if (n < r->buffer_size)
		return reader_error_at(r,
							   "expected %zu bytes of numbers, found %zu "
							   "before the end of the file",
							   r->buffer_size, n);
	if (r->number > r->expected)
		return reader_error_at(r,
							   "expected the end of the file after %llu "
							   "rows as its header says, found more",
							   (unsigned long long) r->expected);
	for (int i = 0; i < r->dims; i++)
	{
		const unsigned char *item = (unsigned char *) r->buffer + i * size;

		r->values[i] =
			item_kinds[r->item_kind].convert(load_bits(item, size, big));
	}
	return reader_check_values(r);
}

const struct file_format npy_format = {
	.name = "npy",
	.suffix = ".npy",
	.unit = "record",
	.labelled = false,
	.from_zero = true,
	.open = open_npy,
	.next = next_npy,
};
