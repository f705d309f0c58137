/*
 * file_format.h
 *	  What a format of files of vectors is, and what all formats stand on: the
 *	  reader's state, messages that name the place, checks.
 *
 * A format is a file read_*.c and a row of the table in reader.c.  The two
 * functions that leave a message return -1, so that next() can return what
 * they return, and open() can by comparing it with 0.
 */
#ifndef VECDB_FILE_FORMAT_H
#define VECDB_FILE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define MAX_DIMENSIONS 16000

struct reader;

struct row
{
	const char *label; /* NULL when there is none */
	size_t label_len;
	const float *values;
};

struct file_format
{
	const char *name;
	const char *suffix; /* of files in this format */
	const char *unit;	/* what a row is called in a message */
	bool labelled;		/* rows carry their label */
	bool (*open)(struct reader *r);
	/* 1: a row, 0: the end, -1: an error */
	int (*next)(struct reader *r, struct row *row);
};

struct reader
{
	const struct file_format *format;
	const char *path;
	FILE *file;
	int dims;
	long max_label;
	uint64_t number;   /* of the current line or record, from 1 */
	uint64_t offset;   /* bytes read */
	uint64_t size;	   /* bytes in all, 0 when unknown */
	uint64_t expected; /* rows announced by a header, 0 if none */
	float *values;
	char *buffer; /* a line, or a record's bytes */
	size_t buffer_size;
	ssize_t line_len;
	bool pending;  /* the buffer holds a line not yet returned */
	int item_kind; /* for npy: index into its table of types */
	const char *labels_path;
	FILE *labels;
	char *label;
	size_t label_size;
	uint64_t rows;
	char error[768];
};

extern const struct file_format glove_format;
extern const struct file_format fvecs_format;
extern const struct file_format npy_format;

int reader_error(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int reader_error_at(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool reader_set_dims(struct reader *r, long dims);
bool reader_set_buffer(struct reader *r, size_t size);
size_t reader_bytes(struct reader *r, void *buf, size_t size);
bool reader_check_label(struct reader *r, const char *path, uint64_t line,
						const char *text, size_t len);
int reader_check_values(struct reader *r);

#endif /* VECDB_FILE_FORMAT_H */
