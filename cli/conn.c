/*
 * conn.c
 *	  Opens and closes connections, and reports what goes wrong on them.
 *
 * Everything libpq can be told reaches it: the options of psql, a conninfo
 * string or URI in place of the database's name, environment variables,
 * service and password files.  An error of the server ends the program with
 * the documented code; the transaction is then rolled back by the server.
 *
 * SIGINT and SIGTERM cancel the first connection's statement by PQcancel(),
 * which may be called in a signal handler, and leave a flag; who has more
 * connections sees the flag and cancels those.  They are caught only while a
 * connection is open: before that, dying at once is the right answer.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conn.h"
#include "progress.h"
#include "prompt.h"

static PGconn *open_connections[MAX_CONNECTIONS];
static PGcancel *volatile cancel_request = NULL;
static volatile sig_atomic_t interrupted = 0;

bool
conn_option(struct conn_options *options, int opt, char *arg)
{
	switch (opt)
	{
		case 'h':
			options->host = arg;
			return true;
		case 'p':
			options->port = arg;
			return true;
		case 'U':
			options->user = arg;
			return true;
		case 'd':
			options->dbname = arg;
			return true;
		case 'w':
			options->password = PASSWORD_NEVER;
			return true;
		case 'W':
			options->password = PASSWORD_ALWAYS;
			return true;
		default:
			return false;
	}
}

void
conn_help(void)
{
	printf("\nConnection options:\n"
		   "  -d, --dbname=DBNAME      database, conninfo string or URI\n"
		   "  -h, --host=HOSTNAME      server's host or socket directory\n"
		   "  -p, --port=PORT          server's port\n"
		   "  -U, --username=USERNAME  user name\n"
		   "  -w, --no-password        never prompt for a password\n"
		   "  -W, --password           prompt before connecting\n"
		   "What is not given comes from the environment (PGHOST, PGUSER,\n"
		   "PGSERVICE, PGSSLMODE, ...), as for psql.\n");
}

static void
handle_signal(int signo)
{
	int saved_errno = errno;
	char message[256];

	(void) signo;
	interrupted = 1;
	if (cancel_request != NULL)
		(void) PQcancel(cancel_request, message, sizeof(message));
	errno = saved_errno;
}

/* No SA_RESTART: a read() that waits for input must come back. */
static void
catch_signals(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handle_signal;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool
conn_interrupted(void)
{
	return interrupted != 0;
}

static void
close_all(void)
{
	for (int i = 0; i < MAX_CONNECTIONS; i++)
		conn_close(open_connections[i]);
}

static void
remember(PGconn *conn)
{
	static bool registered = false;

	if (!registered)
		atexit(close_all);
	registered = true;
	for (int i = 0; i < MAX_CONNECTIONS; i++)
	{
		if (open_connections[i] != NULL)
			continue;
		open_connections[i] = conn;
		return;
	}
}

void
conn_close(PGconn *conn)
{
	if (conn == NULL)
		return;
	for (int i = 0; i < MAX_CONNECTIONS; i++)
	{
		if (open_connections[i] != conn)
			continue;
		open_connections[i] = NULL;
		if (i == 0)
		{
			PGcancel *request = cancel_request;

			cancel_request = NULL;
			PQfreeCancel(request);
		}
	}
	PQfinish(conn);
}

static void
print_lines(const char *text)
{
	while (*text != '\0')
	{
		int len = (int) strcspn(text, "\n");

		fprintf(stderr, "vecdb: %.*s\n", len, text);
		text += len;
		text += *text == '\n';
	}
}

static void
receive_notice(void *arg, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *advice = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

	(void) arg;
	progress_clear();
	fprintf(stderr, "vecdb: %s:  %s\n", severity ? severity : "NOTICE",
			text ? text : "");
	if (advice != NULL)
		hint("%s", advice);
}

static PGconn *
attempt(const struct conn_options *options, const char *password)
{
	/*
	 * As in psql, dbname comes after the options, so that what a conninfo
	 * string says wins over them.
	 */
	const char *const keywords[] = {"host",
									"port",
									"user",
									"password",
									"dbname",
									"fallback_application_name",
									"client_encoding",
									NULL};
	const char *const values[] = {
		options->host,	 options->port, options->user, password,
		options->dbname, "vecdb",		"UTF8",		   NULL};
	PGconn *conn = PQconnectdbParams(keywords, values, 1);

	if (conn == NULL)
		fail(CODE_CONNECTION, "out of memory");
	return conn;
}

static void
require_open(PGconn *conn)
{
	if (PQstatus(conn) != CONNECTION_OK)
	{
		print_lines(PQerrorMessage(conn));
		PQfinish(conn);
		exit(CODE_CONNECTION);
	}
	PQsetNoticeReceiver(conn, receive_notice, NULL);
	remember(conn);
}

PGconn *
conn_open(const struct conn_options *options)
{
	char *password = NULL;
	PGconn *conn;

	if (options->password == PASSWORD_ALWAYS)
		password = prompt_password();
	conn = attempt(options, password);
	if (PQstatus(conn) == CONNECTION_BAD && password == NULL &&
		PQconnectionNeedsPassword(conn) && options->password != PASSWORD_NEVER)
	{
		PQfinish(conn);
		password = prompt_password();
		conn = attempt(options, password);
	}
	free(password);
	require_open(conn);
	cancel_request = PQgetCancel(conn);
	catch_signals();
	return conn;
}

/*
 * Another connection to the very server that the first one reached, which
 * matters when several hosts were given.  It may have failed.
 */
static PGconn *
connect_again(PGconn *first)
{
	PQconninfoOption *info = PQconninfo(first);
	const char *keywords[64];
	const char *values[64];
	int n = 0;
	PGconn *conn;

	if (info == NULL)
		fail(CODE_CONNECTION, "out of memory");
	for (PQconninfoOption *o = info; o->keyword != NULL && n < 63; o++)
	{
		const char *value = o->val;

		if (strcmp(o->keyword, "host") == 0)
			value = PQhost(first);
		else if (strcmp(o->keyword, "hostaddr") == 0)
			value = PQhostaddr(first);
		else if (strcmp(o->keyword, "port") == 0)
			value = PQport(first);
		if (value == NULL || value[0] == '\0')
			continue;
		keywords[n] = o->keyword;
		values[n++] = value;
	}
	keywords[n] = values[n] = NULL;
	conn = PQconnectdbParams(keywords, values, 0);
	PQconninfoFree(info);
	if (conn == NULL)
		fail(CODE_CONNECTION, "out of memory");
	return conn;
}

/* For a connection that can be done without: NULL when it cannot be had. */
PGconn *
conn_clone(PGconn *first)
{
	PGconn *conn = connect_again(first);

	if (PQstatus(conn) != CONNECTION_OK)
	{
		PQfinish(conn);
		return NULL;
	}
	remember(conn);
	return conn;
}

PGconn *
conn_clone_or_fail(PGconn *first)
{
	PGconn *conn = connect_again(first);

	require_open(conn);
	return conn;
}

/* Ask the server to end the statement that runs on this connection. */
void
conn_cancel(PGconn *conn)
{
	PGcancel *request = PQgetCancel(conn);
	char message[256];

	if (request != NULL)
		(void) PQcancel(request, message, sizeof(message));
	PQfreeCancel(request);
}

/* The code for a failure that was seen on this connection. */
int
conn_exit_code(PGconn *conn)
{
	if (interrupted)
		return CODE_INTERRUPTED;
	return PQstatus(conn) == CONNECTION_OK ? CODE_SERVER : CODE_CONNECTION;
}

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
		print_lines(PQerrorMessage(conn));
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
		if (interrupted)
			fail(CODE_INTERRUPTED, "interrupted");
		return;
	}
	conn_report(conn, result);
	exit(conn_exit_code(conn));
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

char *
quote_name(PGconn *conn, const char *name)
{
	char *quoted = PQescapeIdentifier(conn, name, strlen(name));
	char *copy;

	if (quoted == NULL)
		fail(CODE_INPUT, "invalid name \"%s\": %s", name, PQerrorMessage(conn));
	copy = xstrdup(quoted);
	PQfreemem(quoted);
	return copy;
}

/*
 * Cut one part off a possibly qualified name and return it.  Parts are taken
 * as they are written, without folding of case; one that holds a dot is put
 * in double quotes, as in SQL.
 */
static char *
take_part(const char **name)
{
	const char *in = *name;
	char *part = xmalloc(strlen(in) + 1);
	char *out = part;
	bool quoted = false;

	for (; *in != '\0' && (quoted || *in != '.'); in++)
	{
		if (*in != '"')
			*out++ = *in;
		else if (quoted && in[1] == '"')
			*out++ = *in++;
		else
			quoted = !quoted;
	}
	*out = '\0';
	if (out == part || quoted || (*in == '.' && in[1] == '\0'))
		fail(CODE_INPUT, "invalid name: \"%s\"", *name);
	*name = *in == '.' ? in + 1 : in;
	return part;
}

/* A name such as tab or schema.tab, quoted for use in SQL. */
char *
quote_qualified(PGconn *conn, const char *name)
{
	char *part = take_part(&name);
	char *quoted = quote_name(conn, part);

	free(part);
	while (*name != '\0')
	{
		char *next;
		char *longer;

		part = take_part(&name);
		next = quote_name(conn, part);
		longer = format("%s.%s", quoted, next);
		free(part);
		free(next);
		free(quoted);
		quoted = longer;
	}
	return quoted;
}
