/*
 * plan.h
 *	  Which indexes give a search its order.
 */
#ifndef VECDB_PLAN_H
#define VECDB_PLAN_H

#include <libpq-fe.h>

#include "query.h"

struct plan
{
	char **indexes; /* names, quoted where SQL wants it */
	int count;		/* 0: the rows are read and sorted */
};

void plan_ask(struct plan *plan, PGconn *conn, const char *sql,
			  const struct query *query);
void plan_free(struct plan *plan);

#endif /* VECDB_PLAN_H */
