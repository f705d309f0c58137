/*
 * conn_options.c
 *	  See conn_options.h.
 */
#include "conn_options.h"

#define PLACE(member) .place = offsetof(struct conn_options, member)

static const struct option_row rows[] = {
	{"dbname", 'd', "DBNAME", NULL, "database, conninfo string or URI",
	 option_text, PLACE(dbname)},
	{"host", 'h', "HOSTNAME", NULL, "server's host or socket directory",
	 option_text, PLACE(host)},
	{"port", 'p', "PORT", NULL, "server's port", option_text, PLACE(port)},
	{"username", 'U', "USERNAME", NULL, "user name", option_text, PLACE(user)},
	{"no-password", 'w', NULL, NULL, "never prompt for a password",
	 option_choice, PLACE(password), .low = PASSWORD_NEVER},
	{"password", 'W', NULL, NULL, "prompt before connecting", option_choice,
	 PLACE(password), .low = PASSWORD_ALWAYS},
};

const struct option_group conn_option_group =
	OPTION_GROUP("\nConnection options:\n", rows,
				 "What is not given comes from the environment (PGHOST, "
				 "PGUSER,\nPGSERVICE, PGSSLMODE, ...), as for psql.\n");
