/*
 * query.c
 *	  Where the vector to search by comes from: text, which is checked before
 *	  anybody connects, or the row of a word, whose bytes go back to the
 *	  server as they came.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "common/file_format.h"
#include "common/parse_float.h"
#include "conn_query.h"
#include "query.h"

#define SEPARATORS ", \t\r\n"
#define SHOWN_BYTES 40

/* Looking for similar words may read the whole table, but not for long. */
#define NEAR_MISS_TIMEOUT "SET LOCAL statement_timeout = '2s'"
#define NEAR_MISS_TRIES 3

static char *
read_stdin(void)
{
	char *text = NULL;
	size_t size = 0;

	errno = 0;
	if (getdelim(&text, &size, '\0', stdin) < 0)
		fail(CODE_INPUT,
			 errno != 0 ? "standard input: could not read: %s"
						: "standard input: expected a vector, found nothing",
			 strerror(errno));
	return text;
}

/* Take off surrounding blanks and one pair of brackets, in place. */
static char *
inside_brackets(char *text)
{
	size_t len;

	text += strspn(text, SEPARATORS);
	for (len = strlen(text);
		 len > 0 && strchr(SEPARATORS, text[len - 1]) != NULL; len--)
		;
	text[len] = '\0';
	if (text[0] != '[')
		return text;
	if (text[len - 1] != ']')
		fail(CODE_INPUT, "vector: expected \"]\" at its end");
	text[len - 1] = '\0';
	return text + 1;
}

static void
check_number(const char *field, size_t len, int place)
{
	float value;
	enum parse_result got = parse_float(field, len, &value);

	if (got == PARSE_OK)
		return;
	fail(CODE_INPUT, "vector: number %d: expected %s, found \"%.*s\"", place,
		 parse_expected(got), len > SHOWN_BYTES ? SHOWN_BYTES : (int) len,
		 field);
}

/*
 * Numbers in brackets or bare, separated by commas or blanks; NULL or "-"
 * reads them from standard input.  The value becomes the server's syntax.
 */
void
query_parse(struct query *q, const char *text)
{
	char *own =
		text == NULL || strcmp(text, "-") == 0 ? read_stdin() : xstrdup(text);
	char *rest = inside_brackets(own);
	char *out = q->value = xmalloc(strlen(rest) + 3);

	for (rest += strspn(rest, SEPARATORS); *rest != '\0';
		 rest += strspn(rest, SEPARATORS))
	{
		size_t len = strcspn(rest, SEPARATORS);

		check_number(rest, len, ++q->dims);
		*out++ = q->dims == 1 ? '[' : ',';
		memcpy(out, rest, len);
		out += len;
		rest += len;
	}
	if (q->dims == 0 || q->dims > MAX_DIMENSIONS)
		fail(CODE_INPUT, "vector: expected 1 to %d numbers, found %d",
			 MAX_DIMENSIONS, q->dims);
	strcpy(out, "]");
	free(own);
}

void
query_check(const struct query *q, const struct table *table,
			const struct column *column)
{
	if (column->modifier > 0 && column->modifier != q->dims)
		fail(CODE_INPUT,
			 "column \"%s\" of table %s has %d dimensions, but "
			 "the vector has %d",
			 column->name, table->name, column->modifier, q->dims);
}

/* Words that begin alike, the closest in length first; NULL without any. */
static char *
near_misses(PGconn *conn, const struct table *table, const char *quoted_label,
			const char *word, int dropped)
{
	char *sql = format("SELECT pg_catalog.string_agg(w, ', ') FROM ("
					   "SELECT %s AS w FROM %s WHERE pg_catalog."
					   "starts_with(pg_catalog.lower(%s), pg_catalog.lower("
					   "pg_catalog.left($1, greatest(pg_catalog.length($1)"
					   " - %d, 1)))) ORDER BY pg_catalog.abs(pg_catalog.length("
					   "%s) - pg_catalog.length($1)), 1 LIMIT 5) s",
					   quoted_label, table->quoted, quoted_label, dropped,
					   quoted_label);
	const char *values[] = {word};
	PGresult *result = PQexecParams(conn, sql, 1, NULL, values, NULL, NULL, 0);
	char *list = NULL;

	/* No answer in time is no answer: the error itself is already told. */
	if (PQresultStatus(result) == PGRES_TUPLES_OK && !PQgetisnull(result, 0, 0))
		list = xstrdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	free(sql);
	return list;
}

static void
word_missing(PGconn *conn, const struct table *table, const char *quoted_label,
			 const char *word)
{
	char *list = NULL;

	complain("word \"%s\" is not in table %s", word, table->name);
	conn_command(conn, "BEGIN READ ONLY");
	conn_command(conn, NEAR_MISS_TIMEOUT);
	for (int i = 0; i < NEAR_MISS_TRIES && list == NULL; i++)
		list = near_misses(conn, table, quoted_label, word, i);
	if (list != NULL)
		hint("Words that begin alike: %s.", list);
	free(list);
	exit(CODE_INPUT);
}

void
query_of_word(struct query *q, PGconn *conn, const struct table *table,
			  const struct column *column, const char *label_name,
			  const char *word)
{
	struct column label = column_find(conn, table, label_name);
	const char *values[] = {word};
	PGresult *result;
	char *sql;

	column_require(table, &label, "--word-column");
	sql = format("SELECT %s FROM %s WHERE %s = $1 LIMIT 1", column->quoted,
				 table->quoted, label.quoted);
	result = PQexecParams(conn, sql, 1, NULL, values, NULL, NULL, 1);
	conn_check(conn, result);
	free(sql);
	if (PQntuples(result) == 0)
	{
		PQclear(result);
		word_missing(conn, table, label.quoted, word);
	}
	if (PQgetisnull(result, 0, 0))
		fail(CODE_INPUT, "word \"%s\" has no vector in table %s", word,
			 table->name);
	q->binary = 1;
	q->length = PQgetlength(result, 0, 0);
	q->value = xmalloc((size_t) q->length);
	memcpy(q->value, PQgetvalue(result, 0, 0), (size_t) q->length);
	PQclear(result);
	column_free(&label);
}

/* A statement with the query as its parameter; binary: how rows come. */
PGresult *
query_run(const struct query *q, PGconn *conn, const char *sql, int binary)
{
	const char *values[] = {q->value};
	PGresult *result = PQexecParams(conn, sql, 1, NULL, values, &q->length,
									&q->binary, binary);

	conn_check(conn, result);
	return result;
}

void
query_free(struct query *q)
{
	free(q->value);
}
