/*
 * conn_query.c
 *	  Statements on a connection, and what the server says about them.  An
 *	  error ends the program with the documented code; the transaction is then
 *	  rolled back by the server.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "conn.h"
#include "conn_query.h"
#include "progress.h"

/* Print the server's error, or libpq's where the server sent none. */
void
conn_report(PGconn *conn, const PGresult *result)
{
	static const struct
	{
		int field;
		const char *label;
	} parts[] = {
		{PG_DIAG_MESSAGE_DETAIL, "DETAIL"},
		{PG_DIAG_MESSAGE_HINT, "HINT"},
		{PG_DIAG_CONTEXT, "CONTEXT"},
	};
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	progress_clear();
	if (text == NULL)
	{
		complain_lines(PQerrorMessage(conn));
		return;
	}
	fprintf(stderr, "vecdb: %s (SQLSTATE %s)\n", text, state ? state : "?");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
	{
		const char *part = PQresultErrorField(result, parts[i].field);

		if (part != NULL)
			fprintf(stderr, "vecdb: %s:  %s\n", parts[i].label, part);
	}
}

void
conn_check(PGconn *conn, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
		status == PGRES_COPY_IN)
	{
		if (conn_interrupted())
			fail(CODE_INTERRUPTED, "interrupted");
		return;
	}
	conn_report(conn, result);
	exit(conn_exit_code(conn));
}

PGresult *
conn_result(PGconn *conn)
{
	PGresult *result = PQgetResult(conn);
	PGresult *extra;

	while ((extra = PQgetResult(conn)) != NULL)
		PQclear(extra);
	return result;
}

void
conn_command(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);

	conn_check(conn, result);
	PQclear(result);
}

/* What is committed stays so, even if Ctrl-C came a moment too late. */
void
conn_commit(PGconn *conn)
{
	PGresult *result = PQexec(conn, "COMMIT");

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
	{
		conn_report(conn, result);
		exit(conn_exit_code(conn));
	}
	PQclear(result);
}

PGresult *
conn_query(PGconn *conn, const char *sql, int count, const char *const *values)
{
	PGresult *result =
		PQexecParams(conn, sql, count, NULL, values, NULL, NULL, 0);

	conn_check(conn, result);
	return result;
}

/* The first column of the first row, or NULL. */
char *
conn_value(PGconn *conn, const char *sql, int count, const char *const *values)
{
	PGresult *result = conn_query(conn, sql, count, values);
	char *value = NULL;

	if (PQntuples(result) > 0 && !PQgetisnull(result, 0, 0))
		value = xstrdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return value;
}
