/*
 * copy.c
 *	  Writes PostgreSQL's binary COPY format: a fixed header, then per row a
 *	  count of fields and for each its length and its bytes, then -1.  All
 *	  integers are in network order.
 */
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
copy_begin(struct copy *c, PGconn *conn, const char *sql, bool labelled,
		   const struct encoding *encoding, int dims)
{
	conn_command(conn, sql);
	c->conn = conn;
	c->labelled = labelled;
	c->encoding = encoding;
	c->dims = dims;
	c->used = 0;
	c->size = 2 * CHUNK;
	c->buffer = xmalloc(c->size);
	put_bytes(c, signature, sizeof(signature) - 1);
	put_int32(c, 0); /* flags */
	put_int32(c, 0); /* length of the header's extension */
}

/* False when the connection was lost. */
bool
copy_row(struct copy *c, const struct row *row)
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
	return c->used < CHUNK || flush(c);
}

void
copy_finish(struct copy *c)
{
	PGresult *result;

	put_int16(c, -1);
	/* Whatever fails here shows in the result. */
	if (flush(c))
		(void) PQputCopyEnd(c->conn, NULL);
	result = conn_result(c->conn);
	conn_check(c->conn, result);
	PQclear(result);
	free(c->buffer);
	c->buffer = NULL;
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
