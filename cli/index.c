/*
 * index.c
 *	  vecdb index: CREATE INDEX ... USING ivfflat, with the progress that the
 *	  server reports.  If there can be no second connection to ask for that,
 *	  the index is built all the same, silently.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "common/clock.h"
#include "conn.h"
#include "conn_query.h"
#include "index_watch.h"
#include "options.h"
#include "progress.h"
#include "quote.h"
#include "target.h"

/* The reloption's upper end is the server's business; this one is for typos. */
#define LARGEST_LISTS 100000000
#define LARGEST_WORKERS 1024

/* The index that was not there before, and its size, or that of its partitions.
 */
#define NEW_INDEX_SQL                                                          \
	"SELECT indexrelid::pg_catalog.regclass,"                                  \
	" pg_catalog.pg_size_pretty(COALESCE((SELECT"                              \
	" pg_catalog.sum(pg_catalog.pg_relation_size(p.relid))::pg_catalog.int8"   \
	" FROM pg_catalog.pg_partition_tree(indexrelid) AS p),"                    \
	" pg_catalog.pg_relation_size(indexrelid)))"                               \
	" FROM pg_catalog.pg_index"                                                \
	" WHERE indrelid = $1::pg_catalog.regclass::pg_catalog.oid"                \
	" AND indexrelid <> ALL (COALESCE($2::pg_catalog.oid[], '{}'))"

struct build
{
	struct conn_options connection;
	const char *table_name;
	const char *column_name;
	const char *index_name;
	const char *memory;
	const struct metric *metric;
	long lists;	  /* 0: the server chooses */
	long workers; /* -1: the server chooses */
	bool concurrently;
	bool quiet;

	PGconn *conn;
	PGconn *watcher; /* may be NULL */
	struct table table;
	char *before; /* array of the table's indexes at the start */
	struct progress progress;
};

#define PLACE(member) .place = offsetof(struct build, member)

static const struct option_row rows[] = {
	{"table", 't', "NAME", DEFAULT_TABLE,
	 "table, may be schema.table (default %s)", option_text, PLACE(table_name)},
	{"column", 0, "NAME", DEFAULT_COLUMN, "column of vectors (default %s)",
	 option_text, PLACE(column_name)},
	{"metric", 0, "METRIC", DEFAULT_METRIC, "l2, ip or cosine (default %s)",
	 option_metric, PLACE(metric)},
	{"lists", 0, "N", NULL, "number of lists (default: by the rows)",
	 option_integer, PLACE(lists), RANGE(1, LARGEST_LISTS)},
	{"name", 0, "NAME", NULL, "name of the index (default: the server's)",
	 option_text, PLACE(index_name)},
	{"concurrently", 0, NULL, NULL, "do not lock out writes", option_flag,
	 PLACE(concurrently)},
	{"workers", 0, "N", NULL, "parallel workers, 0 for none", option_integer,
	 PLACE(workers), RANGE(0, LARGEST_WORKERS)},
	{"maintenance-work-mem", 0, "SIZE", NULL,
	 "memory for the build, such as 256MB", option_text, PLACE(memory)},
	{"quiet", 'q', NULL, NULL, "no progress, no summary", option_flag,
	 PLACE(quiet)},
	HELP_OPTION};

static const struct option_group group = OPTION_GROUP("\nOptions:\n", rows, "");

static const struct option_table options = {
	"index",
	"vecdb index builds an ivfflat index and shows its progress.\n\n"
	"Usage:\n  vecdb index [OPTION]...\n",
	{&group, &conn_option_group}};

/* False when the help was all that was asked for. */
static bool
parse_options(struct build *b, int argc, char **argv)
{
	struct arguments left;

	if (!options_parse(&options, b, argc, argv, &left))
		return false;
	if (left.count > 0)
		usage_error("index", "unexpected argument \"%s\"", left.texts[0]);
	return true;
}

static void
set(PGconn *conn, const char *name, const char *value)
{
	const char *values[] = {name, value};

	PQclear(conn_query(conn, "SELECT pg_catalog.set_config($1, $2, false)", 2,
					   values));
}

static void
apply_settings(struct build *b)
{
	if (b->memory != NULL)
		set(b->conn, "maintenance_work_mem", b->memory);
	if (b->workers >= 0)
	{
		char *workers = format("%ld", b->workers);

		set(b->conn, "max_parallel_maintenance_workers", workers);
		free(workers);
	}
}

/* The statement, in fresh memory. */
static char *
statement(struct build *b)
{
	struct column column =
		column_of_vectors(b->conn, &b->table, b->column_name);
	char *name = b->index_name == NULL ? xstrdup("")
									   : quote_name(b->conn, b->index_name);
	char *lists =
		b->lists == 0 ? xstrdup("") : format(" WITH (lists = %ld)", b->lists);
	char *sql;

	sql = format("CREATE INDEX %s%s ON %s USING ivfflat (%s %s.%s_%s_ops)%s",
				 b->concurrently ? "CONCURRENTLY " : "", name, b->table.quoted,
				 column.quoted, column.schema, column.type, b->metric->name,
				 lists);
	column_free(&column);
	free(name);
	free(lists);
	return sql;
}

static char *
indexes_now(struct build *b)
{
	const char *values[] = {b->table.quoted};

	return conn_value(
		b->conn,
		"SELECT pg_catalog.array_agg(indexrelid)"
		" FROM pg_catalog.pg_index"
		" WHERE indrelid = $1::pg_catalog.regclass::pg_catalog.oid",
		1, values);
}

/* A failed concurrent build leaves an invalid index that writes still pay. */
static void
report_leftover(struct build *b)
{
	const char *values[] = {b->table.quoted, b->before};
	PGresult *result;

	if (!b->concurrently || PQstatus(b->conn) != CONNECTION_OK)
		return;
	result = PQexecParams(b->conn, NEW_INDEX_SQL " AND NOT indisvalid", 2, NULL,
						  values, NULL, NULL, 0);
	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
		hint("An invalid index is left behind; remove it with DROP INDEX "
			 "%s;",
			 PQgetvalue(result, 0, 0));
	PQclear(result);
}

static void
summarize(struct build *b)
{
	const char *values[] = {b->table.quoted, b->before};
	PGresult *result =
		PQexecParams(b->conn, NEW_INDEX_SQL, 2, NULL, values, NULL, NULL, 0);
	bool found =
		PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0;

	printf("built index %s on %s (%s, %s) in %.1f s\n",
		   found ? PQgetvalue(result, 0, 0) : "?", b->table.name,
		   b->metric->name, found ? PQgetvalue(result, 0, 1) : "?",
		   now_seconds() - b->progress.started);
	PQclear(result);
}

static void
build(struct build *b)
{
	char *sql = statement(b);
	PGresult *result;

	progress_start(&b->progress, b->quiet);
	result = watch_build(b->conn, b->watcher, sql, &b->progress);
	free(sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
	{
		conn_report(b->conn, result);
		report_leftover(b);
		exit(conn_exit_code(b->conn));
	}
	PQclear(result);
	if (!b->quiet)
		summarize(b);
}

int
index_main(int argc, char **argv)
{
	struct build b = {.workers = -1};

	if (!parse_options(&b, argc, argv))
		return CODE_OK;
	b.conn = conn_open(&b.connection);
	b.table = table_named(b.conn, b.table_name);
	table_require(b.conn, &b.table);
	apply_settings(&b);
	b.before = indexes_now(&b);
	if (!b.quiet && (b.watcher = conn_clone(b.conn)) == NULL)
		warn("no second connection for the progress; building without it");
	build(&b);
	conn_close(b.watcher);
	conn_close(b.conn);
	table_free(&b.table);
	free(b.before);
	finish_stdout();
	return CODE_OK;
}
