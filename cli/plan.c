/*
 * plan.c
 *	  Asks the planner which indexes give a search its order: the index scans
 *	  that EXPLAIN shows with an "Order By".  One over a condition, which is
 *	  sorted afterwards, does not count.  A partitioned table has one for
 *	  each partition.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "plan.h"

/* Bytes of the name at the start of text, with its quotes if it has some. */
static size_t
name_length(const char *text)
{
	size_t len = 1;

	if (text[0] != '"')
		return strcspn(text, " ");
	while (text[len] != '\0' && (text[len] != '"' || text[len + 1] == '"'))
		len += text[len] == '"' ? 2 : 1;
	return text[len] == '"' ? len + 1 : len;
}

static void
add_index(struct plan *plan, const char *text)
{
	plan->indexes =
		xrealloc(plan->indexes, sizeof(char *) * (size_t) (plan->count + 1));
	plan->indexes[plan->count++] =
		format("%.*s", (int) name_length(text), text);
}

/* The details of a node follow its own line, before the next node's. */
static void
read_plan(struct plan *plan, const PGresult *lines)
{
	static const char scan[] = "Index Scan using ";
	static const char order[] = "Order By: ";
	const char *index = NULL;

	for (int r = 0; r < PQntuples(lines); r++)
	{
		const char *line = PQgetvalue(lines, r, 0);
		const char *at;

		line += strspn(line, " ");
		if (index != NULL && strncmp(line, order, sizeof(order) - 1) == 0)
			add_index(plan, index);
		else if (strncmp(line, "->", 2) != 0 && r > 0)
			continue;
		at = strstr(line, scan);
		index = at == NULL ? NULL : at + sizeof(scan) - 1;
	}
}

/* sql is a search with the query's vector as its parameter. */
void
plan_ask(struct plan *plan, PGconn *conn, const char *sql,
		 const struct query *query)
{
	char *explain = format("EXPLAIN (COSTS OFF) %s", sql);
	PGresult *lines = query_run(query, conn, explain, 0);

	plan->indexes = NULL;
	plan->count = 0;
	read_plan(plan, lines);
	PQclear(lines);
	free(explain);
}

void
plan_free(struct plan *plan)
{
	for (int i = 0; i < plan->count; i++)
		free(plan->indexes[i]);
	free(plan->indexes);
}
