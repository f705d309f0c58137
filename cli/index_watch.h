/*
 * index_watch.h
 *	  Runs a CREATE INDEX and shows how far the server says it is.
 */
#ifndef VECDB_INDEX_WATCH_H
#define VECDB_INDEX_WATCH_H

#include <libpq-fe.h>

#include "progress.h"

/* The statement's result; without a watcher, nothing is shown. */
PGresult *watch_build(PGconn *conn, PGconn *watcher, const char *sql,
					  struct progress *progress);

#endif /* VECDB_INDEX_WATCH_H */
