/*
 * target.c
 *	  Looks up tables, columns and metrics in the catalogs, so that mistakes
 *	  are told in the user's terms and so that types and operators are found
 *	  in whatever schema the extension was put.  Values are compared with those
 *	  of their own type: for two types somebody else may have an operator.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conn_query.h"
#include "quote.h"
#include "target.h"

static const struct metric metrics[] = {
	{"l2", "<->"},
	{"ip", "<#>"},
	{"cosine", "<=>"},
};

#define METRIC_COUNT (sizeof(metrics) / sizeof(metrics[0]))

struct table
table_named(PGconn *conn, const char *name)
{
	struct table table = {.name = name, .quoted = quote_qualified(conn, name)};

	return table;
}

void
table_free(struct table *table)
{
	free(table->quoted);
}

bool
table_exists(PGconn *conn, const struct table *table)
{
	const char *values[] = {table->quoted};
	char *oid =
		conn_value(conn, "SELECT pg_catalog.to_regclass($1)::oid", 1, values);
	bool exists = oid != NULL;

	free(oid);
	return exists;
}

void
table_require(PGconn *conn, const struct table *table)
{
	if (!table_exists(conn, table))
		fail(CODE_INPUT, "table %s does not exist", table->name);
}

struct column
column_find(PGconn *conn, const struct table *table, const char *name)
{
	static const char *const sql =
		"SELECT t.typname, pg_catalog.quote_ident(n.nspname),"
		" GREATEST(a.atttypmod, d.typtypmod), t.typcategory = 'S'"
		" FROM pg_catalog.pg_attribute a"
		" JOIN pg_catalog.pg_type d ON d.oid = a.atttypid"
		" JOIN pg_catalog.pg_type t ON t.oid = " BASE_TYPE
		" JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
		" WHERE a.attrelid = $1::pg_catalog.regclass::pg_catalog.oid"
		" AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped";
	const char *values[] = {table->quoted, name};
	struct column column = {.name = xstrdup(name)};
	PGresult *result = conn_query(conn, sql, 2, values);

	column.quoted = quote_name(conn, name);
	if (PQntuples(result) > 0)
	{
		column.found = true;
		column.type = xstrdup(PQgetvalue(result, 0, 0));
		column.schema = xstrdup(PQgetvalue(result, 0, 1));
		column.modifier = atoi(PQgetvalue(result, 0, 2));
		column.is_text = PQgetvalue(result, 0, 3)[0] == 't';
	}
	PQclear(result);
	return column;
}

void
column_require(const struct table *table, const struct column *column,
			   const char *option)
{
	if (column->found)
		return;
	complain("table %s has no column \"%s\"", table->name, column->name);
	hint("The option %s names another column.", option);
	exit(CODE_INPUT);
}

/* There must be operators for the column's type, and it must be there. */
struct column
column_of_vectors(PGconn *conn, const struct table *table, const char *name)
{
	static const char *const types[] = {"vector", "halfvec", "sparsevec"};
	struct column column = column_find(conn, table, name);

	column_require(table, &column, "--column");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], column.type) == 0)
			return column;
	fail(CODE_INPUT, "column \"%s\" of table %s is of type %s, expected vector",
		 name, table->name, column.type);
}

void
column_free(struct column *column)
{
	free(column->name);
	free(column->quoted);
	free(column->type);
	free(column->schema);
}

/* The distance between the column and a parameter, as an expression. */
char *
column_distance(const struct column *column, const struct metric *metric)
{
	return format("%s OPERATOR(%s.%s) $1::%s.%s", column->quoted,
				  column->schema, metric->operator, column->schema,
				  column->type);
}

/* The schema that holds the type vector, quoted. */
char *
vector_schema(PGconn *conn)
{
	char *schema = conn_value(conn,
							  "SELECT pg_catalog.quote_ident(n.nspname)"
							  " FROM pg_catalog.pg_type t"
							  " JOIN pg_catalog.pg_namespace n"
							  " ON n.oid = t.typnamespace"
							  " WHERE t.typname = 'vector'"
							  " AND t.typtype = 'b'"
							  " ORDER BY pg_catalog.pg_type_is_visible"
							  "(t.oid) DESC LIMIT 1",
							  0, NULL);

	if (schema != NULL)
		return schema;
	complain("database \"%s\" has no type \"vector\"", PQdb(conn));
	hint("Run CREATE EXTENSION vecdb; in this database first.");
	exit(CODE_SERVER);
}

static const struct metric *
metric_named(const char *name)
{
	for (size_t i = 0; name != NULL && i < METRIC_COUNT; i++)
		if (strcmp(metrics[i].name, name) == 0)
			return &metrics[i];
	return NULL;
}

void
option_metric(const struct option_row *row, const char *command,
			  const char *text, void *place)
{
	const struct metric *metric = metric_named(text);

	if (metric == NULL)
		usage_error(command, "--%s expects l2, ip or cosine, found \"%s\"",
					row->name, text);
	*(const struct metric **) place = metric;
}

/* The metric of a valid index on the column, else the default. */
const struct metric *
metric_of_index(PGconn *conn, const struct table *table, const char *column)
{
	static const char *const sql =
		"SELECT pg_catalog.split_part(o.opcname, '_', 2) FROM "
		"pg_catalog.pg_index i"
		" JOIN pg_catalog.pg_attribute a"
		" ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
		" JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0]"
		" WHERE i.indrelid = $1::pg_catalog.regclass::pg_catalog.oid"
		" AND a.attname = $2 AND i.indisvalid AND o.opcname"
		" OPERATOR(pg_catalog.~) '^[a-z]+_(l2|ip|cosine)_ops$'"
		" ORDER BY i.indexrelid";
	const char *values[] = {table->quoted, column};
	char *name = conn_value(conn, sql, 2, values);
	const struct metric *found =
		metric_named(name != NULL ? name : DEFAULT_METRIC);

	free(name);
	return found;
}
