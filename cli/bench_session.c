/*
 * bench_session.c
 *	  What vecdb bench sends: the statements that bring a session to a setting,
 *	  and the search itself.
 */
#include <stdlib.h>

#include "bench_state.h"
#include "cli.h"
#include "quote.h"

const char *
setting_name(const struct setting *setting)
{
	static const char *const names[] = {[AS_IS] = "default",
										[PROBES] = "probes",
										[TARGET_RECALL] = "target_recall",
										[EXACT] = "exact"};

	return names[setting->kind];
}

/* Append the statement that sets a parameter. */
static char *
append_set(char *sql, PGconn *conn, const char *name, const char *value)
{
	char *quoted_name = quote_literal(conn, name);
	char *quoted = quote_literal(conn, value);
	char *longer = format("%s; SELECT pg_catalog.set_config(%s, %s, false)",
						  sql, quoted_name, quoted);

	free(quoted_name);
	free(quoted);
	free(sql);
	return longer;
}

/* The statements that bring a session to a setting, whatever was set before. */
char *
bench_session(const struct bench *b, const struct setting *setting)
{
	char *sql = xstrdup("RESET ALL");

	for (int i = 0; i < b->assignment_count; i++)
		sql = append_set(sql, b->conn, b->assignments[i].name,
						 b->assignments[i].value);
	switch (setting->kind)
	{
		case AS_IS:
			break;
		case PROBES:
			sql = append_set(sql, b->conn, "ivfflat.probes", setting->value);
			break;
		case TARGET_RECALL:
			sql = append_set(sql, b->conn, "ivfflat.probes", "0");
			sql = append_set(sql, b->conn, "ivfflat.target_recall",
							 setting->value);
			break;
		case EXACT:
			sql = append_set(sql, b->conn, "enable_indexscan", "off");
			sql = append_set(sql, b->conn, "enable_seqscan", "on");
			sql = append_set(sql, b->conn, "enable_sort", "on");
			break;
	}
	return sql;
}

/*
 * The search, with the query as its parameter.  tableoid and ctid name the
 * row; the distance costs nothing, since the server computes what it orders
 * by in any case.  The condition may end with a comment.
 */
char *
bench_statement(const struct bench *b, long limit)
{
	char *distance = column_distance(&b->column, b->metric);
	bool all = b->condition == NULL;
	char *sql =
		format("SELECT tableoid, ctid, %s AS distance FROM %s%s%s%s"
			   " ORDER BY %s LIMIT %ld",
			   distance, b->table.quoted, all ? "" : " WHERE (",
			   all ? "" : b->condition, all ? "" : "\n)", distance, limit);

	free(distance);
	return sql;
}
