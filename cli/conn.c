/*
 * conn.c
 *	  Opens and closes connections, and lets Ctrl-C reach them.
 *
 * Everything libpq can be told reaches it: the options of psql, a conninfo
 * string or URI in place of the database's name, environment variables,
 * service and password files.
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
		complain_lines(PQerrorMessage(conn));
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
