/*
 * record.h
 *	  A row of a file as text: fields in order, or by name where the format
 *	  names them in each row.
 *
 * The bytes of all fields lie in one buffer, each with a zero byte after it.
 * Fields hold offsets, since the buffer moves as it grows.
 */
#ifndef VECDB_RECORD_H
#define VECDB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one record, in bytes; what is longer is a quote that nobody closed. */
#define LONGEST_RECORD (16 << 20)
/* A table of PostgreSQL has no more columns. */
#define MAX_COLUMNS 1600

enum field_kind
{
	FIELD_NULL,
	FIELD_TEXT,	  /* may stand for any type: that of CSV */
	FIELD_STRING, /* quoted in JSON */
	FIELD_NUMBER,
	FIELD_BOOL,
	FIELD_NESTED /* an array or an object of JSON */
};

struct field
{
	enum field_kind kind;
	size_t name, name_len; /* offsets; only where rows name their fields */
	size_t text, text_len;
	size_t raw, raw_len; /* the value as JSON */
};

struct record
{
	uint64_t line; /* of the file, where it begins, from 1 */
	char *bytes;
	size_t used;
	size_t size;
	struct field *fields;
	int count;
	int room;
};

struct reader;

/* A way to read records; a format of files has one, or is none of rows of text.
 */
struct record_format
{
	bool named;		/* rows name their fields; else a header does */
	char delimiter; /* where there is one */
	/* 1: a record, 0: the end, -1: an error */
	int (*next)(struct reader *r, struct record *record);
};

extern const struct record_format csv_records;
extern const struct record_format tsv_records;
extern const struct record_format json_records;

void record_clear(struct record *record);
void record_free(struct record *record);

/* False and an error of the reader, where there is no memory or too much. */
bool record_reserve(struct reader *r, struct record *record, size_t len);
bool record_add(struct reader *r, struct record *record, char byte);
struct field *record_field(struct reader *r, struct record *record);

#endif /* VECDB_RECORD_H */
