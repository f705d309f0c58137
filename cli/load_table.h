/*
 * load_table.h
 *	  The table that vecdb load fills: made, emptied or refused before the
 *	  first row goes there.
 */
#ifndef VECDB_LOAD_TABLE_H
#define VECDB_LOAD_TABLE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/reader.h"
#include "encoding.h"
#include "target.h"

/* What to do with a table that is there already and has rows. */
enum existing
{
	KEEP_OUT,
	APPEND,
	TRUNCATE,
	DROP
};

struct load_table
{
	const char *name;
	const char *column_name;
	const char *label_name;
	int existing; /* enum existing */

	PGconn *conn;
	struct table table;
	char *column; /* quoted */
	char *label;  /* quoted */
	bool created;
	const struct encoding *encoding; /* of the column */
};

void load_table_find(struct load_table *t, PGconn *conn);
void load_table_prepare(struct load_table *t, const struct reader *r);

/* The columns that take a row's values, for COPY, in fresh memory. */
char *load_table_columns(struct load_table *t, const struct reader *r);
void load_table_free(struct load_table *t);

#endif /* VECDB_LOAD_TABLE_H */
