/*
 * vecs.h: matrices of vectors in files, for the programs of this folder.
 *
 * fvecs and ivecs (each row is its length as an int32, then its numbers,
 * little-endian) and .npy of float32 are mapped, not read: a matrix larger
 * than memory can be walked.  An error ends the program with a message.
 */
#ifndef BENCH_VECS_H
#define BENCH_VECS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Vecs
{
	const char *path;
	size_t n;
	uint32_t dim;
	size_t stride;	   /* in elements of four bytes */
	const void *first; /* first element of the first row */
} Vecs;

/* Map a .npy file, or else one in the form of fvecs or ivecs. */
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

/* Append a row of dim elements of four bytes. */
extern void vecs_write(FILE *file, const void *row, uint32_t dim);

/* A file that gets its name when it is closed, so that it is whole or absent.
 */
extern FILE *output_open(const char *path);
extern void output_close(FILE *file, const char *path);

extern void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));
extern void *allocate(size_t size);

/* Seconds on a clock that only goes forward. */
extern double now(void);

/* The number in an option's argument, within bounds. */
extern double number(const char *name, const char *text, double least,
					 double most);

#endif /* BENCH_VECS_H */
