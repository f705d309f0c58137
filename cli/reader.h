/*
 * reader.h
 *	  Files of vectors as a stream of rows.  A format is a row of the table in
 *	  reader.c and a file with its two functions.
 *
 * A reader finds out the number of dimensions when it is opened, before
 * anybody talks to a server.  It never ends the program: it leaves a message
 * that names file, place, what was expected and what was found, so that the
 * caller can first undo what it began.
 */
#ifndef VECDB_READER_H
#define VECDB_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct reader;

struct row
{
	const char *label; /* NULL when there is none */
	size_t label_len;
	const float *values;
};

struct reader_options
{
	const char *format; /* NULL: guess */
	const char *labels; /* file of labels, or NULL */
	int dims;			/* 0: as the file says */
	size_t max_label;	/* longest label, in bytes */
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
	size_t max_label;
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

bool reader_open(struct reader *r, const char *path,
				 const struct reader_options *options);
int reader_next(struct reader *r, struct row *row);
void reader_close(struct reader *r);
bool reader_labelled(const struct reader *r);
void reader_format_names(char *buf, size_t size);

/*
 * For the formats.  The two that leave a message return -1, so that next()
 * can return what they return, and open() can by comparing it with 0.
 */
int reader_error(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int reader_error_at(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool reader_set_dims(struct reader *r, long dims);
size_t reader_bytes(struct reader *r, void *buf, size_t size);
bool reader_check_label(struct reader *r, const char *path, uint64_t line,
						const char *text, size_t len);
int reader_check_values(struct reader *r);

/* parse_float.c */
enum parse_result
{
	PARSE_OK,
	PARSE_NOT_NUMBER,
	PARSE_NOT_FINITE,
	PARSE_OUT_OF_RANGE
};

enum parse_result parse_float(const char *text, size_t len, float *value);

#endif /* VECDB_READER_H */
