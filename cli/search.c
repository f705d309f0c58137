/*
 * search.c
 *	  vecdb search: the rows nearest to a word's vector or to a vector given
 *	  as text, with distances, the time it took and whether an index served.
 *
 * The time is that of one statement as this program sees it, planning and
 * the way to the server included.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "conn.h"
#include "output.h"
#include "plan.h"
#include "query.h"
#include "target.h"

#define LARGEST_K 1000000

struct search
{
	struct conn_options connection;
	const char *table_name;
	const char *column_name;
	const char *label_name;
	const char *word;
	const char *vector;
	const char *show; /* columns, separated by commas, or NULL */
	const struct metric *metric;
	long k;
	long probes; /* -1: as set on the server */
	bool exact;
	bool json;

	PGconn *conn;
	struct table table;
	struct column column;
	struct query query;
	struct plan plan;
	const char *index; /* that served, or NULL */
	double seconds;
};

enum
{
	OPT_HELP = 256,
	OPT_COLUMN,
	OPT_WORD_COLUMN,
	OPT_WORD,
	OPT_VECTOR,
	OPT_SHOW,
	OPT_METRIC,
	OPT_PROBES,
	OPT_EXACT,
	OPT_JSON
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"table", required_argument, NULL, 't'},
	{"column", required_argument, NULL, OPT_COLUMN},
	{"word-column", required_argument, NULL, OPT_WORD_COLUMN},
	{"word", required_argument, NULL, OPT_WORD},
	{"vector", required_argument, NULL, OPT_VECTOR},
	{"show", required_argument, NULL, OPT_SHOW},
	{"metric", required_argument, NULL, OPT_METRIC},
	{"count", required_argument, NULL, 'k'},
	{"probes", required_argument, NULL, OPT_PROBES},
	{"exact", no_argument, NULL, OPT_EXACT},
	{"json", no_argument, NULL, OPT_JSON},
	CONN_LONG_OPTIONS,
	{NULL, 0, NULL, 0}};

static void
help(void)
{
	printf("vecdb search finds the rows nearest to a word or a vector.\n\n"
		   "Usage:\n"
		   "  vecdb search [OPTION]... WORD\n"
		   "  vecdb search [OPTION]... --vector='[0.1, 0.2, ...]'\n"
		   "  vecdb search [OPTION]... < FILE\n\nOptions:\n"
		   "      --word=WORD          word whose vector to search by\n"
		   "      --vector=VECTOR      vector to search by; - reads it from\n"
		   "                           standard input\n"
		   "  -k, --count=N            number of rows (default 10)\n"
		   "  -t, --table=NAME         table, may be schema.table"
		   " (default %s)\n"
		   "      --column=NAME        column of vectors (default %s)\n"
		   "      --word-column=NAME   column of words (default %s)\n"
		   "      --show=COLUMN,...    columns to show (default: id and the "
		   "word)\n"
		   "      --metric=METRIC      l2, ip or cosine (default: that of an "
		   "index on\n"
		   "                           the column, else %s)\n"
		   "      --exact              scan the table, use no index\n"
		   "      --probes=N           lists of the index to read, 0 for "
		   "automatic\n"
		   "      --json               print JSON\n"
		   "      --help               show this help, then exit\n",
		   DEFAULT_TABLE, DEFAULT_COLUMN, DEFAULT_LABEL, DEFAULT_METRIC);
	printf("\nThe distance under ip is the negative inner product, as the "
		   "server's\noperator returns it.\n");
	conn_help();
	finish_stdout();
}

static void
take_option(struct search *s, int opt, char *arg)
{
	switch (opt)
	{
		case 't':
			s->table_name = arg;
			break;
		case 'k':
			s->k = integer_argument("search", "-k", arg, 1, LARGEST_K);
			break;
		case OPT_COLUMN:
			s->column_name = arg;
			break;
		case OPT_WORD_COLUMN:
			s->label_name = arg;
			break;
		case OPT_WORD:
			s->word = arg;
			break;
		case OPT_VECTOR:
			s->vector = arg;
			break;
		case OPT_SHOW:
			s->show = arg;
			break;
		case OPT_METRIC:
			s->metric = metric_named("search", arg);
			break;
		case OPT_PROBES:
			s->probes =
				integer_argument("search", "--probes", arg, 0, LARGEST_PROBES);
			break;
		case OPT_EXACT:
			s->exact = true;
			break;
		case OPT_JSON:
			s->json = true;
			break;
	}
}

/* What to search by: one word or one vector. */
static void
take_query(struct search *s, int argc, char **argv)
{
	if (argc > 1)
		usage_error("search", "expected one word, found %d", argc);
	if (argc == 1 && s->word != NULL)
		usage_error("search", "unexpected argument \"%s\"", argv[0]);
	if (argc == 1)
		s->word = argv[0];
	if (s->word != NULL && s->vector != NULL)
		usage_error("search", "expected a word or a vector, not both");
	if (s->word != NULL &&
		utf8_valid_prefix(s->word, strlen(s->word)) < strlen(s->word))
		usage_error("search", "expected a word in UTF-8");
	if (s->word == NULL && s->vector == NULL && isatty(STDIN_FILENO))
		usage_error("search", "no word or vector given");
	if (s->word == NULL)
		query_parse(&s->query, s->vector);
}

/* False when the help was all that was asked for. */
static bool
parse_options(struct search *s, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, CONN_SHORT_OPTIONS "t:k:",
							  long_options, NULL)) != -1)
	{
		if (opt == OPT_HELP)
		{
			help();
			return false;
		}
		if (opt == '?')
		{
			hint("Try \"vecdb search --help\".");
			exit(CODE_INPUT);
		}
		if (!conn_option(&s->connection, opt, optarg))
			take_option(s, opt, optarg);
	}
	if (s->exact && s->probes >= 0)
		usage_error("search", "--probes has no meaning with --exact");
	take_query(s, argc - optind, argv + optind);
	return true;
}

/* For SET LOCAL: the statements are in one transaction. */
static void
apply_settings(struct search *s)
{
	conn_command(s->conn, "BEGIN READ ONLY");
	if (!s->json)
		/* six significant digits are what people can read */
		conn_command(s->conn, "SET LOCAL extra_float_digits = -9");
	if (s->exact)
	{
		conn_command(s->conn, "SET LOCAL enable_indexscan = off");
		conn_command(s->conn, "SET LOCAL enable_seqscan = on");
		conn_command(s->conn, "SET LOCAL enable_sort = on");
	}
	if (s->probes >= 0)
	{
		char *sql = format("SET LOCAL ivfflat.probes = %ld", s->probes);

		conn_command(s->conn, sql);
		free(sql);
	}
}

/* Append "column, " to a list in fresh memory. */
static char *
append_column(char *list, const char *quoted)
{
	char *longer = format("%s%s, ", list, quoted);

	free(list);
	return longer;
}

/* The columns of --show, each of which must exist. */
static char *
chosen_columns(struct search *s)
{
	char *names = xstrdup(s->show);
	char *list = xstrdup("");
	char *rest = names;
	char *name;

	while ((name = strsep(&rest, ",")) != NULL)
	{
		struct column column = column_find(s->conn, &s->table, name);

		if (!column.found)
			fail(CODE_INPUT, "table %s has no column \"%s\"", s->table.name,
				 name);
		list = append_column(list, column.quoted);
		column_free(&column);
	}
	free(names);
	return list;
}

/* Without --show: what tells rows apart, in tables of any making. */
static char *
usual_columns(struct search *s)
{
	const char *const names[] = {"id", s->label_name};
	char *list = xstrdup("");

	for (int i = 0; i < 2; i++)
	{
		struct column column = column_find(s->conn, &s->table, names[i]);

		if (column.found)
			list = append_column(list, column.quoted);
		column_free(&column);
	}
	return list[0] != '\0' ? list : append_column(list, "ctid");
}

static char *
statement(struct search *s)
{
	char *columns = s->show ? chosen_columns(s) : usual_columns(s);
	char *distance = column_distance(&s->column, s->metric);
	char *sql = format("SELECT %s%s AS distance FROM %s "
					   "ORDER BY %s LIMIT %ld",
					   columns, distance, s->table.quoted, distance, s->k);

	free(columns);
	free(distance);
	return sql;
}

static void
print_json(struct search *s, const PGresult *result)
{
	printf("{\n  \"table\": ");
	json_string(stdout, s->table.name);
	printf(",\n  \"word\": ");
	if (s->word != NULL)
		json_string(stdout, s->word);
	else
		printf("null");
	printf(",\n  \"metric\": \"%s\",\n  \"index\": ", s->metric->name);
	if (s->index != NULL)
		json_string(stdout, s->index);
	else
		printf("null");
	printf(",\n  \"time_ms\": %.3f,\n  \"rows\": ", s->seconds * 1e3);
	json_rows(stdout, result);
	printf("\n}\n");
}

static void
print_people(struct search *s, const PGresult *result)
{
	int rows = PQntuples(result);

	print_table(stdout, result);
	printf("\n%d row%s in %.2f ms by %s distance, %s%s\n", rows,
		   rows == 1 ? "" : "s", s->seconds * 1e3, s->metric->name,
		   s->index ? "through index " : "by a scan of the table",
		   s->index ? s->index : "");
}

static void
search(struct search *s)
{
	char *sql = statement(s);
	PGresult *result;
	double started;

	plan_ask(&s->plan, s->conn, sql, &s->query);
	s->index = s->plan.count > 0 ? s->plan.indexes[0] : NULL;
	started = now_seconds();
	result = query_run(&s->query, s->conn, sql, 0);
	s->seconds = now_seconds() - started;
	conn_command(s->conn, "COMMIT");
	if (s->json)
		print_json(s, result);
	else
		print_people(s, result);
	PQclear(result);
	free(sql);
}

static void
find_target(struct search *s)
{
	s->table = table_named(s->conn, s->table_name);
	table_require(s->conn, &s->table);
	s->column = column_find(s->conn, &s->table, s->column_name);
	column_require_vectors(&s->table, &s->column);
	if (s->metric == NULL)
		s->metric = metric_of_index(s->conn, &s->table, s->column_name);
	if (s->metric == NULL)
		s->metric = metric_named("search", DEFAULT_METRIC);
}

int
search_main(int argc, char **argv)
{
	struct search s = {
		.table_name = DEFAULT_TABLE,
		.column_name = DEFAULT_COLUMN,
		.label_name = DEFAULT_LABEL,
		.k = 10,
		.probes = -1,
	};

	if (!parse_options(&s, argc, argv))
		return CODE_OK;
	s.conn = conn_open(&s.connection);
	find_target(&s);
	if (s.word != NULL)
		query_of_word(&s.query, s.conn, &s.table, &s.column, s.label_name,
					  s.word);
	else
		query_check(&s.query, &s.table, &s.column);
	apply_settings(&s);
	search(&s);
	conn_close(s.conn);
	query_free(&s.query);
	column_free(&s.column);
	table_free(&s.table);
	plan_free(&s.plan);
	finish_stdout();
	return CODE_OK;
}
