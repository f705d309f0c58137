/*
 * bench_state.h
 *	  What the files of vecdb bench share: what was asked for, the queries,
 *	  and for each setting what was measured.
 *
 * bench.c has the order of events and calls the steps, bench_options.c has
 * the options; bench_queries.c gets the queries, bench_recall.c compares with
 * exact answers, bench_run.c takes the times, bench_report.c prints.  The steps
 * do not call each other; bench_session.c has the SQL that they share.
 */
#ifndef VECDB_BENCH_STATE_H
#define VECDB_BENCH_STATE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/reader.h"
#include "conn.h"
#include "latency.h"
#include "plan.h"
#include "progress.h"
#include "query.h"
#include "target.h"

#define MAX_CLIENTS (MAX_CONNECTIONS - 1)
#define MAX_SETTINGS 32
#define MAX_ASSIGNMENTS 16
#define ROW_NAME_SIZE 10 /* bytes of tableoid and ctid */

/* --set NAME=VALUE */
struct assignment
{
	char *name;
	const char *value;
};

struct bench_query
{
	struct query vector;
	bool is_row; /* of the table, and which one */
	char row_name[ROW_NAME_SIZE];
	double farthest; /* distance of the last exact answer */
	int answers;	 /* exact ones that have a distance */
};

enum setting_kind
{
	AS_IS,
	PROBES,
	TARGET_RECALL,
	EXACT
};

/* A way to search: a row of the output. */
struct setting
{
	enum setting_kind kind;
	char *value; /* of probes or target_recall */

	struct plan plan;
	double recall;	   /* negative: not measured */
	double lists_read; /* mean of a search, negative: unknown */
	struct latencies latencies;
	double seconds; /* that all these searches took together */
};

struct bench
{
	struct conn_options connection;
	const char *table_name;
	const char *column_name;
	const char *path; /* of queries, or NULL */
	struct reader_options input;
	const char *condition; /* SQL, or NULL */
	const struct metric *metric;
	struct assignment assignments[MAX_ASSIGNMENTS];
	int assignment_count;
	struct setting settings[MAX_SETTINGS];
	int setting_count;
	long k;
	long query_limit;
	long recall_limit;
	long client_count;
	long rounds;
	long warm;
	long searches; /* of a setting; 0: by time */
	double seconds;
	bool exact;
	bool json;
	bool quiet;

	PGconn *conn; /* for everything but taking times */
	PGconn *clients[MAX_CLIENTS];
	struct table table;
	struct column column;
	struct bench_query *queries;
	size_t query_count;
	size_t recall_count; /* of them, compared with exact answers */
	size_t recall_used;	 /* of these, not without any answer */
	long index_lists;	 /* 0: unknown */
	struct progress progress;
};

/* bench_options.c */
bool bench_options(struct bench *b, int argc, char **argv);

/* bench_session.c */
const char *setting_name(const struct setting *setting);
char *bench_session(const struct bench *b, const struct setting *setting);
char *bench_statement(const struct bench *b, long limit);

/* bench_queries.c */
void bench_read_queries(struct bench *b);
void bench_convert_queries(struct bench *b);
void bench_sample_queries(struct bench *b);

/* bench_recall.c */
void bench_recall(struct bench *b);

/* bench_run.c */
int bench_run(struct bench *b);

/* bench_report.c */
void bench_report(struct bench *b, PGresult *indexes, bool complete);
PGresult *bench_indexes(struct bench *b);

#endif /* VECDB_BENCH_STATE_H */
