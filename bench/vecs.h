/*
 * vecs.h: matrices of vectors in files, for the programs of this folder.
 *
 * fvecs and ivecs (each row is its length as an int32, then its numbers,
 * little-endian) are mapped, not read: a matrix larger than memory can be
 * walked.  Files of other forms become fvecs by split.c.  An error ends the
 * program with a message.
 */
#ifndef BENCH_VECS_H
#define BENCH_VECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/clock.h"

typedef struct Vecs
{
	const char *path;
	size_t n;
	uint32_t dim;
	size_t stride;	   /* in elements of four bytes */
	const void *first; /* first element of the first row */
} Vecs;

/* Map a file in the form of fvecs or ivecs. */
extern Vecs vecs_open(const char *path);

static inline const float *
vecs_row(const Vecs *vecs, size_t i)
{
	return (const float *) vecs->first + i * vecs->stride;
}

static inline const int32_t *
vecs_ints(const Vecs *vecs, size_t i)
{
	return (const int32_t *) vecs->first + i * vecs->stride;
}

/* Whether an id is among the first k of a row of them. */
static inline bool
vecs_holds(const Vecs *vecs, size_t i, size_t k, int32_t id)
{
	const int32_t *ids = vecs_ints(vecs, i);

	for (size_t j = 0; j < k; j++)
		if (ids[j] == id)
			return true;
	return false;
}

/* Append a row of dim elements of four bytes. */
extern void vecs_write(FILE *file, const void *row, uint32_t dim);

/* A file that gets its name when it is closed, so that it is whole or absent.
 */
extern FILE *output_open(const char *path);
extern void output_close(FILE *file, const char *path);

extern void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));
extern void *allocate(size_t size);

/* The client's clock, by a name that reads well in differences. */
static inline double
now(void)
{
	return now_seconds();
}

/* The number in an option's argument, within bounds. */
extern double number(const char *name, const char *text, double least,
					 double most);

#endif /* BENCH_VECS_H */
