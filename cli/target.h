/*
 * target.h
 *	  What the catalogs say about the table and columns a user named.
 */
#ifndef VECDB_TARGET_H
#define VECDB_TARGET_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "options.h"

struct table
{
	const char *name; /* as given, for messages */
	char *quoted;	  /* for use in SQL */
};

struct column
{
	char *name;	  /* as given */
	char *quoted; /* for use in SQL */
	bool found;
	char *type;	  /* "vector", "text", ...; of a domain, what it is over */
	char *schema; /* of the type, quoted; operators are there */
	int modifier; /* a vector's dimensions, -1 for any */
	bool is_text;
};

/* A distance the index and the search know. */
struct metric
{
	const char *name;
	const char *operator; /* classes are called <type>_<name>_ops */
};

struct table table_named(PGconn *conn, const char *name);
void table_free(struct table *table);
bool table_exists(PGconn *conn, const struct table *table);
void table_require(PGconn *conn, const struct table *table);
struct column column_find(PGconn *conn, const struct table *table,
						  const char *name);
void column_require(const struct table *table, const struct column *column,
					const char *option);
struct column column_of_vectors(PGconn *conn, const struct table *table,
								const char *name);
void column_free(struct column *column);
char *column_distance(const struct column *column, const struct metric *metric);
char *vector_schema(PGconn *conn);

void option_metric(const struct option_row *row, const char *command,
				   const char *text, void *place);
const struct metric *metric_of_index(PGconn *conn, const struct table *table,
									 const char *column);

/* The number of a domain's type, or of the type d of pg_type itself. */
#define BASE_TYPE "CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END"

#define DEFAULT_METRIC "cosine"
#define LARGEST_PROBES 1048576 /* of ivfflat.probes */

#endif /* VECDB_TARGET_H */
