/*
 * encoding.c
 *	  The types' binary forms: vector and halfvec have two int16, the number of
 *	  dimensions and zero, then their elements; sparsevec three int32, of which
 *	  the second counts elements that are not zero, and the third is zero, then
 *	  their indexes from 0 as int32, and they themselves.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "encoding.h"

static unsigned char *
put16(unsigned char *out, uint16_t bits)
{
	out[0] = (unsigned char) (bits >> 8);
	out[1] = (unsigned char) bits;
	return out + 2;
}

static unsigned char *
put32(unsigned char *out, uint32_t bits)
{
	return put16(put16(out, (uint16_t) (bits >> 16)), (uint16_t) bits);
}

static uint32_t
float_bits(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

/*
 * The nearest half, of two the even one.  From 65520 on that is infinity, which
 * the server refuses; below 2^-14 halves are multiples of 2^-24.
 */
static uint16_t
half_bits(float value)
{
	uint32_t bits = float_bits(value);
	uint16_t sign = (uint16_t) (bits >> 16 & 0x8000);
	float size = fabsf(value);

	bits &= 0x7fffffff;
	if (size >= 65520)
		return sign | 0x7c00;
	if (size < 0x1p-14f)
		return sign | (uint16_t) lrintf(size * 0x1p24f);
	bits += 0xfff + (bits >> 13 & 1);
	return sign | (uint16_t) ((bits - (112u << 23)) >> 13);
}

static size_t
vector_size(int dims)
{
	return 4 + 4 * (size_t) dims;
}

static size_t
put_vector(unsigned char *out, const float *values, int dims)
{
	unsigned char *end = put16(put16(out, (uint16_t) dims), 0);

	for (int i = 0; i < dims; i++)
		end = put32(end, float_bits(values[i]));
	return (size_t) (end - out);
}

static size_t
put_halfvec(unsigned char *out, const float *values, int dims)
{
	unsigned char *end = put16(put16(out, (uint16_t) dims), 0);

	for (int i = 0; i < dims; i++)
		end = put16(end, half_bits(values[i]));
	return (size_t) (end - out);
}

static size_t
sparsevec_size(int dims)
{
	return 12 + 8 * (size_t) dims;
}

static size_t
put_sparsevec(unsigned char *out, const float *values, int dims)
{
	unsigned char *end = out + 12;
	uint32_t elements = 0;

	for (int i = 0; i < dims; i++)
		if (values[i] != 0)
		{
			end = put32(end, (uint32_t) i);
			elements++;
		}
	for (int i = 0; i < dims; i++)
		if (values[i] != 0)
			end = put32(end, float_bits(values[i]));
	put32(put32(put32(out, (uint32_t) dims), elements), 0);
	return (size_t) (end - out);
}

/* An index, a colon, a float of nine digits, a comma. */
#define ELEMENT_TEXT 32

static size_t
text_size(int dims)
{
	return 16 + ELEMENT_TEXT * (size_t) dims;
}

/* Nine digits tell any float from all others. */
static char *
put_number(char *out, float value)
{
	/* Small whole numbers, of which bytes consist, need no printf. */
	if (value >= 0 && value < 10 && value == (float) (int) value)
	{
		*out++ = (char) ('0' + (int) value);
		return out;
	}
	return out + snprintf(out, ELEMENT_TEXT, "%.9g", (double) value);
}

static size_t
put_dense_text(char *out, const float *values, int dims)
{
	char *at = out;

	for (int i = 0; i < dims; i++)
	{
		*at++ = i == 0 ? '[' : ',';
		at = put_number(at, values[i]);
	}
	*at++ = ']';
	return (size_t) (at - out);
}

static size_t
put_sparse_text(char *out, const float *values, int dims)
{
	char *at = out;

	*at++ = '{';
	for (int i = 0; i < dims; i++)
	{
		if (values[i] == 0)
			continue;
		if (at > out + 1)
			*at++ = ',';
		at += snprintf(at, ELEMENT_TEXT, "%d:", i + 1);
		at = put_number(at, values[i]);
	}
	at += snprintf(at, ELEMENT_TEXT / 2, "}/%d", dims);
	return (size_t) (at - out);
}

const struct encoding *
encoding_find(const char *type)
{
	static const struct encoding encodings[] = {
		{"vector", vector_size, put_vector, text_size, put_dense_text},
		{"halfvec", vector_size, put_halfvec, text_size, put_dense_text},
		{"sparsevec", sparsevec_size, put_sparsevec, text_size,
		 put_sparse_text},
	};

	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (strcmp(encodings[i].type, type) == 0)
			return &encodings[i];
	return NULL;
}
