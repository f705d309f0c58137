/*
 * copy.h
 *	  COPY FROM STDIN for rows of an optional label, cells and a vector: in
 *	  binary format, or as text, so that the server reads cells of any type.
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
	bool as_text;
	const struct encoding *encoding;
	int dims;
	char *buffer;
	size_t used;
	size_t size;
};

/* What c's first members, up to dims, say has to be there before. */
void copy_begin(struct copy *c, const char *sql);
bool copy_row(struct copy *c, const struct row *row);

/*
 * False when the server refused a row, of which it is told; then *row is the
 * number that the server names, from 1, or 0.
 */
bool copy_finish(struct copy *c, uint64_t *row);
void copy_abandon(struct copy *c, const char *reason);

#endif /* VECDB_COPY_H */
