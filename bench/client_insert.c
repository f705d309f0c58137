/*
 * client_insert.c: how many single-row INSERTs a second a table takes.
 *
 *		client insert [--label=CSV-FIELDS] [--seconds=S] [--rows=N]
 *			[--setup=SQL] [--connections=N] [--latency] [--processor]
 *			CONNINFO TABLE FILE
 *
 * Rows of FILE are inserted in turn through prepared statements, a transaction
 * each, until the time or the rows run out.  Their ids lie behind those of the
 * table.  They are deleted again afterwards.  Prints: label,rows,rows per
 * second, with --processor per second that the backends were running; with
 * --latency also milliseconds of an insert, the median, the 99.9th
 * percentile and the most, and microseconds of the backends' processor time for
 * each.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "args.h"
#include "commands.h"
#include "common/percentile.h"
#include "pg.h"
#include "search_run.h"
#include "vecs.h"

#define FIRST_ID 2000000000
#define MOST_LATENCIES 10000000 /* rows with --latency, at most */

typedef struct Insert
{
	const char *label;
	double seconds;
	size_t rows;
	const char *setup;
	size_t connections;
	bool latency;
	bool processor;
	const char *conninfo;
	const char *table;
	Vecs vecs;

	atomic_size_t next; /* number of the next row */
	double deadline;
	double *latencies;	   /* of each row, in seconds; NULL: not asked for */
	atomic_size_t backend; /* nanoseconds of the backends */
	pthread_barrier_t ready;
} Insert;

static void prepare(PGconn *conn, const char *table);

/* One row; seconds that it took. */
static double
insert_row(PGconn *conn, const Insert *insert, size_t n, char *vector)
{
	char id[4];
	const char *values[2] = {id, vector};
	const int lengths[2] = {4, PG_VECTOR_SIZE(insert->vecs.dim)};
	const int formats[2] = {1, 1};
	PGresult *result;
	double began;
	double took;

	pg_put_int(id, FIRST_ID + n);
	pg_put_vector(vector, vecs_row(&insert->vecs, n % insert->vecs.n),
				  insert->vecs.dim);
	began = now();
	result = PQexecPrepared(conn, "", 2, values, lengths, formats, 1);
	took = now() - began;
	pg_expect(conn, result, PGRES_COMMAND_OK);
	PQclear(result);
	return took;
}

/* What one connection does. */
static void *
work(void *arg)
{
	Insert *insert = arg;
	PGconn *conn = pg_connect(insert->conninfo);
	char *vector = allocate(PG_VECTOR_SIZE(insert->vecs.dim));
	double backend = 0;

	pg_run(conn, insert->setup);
	prepare(conn, insert->table);
	if (insert->latency || insert->processor)
		backend = pg_running_time(conn);
	if (pthread_barrier_wait(&insert->ready) == PTHREAD_BARRIER_SERIAL_THREAD)
		insert->deadline = now() + insert->seconds;
	pthread_barrier_wait(&insert->ready);
	while (now() < insert->deadline)
	{
		size_t n = insert->next++;
		double took;

		if (n >= insert->rows)
			break;
		took = insert_row(conn, insert, n, vector);
		if (insert->latency)
			insert->latencies[n] = took;
	}
	if (insert->latency || insert->processor)
		insert->backend += (size_t) ((pg_running_time(conn) - backend) * 1e9);
	PQfinish(conn);
	free(vector);
	return NULL;
}

static void
prepare(PGconn *conn, const char *table)
{
	char sql[256];
	PGresult *result;

	snprintf(sql, sizeof(sql), "INSERT INTO %s (id, v) VALUES ($1, $2)", table);
	result = PQprepare(conn, "", sql, 0, NULL);
	pg_expect(conn, result, PGRES_COMMAND_OK);
	PQclear(result);
}

/* Of n > 0 latencies, which are sorted. */
static void
print_latencies(double *latency, size_t n, double backend)
{
	sort_values(latency, n);
	printf(",%.4f,%.4f,%.4f,%.1f", percentile(latency, n, 50) * 1e3,
		   latency[(size_t) ceil(0.999 * n) - 1] * 1e3, latency[n - 1] * 1e3,
		   backend / n * 1e6);
}

static void
insert_rows(Insert *insert)
{
	pthread_t threads[MOST_CONNECTIONS];
	double took;
	size_t n;

	pthread_barrier_init(&insert->ready, NULL, insert->connections);
	for (size_t i = 0; i < insert->connections; i++)
		if (pthread_create(&threads[i], NULL, work, insert) != 0)
			die("a thread could not be made");
	for (size_t i = 0; i < insert->connections; i++)
		pthread_join(threads[i], NULL);
	/* From when all connections stood. */
	took = insert->processor ? insert->backend / 1e9
							 : now() - (insert->deadline - insert->seconds);
	n = insert->next < insert->rows ? insert->next : insert->rows;
	printf("%s,%zu,%.1f", insert->label, n, n / took);
	if (insert->latency && n > 0)
		print_latencies(insert->latencies, n, insert->backend / 1e9);
	printf("\n");
}

int
client_insert(int argc, char **argv)
{
	Insert insert = {.label = "",
					 .seconds = 10,
					 .rows = SIZE_MAX,
					 .setup = "",
					 .connections = 1};
	const Arg args[] = {
		{"label", ARG_TEXT, &insert.label, 0, 0},
		{"seconds", ARG_DOUBLE, &insert.seconds, 0, 1e6},
		{"rows", ARG_SIZE, &insert.rows, 1, 2e9},
		{"setup", ARG_TEXT, &insert.setup, 0, 0},
		{"connections", ARG_SIZE, &insert.connections, 1, MOST_CONNECTIONS},
		{"latency", ARG_FLAG, &insert.latency, 0, 0},
		{"processor", ARG_FLAG, &insert.processor, 0, 0},
		{NULL, 0, NULL, 0, 0}};
	char **operands = args_parse(
		args, argc, argv, 3, "client insert [OPTION]... CONNINFO TABLE FILE");
	PGconn *conn;
	char sql[256];

	insert.conninfo = operands[0];
	insert.table = operands[1];
	insert.vecs = vecs_open(operands[2]);
	if (insert.latency)
	{
		insert.rows =
			insert.rows < MOST_LATENCIES ? insert.rows : MOST_LATENCIES;
		insert.latencies = allocate(insert.rows * sizeof(double));
	}
	insert_rows(&insert);
	free(insert.latencies);
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE id >= %d", insert.table,
			 FIRST_ID);
	conn = pg_connect(insert.conninfo);
	pg_run(conn, sql);
	PQfinish(conn);
	return 0;
}
