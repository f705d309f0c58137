/*
 * load_table.c
 *	  See load_table.h.
 */
#include <stdlib.h>

#include "cli.h"
#include "conn_query.h"
#include "load_table.h"
#include "quote.h"

void
load_table_find(struct load_table *t, PGconn *conn)
{
	t->conn = conn;
	t->table = table_named(conn, t->name);
	t->column = quote_name(conn, t->column_name);
	t->label = quote_name(conn, t->label_name);
}

static void
refuse_rows(struct load_table *t)
{
	char *sql = format("SELECT 1 FROM %s LIMIT 1", t->table.quoted);
	char *row = conn_value(t->conn, sql, 0, NULL);

	free(sql);
	if (row == NULL)
		return;
	complain("table %s already holds rows", t->table.name);
	hint("Use --append to add to them, --truncate or --drop to replace "
		 "them.");
	exit(CODE_INPUT);
}

/* The file against the columns that are to take it. */
static void
check_columns(struct load_table *t, const struct reader *r)
{
	struct column vectors =
		column_of_vectors(t->conn, &t->table, t->column_name);
	struct column labels = column_find(t->conn, &t->table, t->label_name);

	t->encoding = encoding_find(vectors.type);
	if (vectors.modifier > 0 && vectors.modifier != r->dims)
		fail(CODE_INPUT,
			 "column \"%s\" of table %s has %d dimensions, but "
			 "%s has %d",
			 t->column_name, t->table.name, vectors.modifier, r->path, r->dims);
	if (reader_labelled(r))
	{
		column_require(&t->table, &labels, "--word-column");
		if (!labels.is_text)
			fail(CODE_INPUT,
				 "column \"%s\" of table %s is of type %s, "
				 "expected text",
				 t->label_name, t->table.name, labels.type);
	}
	column_free(&vectors);
	column_free(&labels);
}

static void
create_table(struct load_table *t, const struct reader *r)
{
	char *schema = vector_schema(t->conn);
	char *label =
		reader_labelled(r) ? format("%s text, ", t->label) : xstrdup("");
	char *sql = format("CREATE TABLE %s (id bigserial PRIMARY KEY, "
					   "%s%s %s.vector(%d))",
					   t->table.quoted, label, t->column, schema, r->dims);

	conn_command(t->conn, sql);
	t->created = true;
	t->encoding = encoding_find("vector");
	free(sql);
	free(label);
	free(schema);
}

void
load_table_prepare(struct load_table *t, const struct reader *r)
{
	bool exists = table_exists(t->conn, &t->table);

	if (exists && (t->existing == DROP || t->existing == TRUNCATE))
	{
		char *sql =
			format("%s TABLE %s", t->existing == DROP ? "DROP" : "TRUNCATE",
				   t->table.quoted);

		conn_command(t->conn, sql);
		free(sql);
		exists = t->existing != DROP;
	}
	if (!exists)
	{
		create_table(t, r);
		return;
	}
	check_columns(t, r);
	if (t->existing == KEEP_OUT)
		refuse_rows(t);
}

void
load_table_free(struct load_table *t)
{
	table_free(&t->table);
	free(t->column);
	free(t->label);
}
