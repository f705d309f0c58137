/*
 * bench.c
 *	  vecdb bench: how fast searches in a table are, and which share of the
 *	  true neighbours they find, at one or several settings.
 *
 * First, in one snapshot and on one connection: queries, exact answers,
 * plans, recall.  Then the times, on as many connections as were asked for.
 * Nothing is written to the database.
 */
#include <stdlib.h>
#include <string.h>

#include "bench_state.h"
#include "cli.h"
#include "conn_query.h"

/* A view's rows have no names of their own. */
static void
require_rows_with_names(struct bench *b)
{
	const char *values[] = {b->table.quoted};
	char *kind =
		conn_value(b->conn,
				   "SELECT relkind FROM pg_catalog.pg_class"
				   " WHERE oid = $1::pg_catalog.regclass::pg_catalog.oid",
				   1, values);

	if (kind != NULL && kind[0] == 'v')
		fail(CODE_INPUT, "%s is a view, expected a table", b->table.name);
	free(kind);
}

static void
find_target(struct bench *b)
{
	b->table = table_named(b->conn, b->table_name);
	table_require(b->conn, &b->table);
	b->column = column_of_vectors(b->conn, &b->table, b->column_name);
	require_rows_with_names(b);
	if (b->metric == NULL)
		b->metric = metric_of_index(b->conn, &b->table, b->column_name);
}

/*
 * Once a vector has passed through the server, the extension is loaded and
 * its settings are known; before that, any name of two parts is accepted.
 */
static void
require_parameter(struct bench *b, enum setting_kind kind, const char *name)
{
	const char *values[] = {name};

	for (int i = 0; i < b->setting_count; i++)
	{
		char *found;

		if (b->settings[i].kind != kind)
			continue;
		found = conn_value(b->conn,
						   "SELECT name FROM pg_catalog.pg_settings"
						   " WHERE name = $1",
						   1, values);
		if (found == NULL)
			fail(CODE_INPUT, "the server has no setting %s, for --%s", name,
				 kind == PROBES ? "probes" : "target-recall");
		free(found);
		return;
	}
}

static void
open_clients(struct bench *b)
{
	for (long i = 0; i < b->client_count; i++)
		b->clients[i] = conn_clone_or_fail(b->conn);
}

/* A benchmark of something else than was thought is worse than none. */
static void
warn_of_scans(const struct bench *b)
{
	for (int i = 0; i < b->setting_count; i++)
	{
		const struct setting *s = &b->settings[i];

		if (s->kind == EXACT || s->plan.count > 0)
			continue;
		warn("no index serves the searches of setting %s%s%s: they scan the "
			 "table",
			 setting_name(s), s->value ? " " : "", s->value ? s->value : "");
		hint("Either there is no index on column \"%s\" for %s distance, or "
			 "the planner expects it to cost more than a scan.",
			 b->column.name, b->metric->name);
		return;
	}
}

static void
warn_of_method(const struct bench *b, const PGresult *indexes)
{
	const char *method =
		PQntuples(indexes) > 0 ? PQgetvalue(indexes, 0, 1) : "ivfflat";

	for (int i = 0; i < b->setting_count; i++)
		if ((b->settings[i].kind == PROBES ||
			 b->settings[i].kind == TARGET_RECALL) &&
			strcmp(method, "ivfflat") != 0)
		{
			warn("%s means nothing to index %s, which is of method %s",
				 setting_name(&b->settings[i]), PQgetvalue(indexes, 0, 0),
				 method);
			return;
		}
}

/* Everything but the times, in one snapshot. */
static PGresult *
study(struct bench *b)
{
	PGresult *indexes;

	conn_command(b->conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	if (b->path == NULL)
		bench_sample_queries(b);
	else
		bench_convert_queries(b);
	require_parameter(b, PROBES, "ivfflat.probes");
	require_parameter(b, TARGET_RECALL, "ivfflat.target_recall");
	b->recall_count = b->query_count < (size_t) b->recall_limit
						  ? b->query_count
						  : (size_t) b->recall_limit;
	bench_recall(b);
	indexes = bench_indexes(b);
	conn_command(b->conn, "COMMIT");
	warn_of_scans(b);
	warn_of_method(b, indexes);
	return indexes;
}

/* What was measured until a failure is worth showing. */
static bool
measured_any(const struct bench *b)
{
	for (int i = 0; i < b->setting_count; i++)
		if (b->settings[i].latencies.count > 0)
			return true;
	return false;
}

static void
free_all(struct bench *b)
{
	for (long i = 0; i < b->client_count; i++)
		conn_close(b->clients[i]);
	conn_close(b->conn);
	for (size_t i = 0; i < b->query_count; i++)
		query_free(&b->queries[i].vector);
	free(b->queries);
	for (int i = 0; i < b->setting_count; i++)
	{
		free(b->settings[i].value);
		plan_free(&b->settings[i].plan);
		latencies_free(&b->settings[i].latencies);
	}
	for (int i = 0; i < b->assignment_count; i++)
		free(b->assignments[i].name);
	column_free(&b->column);
	table_free(&b->table);
}

int
bench_main(int argc, char **argv)
{
	struct bench b;
	PGresult *indexes;
	int code;

	if (!bench_options(&b, argc, argv))
		return CODE_OK;
	/* A file that is bad from the start should not need a server. */
	if (b.path != NULL)
		bench_read_queries(&b);
	b.conn = conn_open(&b.connection);
	find_target(&b);
	open_clients(&b);
	indexes = study(&b);
	code = bench_run(&b);
	if (code == CODE_INTERRUPTED)
		complain("interrupted");
	if (code == CODE_OK || measured_any(&b))
		bench_report(&b, indexes, code == CODE_OK);
	PQclear(indexes);
	free_all(&b);
	finish_stdout();
	return code;
}
