/*
 * query.h
 *	  The vector to search by, as a parameter of a statement.
 */
#ifndef VECDB_QUERY_H
#define VECDB_QUERY_H

#include <libpq-fe.h>

#include "target.h"

struct query
{
	char *value;
	int length; /* of a binary value */
	int binary; /* the parameter's format, as libpq has it */
	int dims;	/* of a value given as text */
};

void query_parse(struct query *q, const char *text);
void query_check(const struct query *q, const struct table *table,
				 const struct column *column);
void query_of_word(struct query *q, PGconn *conn, const struct table *table,
				   const struct column *column, const char *label_name,
				   const char *word);
PGresult *query_run(const struct query *q, PGconn *conn, const char *sql,
					int binary);
void query_free(struct query *q);

#endif /* VECDB_QUERY_H */
