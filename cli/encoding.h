/*
 * encoding.h
 *	  A vector in the binary form of each type that a column may have, with all
 *	  integers in network order, and as text.
 */
#ifndef VECDB_ENCODING_H
#define VECDB_ENCODING_H

#include <stddef.h>

struct encoding
{
	const char *type;

	/* Bytes at most, and the bytes, of which it returns how many they are. */
	size_t (*size)(int dims);
	size_t (*put)(unsigned char *out, const float *values, int dims);

	/* The same as text. */
	size_t (*text_size)(int dims);
	size_t (*put_text)(char *out, const float *values, int dims);
};

/* NULL if there is none for the type. */
const struct encoding *encoding_find(const char *type);

#endif /* VECDB_ENCODING_H */
