/*
 * vector_text.h
 *	  Vectors as text: [1,2,3], which is JSON too, or an array of PostgreSQL,
 *	  {1,2,3}.
 */
#ifndef VECDB_VECTOR_TEXT_H
#define VECDB_VECTOR_TEXT_H

#include <stddef.h>

#include "common/file_format.h"

/*
 * The numbers of a text that ends in a zero byte into values, which has room
 * for MAX_DIMENSIONS; how many they are.  -1 and an error of the reader's, with
 * its place, where the text is no vector.
 */
int vector_text_parse(struct reader *r, const char *text, float *values);

#endif /* VECDB_VECTOR_TEXT_H */
