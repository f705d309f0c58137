/*
 * copy.c
 *	  Writes PostgreSQL's binary COPY format: a fixed header, then per row a
 *	  count of fields and for each its length and its bytes, then -1.  All
 *	  integers are in network order.  Or its text format: fields with tabs
 *	  between them, \N for null, and backslashes before what has a meaning.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conn_query.h"
#include "copy.h"

/* Sent in pieces of this size; larger ones gain nothing. */
#define CHUNK (64 * 1024)

static const char signature[] = "PGCOPY\n\377\r\n\0";

static void
put_bytes(struct copy *c, const void *bytes, size_t len)
{
	memcpy(c->buffer + c->used, bytes, len);
	c->used += len;
}

static void
put_int16(struct copy *c, int value)
{
	uint16_t bits = (uint16_t) value;
	unsigned char b[] = {(unsigned char) (bits >> 8), (unsigned char) bits};

	put_bytes(c, b, sizeof(b));
}

static void
put_int32(struct copy *c, uint32_t value)
{
	unsigned char b[] = {(unsigned char) (value >> 24),
						 (unsigned char) (value >> 16),
						 (unsigned char) (value >> 8), (unsigned char) value};

	put_bytes(c, b, sizeof(b));
}

static bool
flush(struct copy *c)
{
	bool sent = PQputCopyData(c->conn, c->buffer, (int) c->used) == 1;

	c->used = 0;
	return sent;
}

/* Room for len more bytes, whatever the chunk's size. */
static void
reserve(struct copy *c, size_t len)
{
	if (c->used + len <= c->size)
		return;
	c->size = c->used + len;
	c->buffer = xrealloc(c->buffer, c->size);
}

void
copy_begin(struct copy *c, const char *sql)
{
	conn_command(c->conn, sql);
	c->used = 0;
	c->size = 2 * CHUNK;
	c->buffer = xmalloc(c->size);
	if (c->as_text)
		return;
	put_bytes(c, signature, sizeof(signature) - 1);
	put_int32(c, 0); /* flags */
	put_int32(c, 0); /* length of the header's extension */
}

/* A field of the text format; NULL is null. */
static void
put_text(struct copy *c, const char *text, size_t len)
{
	static const char special[] = "\\\b\f\n\r\t\v";
	static const char letters[] = "\\bfnrtv";
	char *out;

	reserve(c, 2 * len + 3);
	out = c->buffer + c->used;
	for (size_t i = 0; text != NULL && i < len; i++)
	{
		const char *found = text[i] == '\\' || (unsigned char) text[i] < 0x20
								? strchr(special, text[i])
								: NULL;

		if (found != NULL)
			*out++ = '\\';
		*out++ = found != NULL ? letters[found - special] : text[i];
	}
	c->used = (size_t) (out - c->buffer);
	if (text == NULL)
		put_bytes(c, "\\N", 2);
	put_bytes(c, "\t", 1);
}

static void
put_text_row(struct copy *c, const struct row *row)
{
	if (c->labelled)
		put_text(c, row->label, row->label_len);
	for (int i = 0; i < row->cell_count; i++)
		put_text(c, row->cells[i].text, row->cells[i].len);
	reserve(c, c->encoding->text_size(c->dims) + 3);
	if (row->no_vector)
		put_bytes(c, "\\N", 2);
	else
		c->used +=
			c->encoding->put_text(c->buffer + c->used, row->values, c->dims);
	put_bytes(c, "\n", 1);
}

static void
put_binary_row(struct copy *c, const struct row *row)
{
	size_t vector_len;

	reserve(c, 2 + 4 + row->label_len + 4 + c->encoding->size(c->dims));
	put_int16(c, c->labelled ? 2 : 1);
	if (c->labelled)
	{
		put_int32(c, (uint32_t) row->label_len);
		put_bytes(c, row->label, row->label_len);
	}
	/* Its length stands before it. */
	vector_len = c->encoding->put((unsigned char *) c->buffer + c->used + 4,
								  row->values, c->dims);
	put_int32(c, (uint32_t) vector_len);
	c->used += vector_len;
}

/* False when the connection was lost. */
bool
copy_row(struct copy *c, const struct row *row)
{
	if (c->as_text)
		put_text_row(c, row);
	else
		put_binary_row(c, row);
	return c->used < CHUNK || flush(c);
}

/* "COPY t, line 12, column c: ..." is the last line of an error's context. */
static uint64_t
row_of_error(const PGresult *result)
{
	const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
	const char *at = context == NULL ? NULL : strstr(context, "COPY ");
	unsigned long long row = 0;

	/* The table's name is the user's own, and may look like a number too. */
	while (at != NULL && (at = strstr(at, ", line ")) != NULL)
		if (sscanf(++at, " line %llu", &row) == 1)
			break;
	return row;
}

bool
copy_finish(struct copy *c, uint64_t *row)
{
	PGresult *result;
	bool refused;

	if (!c->as_text)
		put_int16(c, -1);
	/* Whatever fails here shows in the result. */
	if (flush(c))
		(void) PQputCopyEnd(c->conn, NULL);
	result = conn_result(c->conn);
	refused = PQresultStatus(result) == PGRES_FATAL_ERROR && c->as_text &&
			  (*row = row_of_error(result)) > 0;
	if (refused)
		conn_report(c->conn, result);
	else
		conn_check(c->conn, result);
	PQclear(result);
	free(c->buffer);
	c->buffer = NULL;
	return !refused;
}

/* Make the server fail the COPY; its complaint about that is no news. */
void
copy_abandon(struct copy *c, const char *reason)
{
	if (PQstatus(c->conn) == CONNECTION_OK)
		(void) PQputCopyEnd(c->conn, reason);
	PQclear(conn_result(c->conn));
	free(c->buffer);
	c->buffer = NULL;
}
