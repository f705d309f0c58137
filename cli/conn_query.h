/*
 * conn_query.h
 *	  Statements that end the program when the server says anything but yes.
 */
#ifndef VECDB_CONN_QUERY_H
#define VECDB_CONN_QUERY_H

#include <libpq-fe.h>

void conn_command(PGconn *conn, const char *sql);
void conn_commit(PGconn *conn);
PGresult *conn_query(PGconn *conn, const char *sql, int count,
					 const char *const *values);
char *conn_value(PGconn *conn, const char *sql, int count,
				 const char *const *values);
/* Waits for what was sent; of several results, the first. */
PGresult *conn_result(PGconn *conn);
void conn_check(PGconn *conn, PGresult *result);

/* Tells of an error, and leaves what to do to the caller. */
void conn_report(PGconn *conn, const PGresult *result);

#endif /* VECDB_CONN_QUERY_H */
