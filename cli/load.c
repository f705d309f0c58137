/*
 * load.c
 *	  vecdb load: a file of vectors into a table, in one transaction, so that
 *	  a mistake on the last line leaves nothing behind.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conn.h"
#include "copy.h"
#include "progress.h"
#include "reader.h"
#include "target.h"

#define DEFAULT_MAX_WORD 2000
#define LARGEST_MAX_WORD (1 << 20)

/* The clock is read once in so many rows. */
#define ROWS_PER_LOOK 256

struct load
{
	struct conn_options connection;
	struct reader_options input;
	const char *path;
	const char *table_name;
	const char *column_name;
	const char *label_name;
	/* what to do with a table that is there already and has rows */
	enum
	{
		KEEP_OUT,
		APPEND,
		TRUNCATE,
		DROP
	} existing;
	bool no_analyze;
	bool quiet;

	struct reader reader;
	struct row row; /* the current one */
	PGconn *conn;
	struct table table;
	char *column; /* quoted */
	char *label;  /* quoted */
	bool created;
	struct progress progress;
};

enum
{
	OPT_HELP = 256,
	OPT_COLUMN,
	OPT_WORD_COLUMN,
	OPT_WORDS,
	OPT_DIMS,
	OPT_MAX_WORD,
	OPT_APPEND,
	OPT_TRUNCATE,
	OPT_DROP,
	OPT_NO_ANALYZE
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"table", required_argument, NULL, 't'},
	{"column", required_argument, NULL, OPT_COLUMN},
	{"word-column", required_argument, NULL, OPT_WORD_COLUMN},
	{"format", required_argument, NULL, 'f'},
	{"words", required_argument, NULL, OPT_WORDS},
	{"dims", required_argument, NULL, OPT_DIMS},
	{"max-word", required_argument, NULL, OPT_MAX_WORD},
	{"append", no_argument, NULL, OPT_APPEND},
	{"truncate", no_argument, NULL, OPT_TRUNCATE},
	{"drop", no_argument, NULL, OPT_DROP},
	{"no-analyze", no_argument, NULL, OPT_NO_ANALYZE},
	{"quiet", no_argument, NULL, 'q'},
	CONN_LONG_OPTIONS,
	{NULL, 0, NULL, 0}};

static void
help(void)
{
	char formats[64];

	reader_format_names(formats, sizeof(formats));
	printf("vecdb load reads vectors from a file into a table, in one "
		   "transaction.\n\n"
		   "Usage:\n  vecdb load [OPTION]... FILE\n\n"
		   "FILE may be - for standard input.\n\nOptions:\n"
		   "  -t, --table=NAME         table, may be schema.table"
		   " (default %s)\n"
		   "      --column=NAME        column of vectors (default %s)\n"
		   "      --word-column=NAME   column of words (default %s)\n"
		   "  -f, --format=FORMAT      %s (default: by the file)\n"
		   "      --words=FILE         a word a line, for files that hold "
		   "none\n"
		   "      --dims=N             numbers on a line, where the first "
		   "line misleads\n"
		   "      --max-word=BYTES     longest word to accept (default %d)\n"
		   "      --append             add to the rows that are there\n"
		   "      --truncate           empty the table first\n"
		   "      --drop               drop the table first\n"
		   "      --no-analyze         do not ANALYZE the table afterwards\n"
		   "  -q, --quiet              no progress, no summary\n"
		   "      --help               show this help, then exit\n",
		   DEFAULT_TABLE, DEFAULT_COLUMN, DEFAULT_LABEL, formats,
		   DEFAULT_MAX_WORD);
	printf("\nA table that does not exist is created as (id bigserial "
		   "primary key,\nword text, embedding vector(N)); one that has "
		   "rows is refused unless\n--append, --truncate or --drop is "
		   "given.\n");
	conn_help();
	finish_stdout();
}

static void
take_existing(struct load *l, int what)
{
	if (l->existing != KEEP_OUT && (int) l->existing != what)
		usage_error("load", "only one of --append, --truncate and --drop "
							"may be given");
	l->existing = what;
}

static void
take_option(struct load *l, int opt, char *arg)
{
	switch (opt)
	{
		case 't':
			l->table_name = arg;
			break;
		case 'f':
			l->input.format = arg;
			break;
		case 'q':
			l->quiet = true;
			break;
		case OPT_COLUMN:
			l->column_name = arg;
			break;
		case OPT_WORD_COLUMN:
			l->label_name = arg;
			break;
		case OPT_WORDS:
			l->input.labels = arg;
			break;
		case OPT_DIMS:
			l->input.dims = (int) integer_argument("load", "--dims", arg, 1,
												   MAX_DIMENSIONS);
			break;
		case OPT_MAX_WORD:
			l->input.max_label = (size_t) integer_argument(
				"load", "--max-word", arg, 1, LARGEST_MAX_WORD);
			break;
		case OPT_APPEND:
			take_existing(l, APPEND);
			break;
		case OPT_TRUNCATE:
			take_existing(l, TRUNCATE);
			break;
		case OPT_DROP:
			take_existing(l, DROP);
			break;
		case OPT_NO_ANALYZE:
			l->no_analyze = true;
			break;
	}
}

/* False when the help was all that was asked for. */
static bool
parse_options(struct load *l, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, CONN_SHORT_OPTIONS "t:f:q",
							  long_options, NULL)) != -1)
	{
		if (opt == OPT_HELP)
		{
			help();
			return false;
		}
		if (opt == '?')
		{
			hint("Try \"vecdb load --help\".");
			exit(CODE_INPUT);
		}
		if (!conn_option(&l->connection, opt, optarg))
			take_option(l, opt, optarg);
	}
	if (argc - optind != 1)
		usage_error("load",
					argc == optind ? "no file given"
								   : "expected one file, found %d arguments",
					argc - optind);
	l->path = argv[optind];
	return true;
}

static void
refuse_rows(struct load *l)
{
	char *sql = format("SELECT 1 FROM %s LIMIT 1", l->table.quoted);
	char *row = conn_value(l->conn, sql, 0, NULL);

	free(sql);
	if (row == NULL)
		return;
	complain("table %s already holds rows", l->table.name);
	hint("Use --append to add to them, --truncate or --drop to replace "
		 "them.");
	exit(CODE_INPUT);
}

/* The file against the columns that are to take it. */
static void
check_columns(struct load *l)
{
	struct column vectors = column_find(l->conn, &l->table, l->column_name);
	struct column labels = column_find(l->conn, &l->table, l->label_name);

	column_require(&l->table, &vectors, "--column");
	if (strcmp(vectors.type, "vector") != 0)
		fail(CODE_INPUT,
			 "column \"%s\" of table %s is of type %s, expected "
			 "vector",
			 l->column_name, l->table.name, vectors.type);
	if (vectors.modifier > 0 && vectors.modifier != l->reader.dims)
		fail(CODE_INPUT,
			 "column \"%s\" of table %s has %d dimensions, but "
			 "%s has %d",
			 l->column_name, l->table.name, vectors.modifier, l->reader.path,
			 l->reader.dims);
	if (reader_labelled(&l->reader))
	{
		column_require(&l->table, &labels, "--word-column");
		if (!labels.is_text)
			fail(CODE_INPUT,
				 "column \"%s\" of table %s is of type %s, "
				 "expected text",
				 l->label_name, l->table.name, labels.type);
	}
	column_free(&vectors);
	column_free(&labels);
}

static void
create_table(struct load *l)
{
	char *schema = vector_schema(l->conn);
	char *label = reader_labelled(&l->reader) ? format("%s text, ", l->label)
											  : xstrdup("");
	char *sql =
		format("CREATE TABLE %s (id bigserial PRIMARY KEY, "
			   "%s%s %s.vector(%d))",
			   l->table.quoted, label, l->column, schema, l->reader.dims);

	conn_command(l->conn, sql);
	l->created = true;
	free(sql);
	free(label);
	free(schema);
}

static void
prepare_table(struct load *l)
{
	bool exists = table_exists(l->conn, &l->table);

	if (exists && (l->existing == DROP || l->existing == TRUNCATE))
	{
		char *sql =
			format("%s TABLE %s", l->existing == DROP ? "DROP" : "TRUNCATE",
				   l->table.quoted);

		conn_command(l->conn, sql);
		free(sql);
		exists = l->existing != DROP;
	}
	if (!exists)
	{
		create_table(l);
		return;
	}
	check_columns(l);
	if (l->existing == KEEP_OUT)
		refuse_rows(l);
}

static void
show_progress(struct load *l)
{
	const struct reader *r = &l->reader;
	bool by_bytes = r->size > 0;
	uint64_t done = by_bytes ? r->offset : r->rows;
	uint64_t total = by_bytes ? r->size : r->expected;
	double left = progress_left(&l->progress, done, total);
	double elapsed = now_seconds() - l->progress.started;
	char count[32];
	char rate[32];
	char clock[16];
	char *detail;

	group_digits(r->rows, count, sizeof(count));
	group_digits((uint64_t) ((double) r->rows / elapsed), rate, sizeof(rate));
	detail = left < 0 ? format("%s rows, %s rows/s", count, rate)
					  : format("%s rows, %s rows/s, %s left", count, rate,
							   clock_time(left, clock, sizeof(clock)));
	progress_show(&l->progress, "loading", done, total, detail);
	free(detail);
}

/* Nothing of the transaction remains once the connection is closed. */
static void
give_up(struct load *l, struct copy *copy)
{
	if (conn_interrupted())
	{
		copy_abandon(copy, "interrupted");
		fail(CODE_INTERRUPTED, "interrupted; nothing was loaded");
	}
	copy_abandon(copy, l->reader.error);
	complain("%s", l->reader.error);
	fail(CODE_INPUT, "nothing was loaded");
}

/* Begins with the row that load_main() has read. */
static void
copy_rows(struct load *l, struct copy *copy)
{
	int got = 0;

	do
	{
		if (!copy_row(copy, &l->row))
			break;
		if (l->reader.rows % ROWS_PER_LOOK == 0 && progress_due(&l->progress))
			show_progress(l);
		got = reader_next(&l->reader, &l->row);
	} while (got > 0 && !conn_interrupted());
	if (got < 0 || conn_interrupted())
		give_up(l, copy);
	if (l->progress.terminal)
		show_progress(l);
	copy_finish(copy);
}

static void
transfer(struct load *l)
{
	bool labelled = reader_labelled(&l->reader);
	struct copy copy;
	char *sql;

	conn_command(l->conn, "BEGIN");
	prepare_table(l);

	/*
	 * Rows of a table that nobody else has seen can be written as frozen,
	 * which spares the first scan a rewrite of every page.
	 */
	sql = format("COPY %s (%s%s%s) FROM STDIN WITH (FORMAT binary%s)",
				 l->table.quoted, labelled ? l->label : "",
				 labelled ? ", " : "", l->column, l->created ? ", FREEZE" : "");
	copy_begin(&copy, l->conn, sql, labelled, l->reader.dims);
	free(sql);
	copy_rows(l, &copy);
	conn_commit(l->conn);
}

/* The rows are safe by now: a failure here is a warning. */
static void
analyze(struct load *l)
{
	char *sql = format("ANALYZE %s", l->table.quoted);
	PGresult *result = PQexec(l->conn, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
	{
		warn("the rows are loaded, but ANALYZE failed");
		conn_report(l->conn, result);
	}
	PQclear(result);
	free(sql);
}

static void
summarize(struct load *l)
{
	double elapsed = now_seconds() - l->progress.started;
	char count[32];
	char rate[32];

	progress_clear();
	printf("loaded %s rows of %d dimensions into %s in %.1f s (%s rows/s)\n",
		   group_digits(l->reader.rows, count, sizeof(count)), l->reader.dims,
		   l->table.name, elapsed,
		   group_digits((uint64_t) ((double) l->reader.rows / elapsed), rate,
						sizeof(rate)));
}

int
load_main(int argc, char **argv)
{
	struct load l = {
		.table_name = DEFAULT_TABLE,
		.column_name = DEFAULT_COLUMN,
		.label_name = DEFAULT_LABEL,
		.input = {.max_label = DEFAULT_MAX_WORD},
	};

	if (!parse_options(&l, argc, argv))
		return CODE_OK;
	/* A file that is bad from the start should not need a server. */
	if (!reader_open(&l.reader, l.path, &l.input) ||
		reader_next(&l.reader, &l.row) <= 0)
		fail(CODE_INPUT, "%s", l.reader.error);
	l.conn = conn_open(&l.connection);
	l.table = table_named(l.conn, l.table_name);
	l.column = quote_name(l.conn, l.column_name);
	l.label = quote_name(l.conn, l.label_name);
	progress_start(&l.progress, l.quiet);
	transfer(&l);
	if (!l.quiet)
		summarize(&l);
	if (!l.no_analyze)
		analyze(&l);
	conn_close(l.conn);
	reader_close(&l.reader);
	table_free(&l.table);
	free(l.column);
	free(l.label);
	finish_stdout();
	return CODE_OK;
}
