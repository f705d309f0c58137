/*
 * index.c
 *	  vecdb index: CREATE INDEX ... USING ivfflat, with the progress that the
 *	  server reports.
 *
 * The statement is sent without waiting; meanwhile a second connection reads
 * pg_stat_progress_create_index.  If that one cannot be had, the index is
 * built all the same, silently.
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conn.h"
#include "progress.h"
#include "target.h"

#define POLL_MILLISECONDS 100

/* The reloption's upper end is the server's business; this one is for typos. */
#define LARGEST_LISTS 1000000
#define LARGEST_WORKERS 1024

/* The index that was not there before, and its size. */
#define NEW_INDEX_SQL                                                          \
	"SELECT indexrelid::pg_catalog.regclass,"                                  \
	" pg_catalog.pg_size_pretty(pg_catalog.pg_relation_size(indexrelid))"      \
	" FROM pg_catalog.pg_index"                                                \
	" WHERE indrelid = $1::pg_catalog.regclass"                                \
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

enum
{
	OPT_HELP = 256,
	OPT_COLUMN,
	OPT_METRIC,
	OPT_LISTS,
	OPT_CONCURRENTLY,
	OPT_NAME,
	OPT_WORKERS,
	OPT_MEMORY
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"table", required_argument, NULL, 't'},
	{"column", required_argument, NULL, OPT_COLUMN},
	{"metric", required_argument, NULL, OPT_METRIC},
	{"lists", required_argument, NULL, OPT_LISTS},
	{"concurrently", no_argument, NULL, OPT_CONCURRENTLY},
	{"name", required_argument, NULL, OPT_NAME},
	{"workers", required_argument, NULL, OPT_WORKERS},
	{"maintenance-work-mem", required_argument, NULL, OPT_MEMORY},
	{"quiet", no_argument, NULL, 'q'},
	CONN_LONG_OPTIONS,
	{NULL, 0, NULL, 0}};

static void
help(void)
{
	printf("vecdb index builds an ivfflat index and shows its progress.\n\n"
		   "Usage:\n  vecdb index [OPTION]...\n\nOptions:\n"
		   "  -t, --table=NAME         table, may be schema.table"
		   " (default %s)\n"
		   "      --column=NAME        column of vectors (default %s)\n"
		   "      --metric=METRIC      l2, ip or cosine (default %s)\n"
		   "      --lists=N            number of lists (default: by the "
		   "rows)\n"
		   "      --name=NAME          name of the index (default: the "
		   "server's)\n"
		   "      --concurrently       do not lock out writes\n"
		   "      --workers=N          parallel workers, 0 for none\n"
		   "      --maintenance-work-mem=SIZE\n"
		   "                           memory for the build, such as 256MB\n"
		   "  -q, --quiet              no progress, no summary\n"
		   "      --help               show this help, then exit\n",
		   DEFAULT_TABLE, DEFAULT_COLUMN, DEFAULT_METRIC);
	conn_help();
	finish_stdout();
}

static void
take_option(struct build *b, int opt, char *arg)
{
	switch (opt)
	{
		case 't':
			b->table_name = arg;
			break;
		case 'q':
			b->quiet = true;
			break;
		case OPT_COLUMN:
			b->column_name = arg;
			break;
		case OPT_METRIC:
			b->metric = metric_named("index", arg);
			break;
		case OPT_LISTS:
			b->lists =
				integer_argument("index", "--lists", arg, 1, LARGEST_LISTS);
			break;
		case OPT_CONCURRENTLY:
			b->concurrently = true;
			break;
		case OPT_NAME:
			b->index_name = arg;
			break;
		case OPT_WORKERS:
			b->workers =
				integer_argument("index", "--workers", arg, 0, LARGEST_WORKERS);
			break;
		case OPT_MEMORY:
			b->memory = arg;
			break;
	}
}

/* False when the help was all that was asked for. */
static bool
parse_options(struct build *b, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, CONN_SHORT_OPTIONS "t:q",
							  long_options, NULL)) != -1)
	{
		if (opt == OPT_HELP)
		{
			help();
			return false;
		}
		if (opt == '?')
		{
			hint("Try \"vecdb index --help\".");
			exit(CODE_INPUT);
		}
		if (!conn_option(&b->connection, opt, optarg))
			take_option(b, opt, optarg);
	}
	if (optind < argc)
		usage_error("index", "unexpected argument \"%s\"", argv[optind]);
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
	struct column column = column_find(b->conn, &b->table, b->column_name);
	char *name = b->index_name == NULL ? xstrdup("")
									   : quote_name(b->conn, b->index_name);
	char *lists =
		b->lists == 0 ? xstrdup("") : format(" WITH (lists = %ld)", b->lists);
	char *sql;

	column_require_vectors(&b->table, &column);
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

	return conn_value(b->conn,
					  "SELECT pg_catalog.array_agg(indexrelid)"
					  " FROM pg_catalog.pg_index"
					  " WHERE indrelid = $1::pg_catalog.regclass",
					  1, values);
}

static uint64_t
number_at(const PGresult *result, int column)
{
	return strtoull(PQgetvalue(result, 0, column), NULL, 10);
}

static void
show(struct build *b, const char *phase, uint64_t done, uint64_t total,
	 const char *unit)
{
	char have[32];
	char all[32];
	char clock[16];
	char *detail;

	clock_time(now_seconds() - b->progress.started, clock, sizeof(clock));
	detail =
		total == 0
			? format("%s", clock)
			: format("%s of %s %s, %s", group_digits(done, have, sizeof(have)),
					 group_digits(total, all, sizeof(all)), unit, clock);
	progress_show(&b->progress, phase, done, total, detail);
	free(detail);
}

/* One look at the server's view of the build. */
static void
look(struct build *b)
{
	static const char *const sql =
		"SELECT phase, tuples_done, tuples_total, blocks_done, blocks_total,"
		" lockers_done, lockers_total"
		" FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1";
	static const char *const units[] = {"tuples", "blocks", "lockers"};
	char *pid = format("%d", PQbackendPID(b->conn));
	const char *values[] = {pid};
	PGresult *result =
		PQexecParams(b->watcher, sql, 1, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
	{
		const char *phase = PQgetvalue(result, 0, 0);
		int unit = 0;

		while (unit < 2 && number_at(result, 2 + 2 * unit) == 0)
			unit++;
		show(b, phase, number_at(result, 1 + 2 * unit),
			 number_at(result, 2 + 2 * unit), units[unit]);
	}
	PQclear(result);
	free(pid);
}

/* Send the statement and watch until the server has an answer. */
static PGresult *
run(struct build *b, const char *sql)
{
	struct pollfd socket = {.fd = PQsocket(b->conn), .events = POLLIN};
	PGresult *result;
	PGresult *extra;

	if (!PQsendQuery(b->conn, sql))
		return NULL;
	while (PQisBusy(b->conn))
	{
		/* A signal ends the wait too; the handler has sent the cancel. */
		if (poll(&socket, 1, POLL_MILLISECONDS) > 0 && !PQconsumeInput(b->conn))
			break;
		if (b->watcher != NULL && progress_due(&b->progress))
			look(b);
	}
	progress_clear();
	result = PQgetResult(b->conn);
	while ((extra = PQgetResult(b->conn)) != NULL)
		PQclear(extra);
	return result;
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
	result = run(b, sql);
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
	struct build b = {
		.table_name = DEFAULT_TABLE,
		.column_name = DEFAULT_COLUMN,
		.metric = metric_named("index", DEFAULT_METRIC),
		.workers = -1,
	};

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
