/*
 * bench_recall.c
 *	  Recall: which share of the exact answers the searches of each setting
 *	  find.
 *
 * An answer as near as the last exact one is right, so that rows at equal
 * distances may stand for each other.  A query that is a row of the table is
 * left out of both answers, since it would find itself: one row more is asked
 * for.  Everything happens in one snapshot, which the caller has taken, so
 * that rows that come and go meanwhile do not count as errors.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_state.h"
#include "cli.h"
#include "conn_query.h"

/* What the recall of one setting is counted with. */
struct tally
{
	uint64_t found;
	uint64_t wanted;
	uint64_t lists;
	const char *scan_sql; /* what the last scan did; NULL: cannot be told */
};

static bool
is_own_row(const struct bench_query *q, const PGresult *result, int row)
{
	return q->is_row &&
		   memcmp(q->row_name, PQgetvalue(result, row, 0), 4) == 0 &&
		   memcmp(q->row_name + 4, PQgetvalue(result, row, 1), 6) == 0;
}

/* NaN for a row that has none. */
static double
distance_of(const PGresult *result, int row)
{
	const unsigned char *bytes =
		(const unsigned char *) PQgetvalue(result, row, 2);
	uint64_t bits = 0;
	double distance;

	if (PQgetisnull(result, row, 2))
		return NAN;
	for (int i = 0; i < 8; i++)
		bits = bits << 8 | bytes[i];
	memcpy(&distance, &bits, sizeof(distance));
	return distance;
}

/*
 * How many of the first k answers are not farther than the limit; *farthest
 * is the distance of the last of them.
 */
static int
count_within(const struct bench *b, const struct bench_query *q,
			 const PGresult *result, double limit, double *farthest)
{
	int found = 0;
	long seen = 0;

	for (int r = 0; r < PQntuples(result) && seen < b->k; r++)
	{
		double distance = distance_of(result, r);

		if (is_own_row(q, result, r))
			continue;
		seen++;
		/* never true of NaN */
		if (distance <= limit)
		{
			found++;
			*farthest = distance;
		}
	}
	return found;
}

static void
show(struct bench *b, const char *label, size_t done, size_t total)
{
	double left = progress_left(&b->progress, done, total);
	char clock[16];
	char *detail;

	if (!progress_due(&b->progress))
		return;
	detail = left < 0 ? format("%zu of %zu", done, total)
					  : format("%zu of %zu, %s left", done, total,
							   clock_time(left, clock, sizeof(clock)));
	progress_show(&b->progress, label, done, total, detail);
	free(detail);
}

static void
enter(struct bench *b, const struct setting *setting)
{
	char *sql = bench_session(b, setting);

	conn_command(b->conn, "SAVEPOINT vecdb");
	conn_command(b->conn, sql);
	free(sql);
}

static void
leave(struct bench *b)
{
	progress_clear();
	conn_command(b->conn, "ROLLBACK TO SAVEPOINT vecdb");
}

static void
find_exact(struct bench *b, const char *sql)
{
	static const struct setting exact = {.kind = EXACT};

	enter(b, &exact);
	progress_start(&b->progress, b->quiet);
	for (size_t i = 0; i < b->recall_count; i++)
	{
		struct bench_query *q = &b->queries[i];
		PGresult *result = query_run(&q->vector, b->conn, sql, 1);

		q->answers = count_within(b, q, result, INFINITY, &q->farthest);
		b->recall_used += q->answers > 0;
		PQclear(result);
		show(b, "finding exact answers", i + 1, b->recall_count);
	}
	leave(b);
}

/* The function that tells about the last scan, where there is one. */
static char *
scan_statement(const struct bench *b, const struct setting *setting)
{
	char *name = format("%s.vecdb_last_scan()", b->column.schema);
	const char *values[] = {name};
	char *oid = conn_value(
		b->conn, "SELECT pg_catalog.to_regprocedure($1)::oid", 1, values);
	/* Of several indexes it would tell the last one only. */
	char *sql = oid == NULL || setting->plan.count != 1
					? NULL
					: format("SELECT probes, lists FROM %s", name);

	free(name);
	free(oid);
	return sql;
}

static void
ask_scan(struct bench *b, struct tally *t)
{
	PGresult *result = conn_query(b->conn, t->scan_sql, 0, NULL);

	t->lists += strtoull(PQgetvalue(result, 0, 0), NULL, 10);
	b->index_lists = strtol(PQgetvalue(result, 0, 1), NULL, 10);
	PQclear(result);
}

static void
search_once(struct bench *b, const struct bench_query *q, const char *sql,
			struct tally *t)
{
	PGresult *result = query_run(&q->vector, b->conn, sql, 1);
	double unused;

	t->found += (uint64_t) count_within(b, q, result, q->farthest, &unused);
	t->wanted += (uint64_t) q->answers;
	PQclear(result);
	if (t->scan_sql != NULL)
		ask_scan(b, t);
}

/* A query that nothing has a distance to does not count. */
static void
search_all(struct bench *b, struct setting *setting, const char *sql)
{
	char *scan_sql = scan_statement(b, setting);
	struct tally t = {.scan_sql = scan_sql};

	for (size_t i = 0; i < b->recall_count; i++)
	{
		if (b->queries[i].answers > 0)
			search_once(b, &b->queries[i], sql, &t);
		show(b, "measuring recall", i + 1, b->recall_count);
	}
	if (t.wanted > 0)
		setting->recall = (double) t.found / (double) t.wanted;
	if (b->recall_used > 0 && scan_sql != NULL)
		setting->lists_read = (double) t.lists / (double) b->recall_used;
	free(scan_sql);
}

static void
measure(struct bench *b, struct setting *setting, const char *sql)
{
	enter(b, setting);
	plan_ask(&setting->plan, b->conn, sql, &b->queries[0].vector);
	progress_start(&b->progress, b->quiet);
	/* The exact answers are right by definition. */
	if (setting->kind == EXACT)
		setting->recall = b->recall_used > 0 ? 1 : -1;
	else
		search_all(b, setting, sql);
	leave(b);
}

/* In a transaction whose snapshot stays; also asks for the plans. */
void
bench_recall(struct bench *b)
{
	bool rows = b->queries[0].is_row;
	char *sql = bench_statement(b, rows ? b->k + 1 : b->k);

	if (b->recall_count > 0)
		find_exact(b, sql);
	for (int i = 0; i < b->setting_count; i++)
		measure(b, &b->settings[i], sql);
	free(sql);
}
