/*
 * search.c
 *	  vecdb search: the rows nearest to a word's vector or to a vector given
 *	  as text, with distances, the time it took and whether an index served.
 *
 * The time is that of one statement as this program sees it, planning and
 * the way to the server included.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "common/clock.h"
#include "common/utf8.h"
#include "conn.h"
#include "conn_query.h"
#include "options.h"
#include "output.h"
#include "plan.h"
#include "query.h"
#include "shown.h"
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
	const char *show;	   /* columns, separated by commas, or NULL */
	const char *condition; /* SQL, or NULL */
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

#define PLACE(member) .place = offsetof(struct search, member)

static const struct option_row rows[] = {
	{"word", 0, "WORD", NULL, "word whose vector to search by", option_text,
	 PLACE(word)},
	{"vector", 0, "VECTOR", NULL,
	 "vector to search by; - reads it from\nstandard input", option_text,
	 PLACE(vector)},
	{"count", 'k', "N", "10", "number of rows (default %s)", option_integer,
	 PLACE(k), RANGE(1, LARGEST_K)},
	{"table", 't', "NAME", DEFAULT_TABLE,
	 "table, may be schema.table (default %s)", option_text, PLACE(table_name)},
	{"column", 0, "NAME", DEFAULT_COLUMN, "column of vectors (default %s)",
	 option_text, PLACE(column_name)},
	{"word-column", 0, "NAME", DEFAULT_LABEL, "column of words (default %s)",
	 option_text, PLACE(label_name)},
	{"show", 0, "COLUMN,...", NULL,
	 "columns to show (default: id and the word; without\n"
	 "a column of words, all but vectors)",
	 option_text, PLACE(show)},
	{"columns", 0, "COLUMN,...", NULL, "the same as --show", option_text,
	 PLACE(show)},
	{"where", 0, "CONDITION", NULL,
	 "only rows that meet this condition, in SQL", option_text,
	 PLACE(condition)},
	{"metric", 0, "METRIC", NULL,
	 "l2, ip or cosine (default: that of an index on\n"
	 "the column, else " DEFAULT_METRIC ")",
	 option_metric, PLACE(metric)},
	{"exact", 0, NULL, NULL, "scan the table, use no index", option_flag,
	 PLACE(exact)},
	{"probes", 0, "N", NULL, "lists of the index to read, 0 for automatic",
	 option_integer, PLACE(probes), RANGE(0, LARGEST_PROBES)},
	{"json", 0, NULL, NULL, "print JSON", option_flag, PLACE(json)},
	HELP_OPTION};

static const struct option_group group = OPTION_GROUP(
	"\nOptions:\n", rows,
	"\nThe distance under ip is the negative inner product, as the server's\n"
	"operator returns it.\n");

static const struct option_table options = {
	"search",
	"vecdb search finds the rows nearest to a word or a vector.\n\n"
	"Usage:\n"
	"  vecdb search [OPTION]... WORD\n"
	"  vecdb search [OPTION]... --vector='[0.1, 0.2, ...]'\n"
	"  vecdb search [OPTION]... < FILE\n",
	{&group, &conn_option_group}};

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
	struct arguments left;

	if (!options_parse(&options, s, argc, argv, &left))
		return false;
	if (s->exact && s->probes >= 0)
		usage_error("search", "--probes has no meaning with --exact");
	take_query(s, left.count, left.texts);
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

static char *
statement(struct search *s)
{
	const struct shown shown = {s->conn, &s->table, s->show, s->label_name};
	char *columns = shown_columns(&shown);
	char *distance = column_distance(&s->column, s->metric);
	bool all = s->condition == NULL;
	/* The condition may end with a comment. */
	char *sql =
		format("SELECT %s%s AS distance FROM %s%s%s%s "
			   "ORDER BY %s LIMIT %ld",
			   columns, distance, s->table.quoted, all ? "" : " WHERE (",
			   all ? "" : s->condition, all ? "" : "\n)", distance, s->k);

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
	json_string(stdout, s->word);
	printf(",\n  \"metric\": \"%s\",\n  \"index\": ", s->metric->name);
	json_string(stdout, s->index);
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
	s->column = column_of_vectors(s->conn, &s->table, s->column_name);
	if (s->metric == NULL)
		s->metric = metric_of_index(s->conn, &s->table, s->column_name);
}

int
search_main(int argc, char **argv)
{
	struct search s = {.probes = -1};

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
