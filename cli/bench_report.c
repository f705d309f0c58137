/*
 * bench_report.c
 *	  What vecdb bench found out, for people and as JSON.
 *
 * The figures are put into a result such as the server's, so that one
 * function each prints them as a table and as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_state.h"
#include "cli.h"
#include "conn_query.h"
#include "output.h"
#include "quote.h"

/* Of the figures; the order of enum figure. */
static const struct
{
	const char *name;
	Oid type;
} figures[] = {
	{"setting", 0},
	{"value", NUMERICOID},
	{"recall", NUMERICOID},
	{"lists_read", NUMERICOID},
	{"searches", NUMERICOID},
	{"per_second", NUMERICOID},
	{"p50_ms", NUMERICOID},
	{"p95_ms", NUMERICOID},
	{"p99_ms", NUMERICOID},
	{"max_ms", NUMERICOID},
	{"index", 0},
};

enum figure
{
	SETTING,
	VALUE,
	RECALL,
	LISTS_READ,
	SEARCHES,
	PER_SECOND,
	P50,
	P95,
	P99,
	MAX,
	INDEX
};

#define FIGURE_COUNT ((int) (sizeof(figures) / sizeof(figures[0])))

static PGresult *
empty_result(void)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[FIGURE_COUNT];

	memset(columns, 0, sizeof(columns));
	for (int i = 0; i < FIGURE_COUNT; i++)
	{
		columns[i].name = xstrdup(figures[i].name);
		columns[i].typid = figures[i].type;
	}
	if (result == NULL || !PQsetResultAttrs(result, FIGURE_COUNT, columns))
		fail(CODE_INPUT, "out of memory");
	for (int i = 0; i < FIGURE_COUNT; i++)
		free(columns[i].name);
	return result;
}

/* NULL stays NULL; the text is freed. */
static void
put(PGresult *result, int row, enum figure figure, char *text)
{
	int len = text == NULL ? -1 : (int) strlen(text);

	if (!PQsetvalue(result, row, (int) figure, text, len))
		fail(CODE_INPUT, "out of memory");
	free(text);
}

static void
put_times(PGresult *result, int row, const struct setting *setting)
{
	static const unsigned percents[] = {50, 95, 99, 100};
	const struct latencies *l = &setting->latencies;

	put(result, row, SEARCHES, format("%zu", l->count));
	put(result, row, PER_SECOND,
		l->count == 0 ? NULL
					  : format("%.1f", (double) l->count / setting->seconds));
	for (int i = 0; i < 4; i++)
		put(result, row, (enum figure)(P50 + i),
			l->count == 0 ? NULL
						  : format("%.3f", latencies_at(l, percents[i]) * 1e3));
}

static char *
index_names(const struct plan *plan)
{
	if (plan->count == 0)
		return NULL;
	return plan->count == 1
			   ? xstrdup(plan->indexes[0])
			   : format("%s and %d more", plan->indexes[0], plan->count - 1);
}

static PGresult *
all_figures(const struct bench *b)
{
	PGresult *result = empty_result();

	for (int i = 0; i < b->setting_count; i++)
	{
		const struct setting *s = &b->settings[i];

		put(result, i, SETTING, xstrdup(setting_name(s)));
		put(result, i, VALUE, s->value == NULL ? NULL : xstrdup(s->value));
		put(result, i, RECALL,
			s->recall < 0 ? NULL : format("%.4f", s->recall));
		put(result, i, LISTS_READ,
			s->lists_read < 0 ? NULL : format("%.1f", s->lists_read));
		put_times(result, i, s);
		put(result, i, INDEX, index_names(&s->plan));
	}
	return result;
}

/* The names of all plans' indexes, as a list for IN; NULL if there is none. */
static char *
quoted_indexes(struct bench *b)
{
	char *list = NULL;

	for (int i = 0; i < b->setting_count && list == NULL; i++)
	{
		const struct plan *plan = &b->settings[i].plan;

		for (int j = 0; j < plan->count; j++)
		{
			char *quoted = quote_literal(b->conn, plan->indexes[j]);
			char *longer =
				list == NULL ? xstrdup(quoted) : format("%s, %s", list, quoted);

			free(quoted);
			free(list);
			list = longer;
		}
	}
	return list;
}

/*
 * The indexes that the first setting with any uses: a row for each.  Settings
 * choose between an index and a scan, hardly between two indexes.
 */
PGresult *
bench_indexes(struct bench *b)
{
	char *names = quoted_indexes(b);
	char *lists = b->index_lists > 0 ? format("%ld", b->index_lists) : NULL;
	const char *values[] = {b->table.quoted, lists};
	char *sql =
		format("SELECT pg_catalog.quote_ident(c.relname) AS name,"
			   " m.amname AS method, $2::pg_catalog.int8 AS lists,"
			   " pg_catalog.pg_relation_size(c.oid) AS bytes,"
			   " pg_catalog.pg_size_pretty(pg_catalog.pg_relation_size(c.oid))"
			   " AS size FROM pg_catalog.pg_index i"
			   " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
			   " JOIN pg_catalog.pg_am m ON m.oid = c.relam"
			   " WHERE (i.indrelid = $1::pg_catalog.regclass::pg_catalog.oid"
			   " OR i.indrelid IN (SELECT relid::pg_catalog.oid FROM"
			   " pg_catalog.pg_partition_tree($1::pg_catalog.regclass)))"
			   " AND pg_catalog.quote_ident(c.relname) IN (%s)"
			   " ORDER BY c.relname",
			   names == NULL ? "NULL" : names);
	PGresult *result = conn_query(b->conn, sql, 2, values);

	free(names);
	free(lists);
	free(sql);
	return result;
}

static void
json_text(const char *key, const char *text)
{
	printf(",\n  \"%s\": ", key);
	json_string(stdout, text);
}

static void
json_assignments(const struct bench *b)
{
	printf(",\n  \"set\": {");
	for (int i = 0; i < b->assignment_count; i++)
	{
		printf(i > 0 ? ", " : "");
		json_string(stdout, b->assignments[i].name);
		printf(": ");
		json_string(stdout, b->assignments[i].value);
	}
	printf("}");
}

static void
print_json(const struct bench *b, const PGresult *found,
		   const PGresult *indexes, bool complete)
{
	printf("{\n  \"table\": ");
	json_string(stdout, b->table.name);
	json_text("column", b->column.name);
	json_text("metric", b->metric->name);
	json_text("where", b->condition);
	json_text("queries_from", b->path);
	printf(",\n  \"k\": %ld,\n  \"queries\": %zu,\n  \"recall_queries\": %zu,"
		   "\n  \"clients\": %ld,\n  \"rounds\": %ld,\n  \"complete\": %s",
		   b->k, b->query_count, b->recall_used, b->client_count, b->rounds,
		   complete ? "true" : "false");
	json_assignments(b);
	printf(",\n  \"indexes\": ");
	json_rows(stdout, indexes);
	printf(",\n  \"results\": ");
	json_rows(stdout, found);
	printf("\n}\n");
}

static void
print_indexes(const PGresult *indexes)
{
	for (int r = 0; r < PQntuples(indexes); r++)
	{
		const char *lists = PQgetvalue(indexes, r, 2);

		printf("index %s: %s, %s%s%s\n", PQgetvalue(indexes, r, 0),
			   PQgetvalue(indexes, r, 1), lists, lists[0] ? " lists, " : "",
			   PQgetvalue(indexes, r, 4));
	}
}

static void
print_people(const struct bench *b, const PGresult *found,
			 const PGresult *indexes)
{
	char count[32];

	print_table(stdout, found);
	printf("\n%ld nearest by %s distance, %ld client%s, %s queries from %s",
		   b->k, b->metric->name, b->client_count,
		   b->client_count == 1 ? "" : "s",
		   group_digits(b->query_count, count, sizeof(count)),
		   b->path == NULL ? "the table" : b->path);
	if (b->recall_used > 0)
		printf(", recall of %s of them",
			   group_digits(b->recall_used, count, sizeof(count)));
	printf("\n");
	print_indexes(indexes);
}

void
bench_report(struct bench *b, PGresult *indexes, bool complete)
{
	PGresult *found = all_figures(b);

	if (b->json)
		print_json(b, found, indexes, complete);
	else
		print_people(b, found, indexes);
	PQclear(found);
}
