/*
 * conn.h
 *	  Connections to the server: their lives, and how Ctrl-C reaches them.
 */
#ifndef VECDB_CONN_H
#define VECDB_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "conn_options.h"

#define MAX_CONNECTIONS 257 /* at a time */

PGconn *conn_open(const struct conn_options *options);
PGconn *conn_clone(PGconn *conn);
PGconn *conn_clone_or_fail(PGconn *conn);
void conn_cancel(PGconn *conn);
void conn_close(PGconn *conn);
bool conn_interrupted(void);

int conn_exit_code(PGconn *conn);

#endif /* VECDB_CONN_H */
