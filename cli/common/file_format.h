/*
 * file_format.h
 *	  What a format of files of vectors is, and what all formats stand on: the
 *	  reader's state, messages that name the place, checks.
 *
 * A format is a file read_*.c and a row of the table in reader_file.c.  The two
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
struct record_format;
struct tabular;

/* A value of a column besides the vector. */
struct cell
{
	const char *text; /* NULL: null */
	size_t len;
};

struct row
{
	const char *label; /* NULL when there is none */
	size_t label_len;
	const float *values;
	bool no_vector; /* it is null: only where options allow that */
	const struct cell *cells;
	int cell_count;
};

struct reader_options
{
	const char *format; /* NULL: guess */
	const char *labels; /* file of labels, or NULL */
	long dims;			/* 0: as the file says */
	long max_label;		/* longest label, in bytes */

	/* Of files that have named columns: see tabular.h. */
	const char *columns;	  /* those to load: see tabular_columns.h */
	const char *vector;		  /* the column of vectors; NULL: look for it */
	const char *usual_vector; /* the one of several, where it is among them */
	const char *attributes;	  /* file of columns beside the vectors, or NULL */
	bool no_quotes;			  /* quotes are characters as others */
	bool null_vectors;		  /* rows may have none */
};

struct file_format
{
	const char *name;
	const char *suffix;					 /* of files in this format */
	const char *unit;					 /* what a row is called in a message */
	bool labelled;						 /* rows carry their label */
	bool from_zero;						 /* rows are counted from 0 */
	const struct record_format *records; /* rows are records; else NULL */
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
	const struct reader_options *options;
	uint64_t line; /* of a text, that was begun */
	bool no_quotes;
	bool no_vectors; /* a file of attributes */
	struct tabular *tabular;
	struct reader *attributes;
	char error[768];
};

extern const struct file_format glove_format;
extern const struct file_format fvecs_format;
extern const struct file_format npy_format;
extern const struct file_format csv_format;
extern const struct file_format tsv_format;
extern const struct file_format jsonl_format;

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
