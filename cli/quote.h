/*
 * quote.h
 *	  Names of the user's as SQL wants them.
 */
#ifndef VECDB_QUOTE_H
#define VECDB_QUOTE_H

#include <libpq-fe.h>

char *quote_name(PGconn *conn, const char *name);
char *quote_literal(PGconn *conn, const char *text);
char *quote_qualified(PGconn *conn, const char *name);

#endif /* VECDB_QUOTE_H */
