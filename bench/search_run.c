/*
 * search_run.c: see search_run.h.
 *
 * A thread for each connection takes the next query as soon as it has the
 * answer to its last one, until queries or time run out.  Ways that take turns
 * have one thread for all their connections.
 */
#include "search_run.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"

#define LEAST 20 /* queries that are measured in any case */

/* The run of one way: what its threads share. */
typedef struct Run
{
	const Task *task;
	const Way *way;
	atomic_size_t next; /* number of the next query */
	double deadline;
	double *latency; /* of each query, in seconds; 0 where it was not put */
	atomic_size_t found;
	atomic_size_t kilobytes; /* of the largest backend, if they are watched */
	pthread_barrier_t ready;
	double began;
} Run;

static PGconn *
open_connection(const Run *run)
{
	PGconn *conn = pg_connect(run->way->conninfo);
	PGresult *result;
	char sql[1024];

	pg_run(conn, run->way->setup);
	snprintf(sql, sizeof(sql), "%s%s",
			 run->task->server ? "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) "
							   : "",
			 run->way->query);
	result = PQprepare(conn, "", sql, 0, NULL);
	pg_expect(conn, result, PGRES_COMMAND_OK);
	PQclear(result);
	return conn;
}

/* How many of the rows are among the true nearest k. */
static size_t
count_found(const Task *task, const PGresult *result, size_t query)
{
	size_t found = 0;

	for (int i = 0; i < PQntuples(result); i++)
		found += vecs_holds(&task->truth, query, task->k,
							pg_get_int(PQgetvalue(result, i, 0)));
	return found;
}

/* Seconds that the server says it took, from the plan's last lines. */
static double
execution_time(const PGresult *result)
{
	double ms;

	for (int i = PQntuples(result) - 1; i >= 0; i--)
	{
		if (sscanf(PQgetvalue(result, i, 0), "Execution Time: %lf ms", &ms) ==
			1)
			return ms / 1000;
	}
	die("EXPLAIN does not say how long the query took");
}

/*
 * Where a query begins.  What a backend does after it has answered, before it
 * sleeps, is processor time of that query's successor.
 */
static void
begin(const Run *run, double *mark)
{
	if (!run->task->processor)
		*mark = now();
}

/* Seconds since it began; more than 0, by a clock too coarse for it as well. */
static double
end(const Run *run, const PGconn *conn, double *mark)
{
	double began = *mark;

	*mark = run->task->processor ? pg_running_time(conn) : now();
	return fmax(*mark - began, 1e-9);
}

/* One query; *latency is NULL for one that only warms. */
static void
search(Run *run, PGconn *conn, size_t query, char *buffer, double *mark,
	   double *latency)
{
	const Task *task = run->task;
	const char *values[1] = {buffer};
	const int lengths[1] = {PG_VECTOR_SIZE(task->queries.dim)};
	const int formats[1] = {1};
	double took;
	PGresult *result;

	pg_put_vector(buffer, vecs_row(&task->queries, query), task->queries.dim);
	begin(run, mark);
	result =
		PQexecPrepared(conn, "", 1, values, lengths, formats, !task->server);
	took = end(run, conn, mark);
	if (latency != NULL)
		*latency = took;
	pg_expect(conn, result, PGRES_TUPLES_OK);
	if (latency != NULL && task->server)
		*latency = execution_time(result);
	else if (latency != NULL)
		run->found += count_found(task, result, query);
	PQclear(result);
}

static void
note_memory(Run *run, PGconn *conn)
{
	size_t kilobytes = process_kilobytes(PQbackendPID(conn));
	size_t most = run->kilobytes;

	while (kilobytes > most &&
		   !atomic_compare_exchange_weak(&run->kilobytes, &most, kilobytes))
		;
}

/* Those that will be measured last warm up. */
static size_t
warming_query(const Task *task, size_t i)
{
	size_t total = task->queries.n;

	return (task->start + 2 * total - 1 - i % total) % total;
}

static void *
work(void *arg)
{
	Run *run = arg;
	const Task *task = run->task;
	PGconn *conn = open_connection(run);
	char *buffer = allocate(PG_VECTOR_SIZE(task->queries.dim));
	size_t total = task->queries.n;
	double mark = task->processor ? pg_running_time(conn) : 0;
	size_t i;

	for (i = 0; i < task->warm && (i < LEAST || now() < run->deadline); i++)
		search(run, conn, warming_query(task, i), buffer, &mark, NULL);
	if (pthread_barrier_wait(&run->ready) == PTHREAD_BARRIER_SERIAL_THREAD)
	{
		run->began = now();
		run->deadline = run->began + task->seconds;
	}
	pthread_barrier_wait(&run->ready);
	for (;;)
	{
		i = run->next++;
		if (i >= task->count || (i >= LEAST && now() > run->deadline))
			break;
		search(run, conn, (task->start + i) % total, buffer, &mark,
			   &run->latency[i]);
	}
	if (task->watch != NULL)
		note_memory(run, conn);
	PQfinish(conn);
	free(buffer);
	return NULL;
}

/* A query that was not begun when the time ran out has no latency. */
static size_t
drop_unmeasured(double *latency, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
	{
		if (latency[i] > 0)
			latency[kept++] = latency[i];
	}
	return kept;
}

static double
sum(const double *values, size_t n)
{
	double total = 0;

	for (size_t i = 0; i < n; i++)
		total += values[i];
	return total;
}

static void
begin_run(Run *run, const Task *task, const Way *way)
{
	memset(run, 0, sizeof(*run));
	run->task = task;
	run->way = way;
	run->deadline = now() + task->seconds;
	run->latency = calloc(task->count, sizeof(double));
	if (run->latency == NULL)
		die("out of memory");
}

static Outcome
end_run(const Run *run, double took)
{
	Outcome outcome = {.latency = run->latency,
					   .n = drop_unmeasured(run->latency, run->task->count),
					   .found = run->found,
					   .took = took,
					   .kilobytes = run->kilobytes};

	if (run->task->processor)
		outcome.took = sum(outcome.latency, outcome.n);
	return outcome;
}

Outcome
search_run(const Task *task, const Way *way)
{
	Run run;
	pthread_t threads[MOST_CONNECTIONS];
	Watch *watch = NULL;
	Outcome outcome;

	begin_run(&run, task, way);
	pthread_barrier_init(&run.ready, NULL, task->connections);
	for (int t = 0; t < task->connections; t++)
	{
		if (pthread_create(&threads[t], NULL, work, &run) != 0)
			die("cannot start a thread");
	}
	if (task->watch != NULL)
		watch = watch_begin(way->conninfo);
	for (int t = 0; t < task->connections; t++)
		pthread_join(threads[t], NULL);
	pthread_barrier_destroy(&run.ready);
	outcome = end_run(&run, now() - run.began);
	if (watch != NULL)
		outcome.watched = watch_end(watch);
	return outcome;
}

/* Ways that take turns --------------------------------------------------- */

typedef struct Turn
{
	Run run;
	PGconn *conn;
	double mark;
} Turn;

/* Who begins changes, since the first one may find a colder cache. */
static void
search_all(Turn *turns, int n, size_t i, size_t query, char *buffer,
		   bool measured)
{
	for (int way = 0; way < n; way++)
	{
		Turn *turn = &turns[(way + i) % n];

		search(&turn->run, turn->conn, query, buffer, &turn->mark,
			   measured ? &turn->run.latency[i] : NULL);
	}
}

void
search_in_turn(const Task *task, const Way *ways, int n, Outcome *outcomes)
{
	Turn turns[MOST_WAYS];
	char *buffer = allocate(PG_VECTOR_SIZE(task->queries.dim));
	double deadline;

	for (int way = 0; way < n; way++)
	{
		begin_run(&turns[way].run, task, &ways[way]);
		turns[way].conn = open_connection(&turns[way].run);
		turns[way].mark =
			task->processor ? pg_running_time(turns[way].conn) : 0;
	}
	for (size_t i = 0; i < task->warm; i++)
		search_all(turns, n, i, warming_query(task, i), buffer, false);
	deadline = now() + task->seconds;
	for (size_t i = 0; i < task->count && (i < LEAST || now() < deadline); i++)
		search_all(turns, n, i, (task->start + i) % task->queries.n, buffer,
				   true);
	for (int way = 0; way < n; way++)
	{
		PQfinish(turns[way].conn);
		outcomes[way] =
			end_run(&turns[way].run, sum(turns[way].run.latency, task->count));
	}
	free(buffer);
}
