/*
 * copy.h
 *	  COPY FROM STDIN in binary format, for rows of an optional label and a
 *	  vector.
 */
#ifndef VECDB_COPY_H
#define VECDB_COPY_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/reader.h"
#include "encoding.h"

struct copy
{
	PGconn *conn;
	bool labelled;
	const struct encoding *encoding;
	int dims;
	char *buffer;
	size_t used;
	size_t size;
};

void copy_begin(struct copy *c, PGconn *conn, const char *sql, bool labelled,
				const struct encoding *encoding, int dims);
bool copy_row(struct copy *c, const struct row *row);
void copy_finish(struct copy *c);
void copy_abandon(struct copy *c, const char *reason);

#endif /* VECDB_COPY_H */
