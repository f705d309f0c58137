/*
 * shown.c
 *	  See shown.h.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conn_query.h"
#include "quote.h"
#include "shown.h"

/* Append "column, " to a list in fresh memory. */
static char *
append_column(char *list, const char *quoted)
{
	return append(append(list, quoted), ", ");
}

/* The columns of --show, each of which must exist. */
static char *
chosen_columns(const struct shown *s)
{
	char *names = xstrdup(s->show);
	char *list = xstrdup("");
	char *rest = names;
	char *name;

	while ((name = strsep(&rest, ",")) != NULL)
	{
		struct column column = column_find(s->conn, s->table, name);

		if (!column.found)
			fail(CODE_INPUT, "table %s has no column \"%s\"", s->table->name,
				 name);
		list = append_column(list, column.quoted);
		column_free(&column);
	}
	free(names);
	return list;
}

/* All columns that hold no vectors. */
static char *
other_columns(const struct shown *s)
{
	static const char *const sql =
		"SELECT a.attname FROM pg_catalog.pg_attribute a"
		" JOIN pg_catalog.pg_type d ON d.oid = a.atttypid"
		" JOIN pg_catalog.pg_type t ON t.oid = " BASE_TYPE
		" WHERE a.attrelid = $1::pg_catalog.regclass::pg_catalog.oid"
		" AND a.attnum > 0"
		" AND NOT a.attisdropped"
		" AND t.typname NOT IN ('vector', 'halfvec', 'sparsevec')"
		" ORDER BY a.attnum";
	const char *values[] = {s->table->quoted};
	PGresult *result = conn_query(s->conn, sql, 1, values);
	char *list = xstrdup("");

	for (int i = 0; i < PQntuples(result); i++)
	{
		char *quoted = quote_name(s->conn, PQgetvalue(result, i, 0));

		list = append_column(list, quoted);
		free(quoted);
	}
	PQclear(result);
	return list;
}

/* Without --show: what tells rows apart, in tables of any making. */
static char *
usual_columns(const struct shown *s)
{
	struct column id = column_find(s->conn, s->table, "id");
	struct column label = column_find(s->conn, s->table, s->label_name);
	char *list = label.found ? xstrdup("") : other_columns(s);

	if (label.found && id.found)
		list = append_column(list, id.quoted);
	if (label.found)
		list = append_column(list, label.quoted);
	column_free(&id);
	column_free(&label);
	return list[0] != '\0' ? list : append_column(list, "ctid");
}

char *
shown_columns(const struct shown *s)
{
	return s->show != NULL ? chosen_columns(s) : usual_columns(s);
}
