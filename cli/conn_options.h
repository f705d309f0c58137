/*
 * conn_options.h
 *	  Where to connect, and the options that say so: those of psql.
 */
#ifndef VECDB_CONN_OPTIONS_H
#define VECDB_CONN_OPTIONS_H

#include "options.h"

enum password
{
	PASSWORD_WHEN_ASKED,
	PASSWORD_NEVER,
	PASSWORD_ALWAYS
};

/* The first member of every command's values. */
struct conn_options
{
	const char *host;
	const char *port;
	const char *user;
	const char *dbname; /* a name, a conninfo string or a URI */
	int password;		/* enum password */
};

extern const struct option_group conn_option_group;

#endif /* VECDB_CONN_OPTIONS_H */
