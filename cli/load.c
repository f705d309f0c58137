/*
 * load.c
 *	  vecdb load: a file of vectors into a table, in one transaction, so that
 *	  a mistake on the last line leaves nothing behind.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "common/clock.h"
#include "common/reader.h"
#include "conn.h"
#include "conn_query.h"
#include "copy.h"
#include "load_columns.h"
#include "load_lines.h"
#include "load_table.h"
#include "options.h"
#include "progress.h"

/* The clock is read once in so many rows. */
#define ROWS_PER_LOOK 256

struct load
{
	struct conn_options connection;
	struct reader_options input;
	const char *path;
	struct load_table table;
	bool no_analyze;
	bool quiet;

	struct reader reader;
	struct row row; /* the current one */
	PGconn *conn;
	struct line_map lines;
	struct progress progress;
};

#define PLACE(member) .place = offsetof(struct load, member)

static void
take_existing(const struct option_row *row, const char *command,
			  const char *text, void *place)
{
	int *existing = place;

	if (*existing != KEEP_OUT && *existing != (int) row->low)
		usage_error(command, "only one of --append, --truncate and --drop "
							 "may be given");
	option_choice(row, command, text, place);
}

static const struct option_row rows[] = {
	{"table", 't', "NAME", DEFAULT_TABLE,
	 "table, may be schema.table (default %s)", option_text, PLACE(table.name)},
	{"column", 0, "NAME", DEFAULT_COLUMN, "column of vectors (default %s)",
	 option_text, PLACE(table.column_name)},
	{"word-column", 0, "NAME", DEFAULT_LABEL, "column of words (default %s)",
	 option_text, PLACE(table.label_name)},
	{"format", 'f', "FORMAT", NULL, "%s (default: by the file)", option_text,
	 PLACE(input.format), .names = reader_format_names},
	{"words", 0, "FILE", NULL, "a word a line, for files that hold none",
	 option_text, PLACE(input.labels)},
	{"dims", 0, "N", NULL, "numbers on a line, where the first line misleads",
	 option_integer, PLACE(input.dims), RANGE(1, MAX_DIMENSIONS)},
	{"vector", 0, "NAME", NULL,
	 "the file's column of vectors (default: the one that\nholds any)",
	 option_text, PLACE(input.vector)},
	{"columns", 0, "LIST", NULL,
	 "columns to load, as NAME or NAME:TYPE, with commas;\n"
	 "* is all others (default: all, types by the values)",
	 option_text, PLACE(input.columns)},
	{"attributes", 0, "FILE", NULL,
	 "columns of a .csv, .tsv or .jsonl file, a row for each\n"
	 "vector of FILE, for formats that hold none",
	 option_text, PLACE(input.attributes)},
	{"no-quotes", 0, NULL, NULL,
	 "quotes in csv and tsv are characters as others", option_flag,
	 PLACE(input.no_quotes)},
	{"max-word", 0, "BYTES", "2000", "longest word to accept (default %s)",
	 option_integer, PLACE(input.max_label), RANGE(1, 1 << 20)},
	{"append", 0, NULL, NULL, "add to the rows that are there", take_existing,
	 PLACE(table.existing), .low = APPEND},
	{"truncate", 0, NULL, NULL, "empty the table first", take_existing,
	 PLACE(table.existing), .low = TRUNCATE},
	{"drop", 0, NULL, NULL, "drop the table first", take_existing,
	 PLACE(table.existing), .low = DROP},
	{"no-analyze", 0, NULL, NULL, "do not ANALYZE the table afterwards",
	 option_flag, PLACE(no_analyze)},
	{"quiet", 'q', NULL, NULL, "no progress, no summary", option_flag,
	 PLACE(quiet)},
	HELP_OPTION};

static const struct option_group group = OPTION_GROUP(
	"\nOptions:\n", rows,
	"\nA table that does not exist is created as (id bigserial primary key,\n"
	"word text, embedding vector(N)), or with the columns of the file; one\n"
	"that has rows is refused unless --append, --truncate or --drop is given.\n"
	"Its column may be of type vector, halfvec or sparsevec, or of a domain\n"
	"over one of these.\n");

static const struct option_table options = {
	"load",
	"vecdb load reads vectors from a file into a table, in one transaction.\n\n"
	"Usage:\n  vecdb load [OPTION]... FILE\n\n"
	"FILE may be - for standard input.\n",
	{&group, &conn_option_group}};

/* False when the help was all that was asked for. */
static bool
parse_options(struct load *l, int argc, char **argv)
{
	struct arguments left;

	if (!options_parse(&options, l, argc, argv, &left))
		return false;
	if (left.count != 1)
		usage_error("load",
					left.count == 0 ? "no file given"
									: "expected one file, found %d arguments",
					left.count);
	l->path = left.texts[0];
	l->input.usual_vector = l->table.column_name;
	l->input.null_vectors = true;
	return true;
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
	uint64_t refused;
	uint64_t line;

	do
	{
		lines_note(&l->lines, l->reader.rows,
				   reader_of_columns(&l->reader)->number);
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
	if (copy_finish(copy, &refused))
		return;
	line = lines_find(&l->lines, refused);
	if (line > 0)
		hint("That row begins at %s:%llu.", reader_of_columns(&l->reader)->path,
			 (unsigned long long) line);
	complain("nothing was loaded");
	exit(conn_exit_code(l->conn));
}

static void
transfer(struct load *l)
{
	struct tabular *columns = reader_columns(&l->reader);
	struct copy copy = {.conn = l->conn,
						.labelled = reader_labelled(&l->reader),
						.as_text = columns != NULL,
						.dims = l->reader.dims};
	char *names;
	char *sql;

	conn_command(l->conn, "BEGIN");
	load_table_prepare(&l->table, &l->reader);
	/* The table's types may want another form of what is read already. */
	if (!reader_cells(&l->reader, &l->row))
		fail(CODE_INPUT, "%s", l->reader.error);
	copy.encoding = l->table.encoding;

	/*
	 * Rows of a table that nobody else has seen can be written as frozen,
	 * which spares the first scan a rewrite of every page.
	 */
	names = load_table_columns(&l->table, &l->reader);
	sql = format("COPY %s (%s) FROM STDIN WITH (FORMAT %s%s)",
				 l->table.table.quoted, names, copy.as_text ? "text" : "binary",
				 l->table.created ? ", FREEZE" : "");
	copy_begin(&copy, sql);
	free(names);
	free(sql);
	copy_rows(l, &copy);
	conn_commit(l->conn);
}

/* The rows are safe by now: a failure here is a warning. */
static void
analyze(struct load *l)
{
	char *sql = format("ANALYZE %s", l->table.table.quoted);
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
	struct load l = {.quiet = false};

	if (!parse_options(&l, argc, argv))
		return CODE_OK;
	/* A file that is bad from the start should not need a server. */
	if (!reader_open(&l.reader, l.path, &l.input) ||
		reader_next(&l.reader, &l.row) <= 0)
		fail(CODE_INPUT, "%s", l.reader.error);
	if (!l.quiet)
		columns_show(&l.reader, l.table.column_name);
	l.conn = conn_open(&l.connection);
	load_table_find(&l.table, l.conn);
	progress_start(&l.progress, l.quiet);
	transfer(&l);
	if (!l.quiet)
		summarize(&l);
	if (!l.no_analyze)
		analyze(&l);
	conn_close(l.conn);
	reader_close(&l.reader);
	load_table_free(&l.table);
	finish_stdout();
	return CODE_OK;
}
