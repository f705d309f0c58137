/*
 * conn.h
 *	  The connection to the server: its options, its life, its errors, and
 *	  how Ctrl-C reaches it.
 */
#ifndef VECDB_CONN_H
#define VECDB_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>

#define MAX_CONNECTIONS 257 /* at a time */

struct conn_options
{
	const char *host;
	const char *port;
	const char *user;
	const char *dbname; /* a name, a conninfo string or a URI */
	enum
	{
		PASSWORD_WHEN_ASKED,
		PASSWORD_NEVER,
		PASSWORD_ALWAYS
	} password;
};

/* Every subcommand splices these into its own getopt_long() tables. */
#define CONN_SHORT_OPTIONS "h:p:U:d:wW"
#define CONN_LONG_OPTIONS                                                      \
	{"host", required_argument, NULL, 'h'},                                    \
		{"port", required_argument, NULL, 'p'},                                \
		{"username", required_argument, NULL, 'U'},                            \
		{"dbname", required_argument, NULL, 'd'},                              \
		{"no-password", no_argument, NULL, 'w'},                               \
	{                                                                          \
		"password", no_argument, NULL, 'W'                                     \
	}

bool conn_option(struct conn_options *options, int opt, char *arg);
void conn_help(void);

PGconn *conn_open(const struct conn_options *options);
PGconn *conn_clone(PGconn *conn);
PGconn *conn_clone_or_fail(PGconn *conn);
void conn_cancel(PGconn *conn);
void conn_close(PGconn *conn);
bool conn_interrupted(void);

/* These end the program when the server says anything but yes. */
void conn_command(PGconn *conn, const char *sql);
void conn_commit(PGconn *conn);
PGresult *conn_query(PGconn *conn, const char *sql, int count,
					 const char *const *values);
char *conn_value(PGconn *conn, const char *sql, int count,
				 const char *const *values);
void conn_check(PGconn *conn, PGresult *result);
void conn_report(PGconn *conn, const PGresult *result);
int conn_exit_code(PGconn *conn);

char *quote_name(PGconn *conn, const char *name);
char *quote_qualified(PGconn *conn, const char *name);

#endif /* VECDB_CONN_H */
