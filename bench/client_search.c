/*
 * client_search.c: latency and recall of queries.
 *
 *		client search [OPTION]... QUERIES TRUTH.ivecs <SPECIFICATION
 *
 *		--k=N            neighbours asked for (10)
 *		--connections=N  at a time, a thread each (1)
 *		--warm=N         queries before the measurement (100)
 *		--start=N        number of the first query measured (0)
 *		--count=N        at most so many queries (all)
 *		--seconds=S      and at most so long (no limit), but see LEAST
 *		--round=N        number of the repetition, only printed
 *		--enough=R       pass over further lines of a label that reached
 *						 this recall
 *		--server         time of the executor instead of the client's
 *
 * The specification has a line for each way to search, fields parted by tabs:
 *
 *		label  setting  conninfo  SQL run once  query with $1 and, at its end,
 *LIMIT
 *
 * Vectors go as binary parameters of a prepared statement, and rows come in
 * binary.  For each line a row of CSV is printed:
 *
 *		label,setting,round,connections,queries,recall,qps,p50,p95,p99,mean
 *
 * with latencies in milliseconds.  With --server the query is explained with
 * ANALYZE, without clocks in the nodes, and what it says it took to execute is
 * the latency; recall and qps are then empty.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "latency.h"
#include "pg.h"
#include "vecs.h"

#define LEAST 20 /* queries that are measured in any case */

typedef struct Task
{
	size_t k;
	int connections;
	size_t warm;
	size_t start;
	size_t count;
	double seconds;
	int round;
	double enough;
	bool server;
	Vecs queries;
	Vecs truth;
} Task;

/* A way to search. */
typedef struct Way
{
	char *label;
	char *setting;
	char *conninfo;
	char *setup;
	char *query;
} Way;

/* The run of one way: what its threads share. */
typedef struct Run
{
	const Task *task;
	const Way *way;
	atomic_size_t next; /* number of the next query */
	double deadline;
	double *latency; /* of each query, in seconds */
	atomic_size_t found;
	pthread_barrier_t ready;
	double began;
} Run;

static void measure_all(const Task *task);
static bool read_way(Way *way, char *line);
static double measure(const Task *task, const Way *way);

int
client_search(int argc, char **argv)
{
	static const struct option options[] = {
		{"k", required_argument, NULL, 'k'},
		{"connections", required_argument, NULL, 'c'},
		{"warm", required_argument, NULL, 'w'},
		{"start", required_argument, NULL, 'f'},
		{"count", required_argument, NULL, 'n'},
		{"seconds", required_argument, NULL, 's'},
		{"round", required_argument, NULL, 'r'},
		{"enough", required_argument, NULL, 'e'},
		{"server", no_argument, NULL, 'x'},
		{NULL, 0, NULL, 0}};
	Task task = {.k = 10,
				 .connections = 1,
				 .warm = 100,
				 .count = SIZE_MAX,
				 .seconds = 1e9,
				 .enough = 2};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
	{
		switch (c)
		{
			case 'k':
				task.k = number("k", optarg, 1, 10000);
				break;
			case 'c':
				task.connections = number("connections", optarg, 1, 256);
				break;
			case 'w':
				task.warm = number("warm", optarg, 0, 1e9);
				break;
			case 'f':
				task.start = number("start", optarg, 0, 1e9);
				break;
			case 'n':
				task.count = number("count", optarg, 1, 1e9);
				break;
			case 's':
				task.seconds = number("seconds", optarg, 0, 1e9);
				break;
			case 'r':
				task.round = number("round", optarg, 0, 1e6);
				break;
			case 'e':
				task.enough = number("enough", optarg, 0, 2);
				break;
			case 'x':
				task.server = true;
				break;
			default:
				return 2;
		}
	}
	if (argc - optind != 2)
		die("usage: client search [OPTION]... QUERIES TRUTH <SPECIFICATION");
	task.queries = vecs_open(argv[optind]);
	task.truth = vecs_open(argv[optind + 1]);
	if (task.truth.n != task.queries.n || task.truth.dim < task.k)
		die("%s does not hold %zu neighbours of each query", task.truth.path,
			task.k);
	if (task.count > task.queries.n)
		task.count = task.queries.n;
	measure_all(&task);
	return 0;
}

static void
measure_all(const Task *task)
{
	char *line = NULL;
	size_t size = 0;
	char done[64] = ""; /* the label that needs no more */

	while (getline(&line, &size, stdin) > 0)
	{
		Way way;

		if (read_way(&way, line) && strcmp(way.label, done) != 0 &&
			measure(task, &way) >= task->enough)
			snprintf(done, sizeof(done), "%s", way.label);
	}
	free(line);
}

static bool
read_way(Way *way, char *line)
{
	char **fields[] = {&way->label, &way->setting, &way->conninfo, &way->setup,
					   &way->query};

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return false;
	for (int i = 0; i < 5; i++)
	{
		*fields[i] = strsep(&line, "\t");
		if (*fields[i] == NULL)
			die("a line of the specification has %d fields, not 5", i);
	}
	return true;
}

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
	const int32_t *truth = vecs_ints(&task->truth, query);
	size_t found = 0;

	for (int i = 0; i < PQntuples(result); i++)
	{
		int32_t id = pg_get_int(PQgetvalue(result, i, 0));

		for (size_t j = 0; j < task->k; j++)
		{
			if (truth[j] == id)
			{
				found++;
				break;
			}
		}
	}
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

/* One query; *latency is NULL for one that only warms. */
static void
search(Run *run, PGconn *conn, size_t query, char *buffer, double *latency)
{
	const Task *task = run->task;
	const char *values[1] = {buffer};
	const int lengths[1] = {PG_VECTOR_SIZE(task->queries.dim)};
	const int formats[1] = {1};
	double began;
	PGresult *result;

	pg_put_vector(buffer, vecs_row(&task->queries, query), task->queries.dim);
	began = now();
	result =
		PQexecPrepared(conn, "", 1, values, lengths, formats, !task->server);
	if (latency != NULL)
		*latency = now() - began;
	pg_expect(conn, result, PGRES_TUPLES_OK);
	if (latency != NULL && task->server)
		*latency = execution_time(result);
	else if (latency != NULL)
		run->found += count_found(task, result, query);
	PQclear(result);
}

/* Warm up with the queries that will be measured last. */
static void *
work(void *arg)
{
	Run *run = arg;
	const Task *task = run->task;
	PGconn *conn = open_connection(run);
	char *buffer = allocate(PG_VECTOR_SIZE(task->queries.dim));
	size_t total = task->queries.n;
	size_t i;

	for (i = 0; i < task->warm && (i < LEAST || now() < run->deadline); i++)
		search(run, conn, (task->start + 2 * total - 1 - i % total) % total,
			   buffer, NULL);
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
		search(run, conn, (task->start + i) % total, buffer, &run->latency[i]);
	}
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

/* Print the row of CSV; returns the recall. */
static double
report(const Run *run, double took)
{
	const Task *task = run->task;
	double *times = run->latency;
	size_t n = drop_unmeasured(times, task->count);
	double recall = (double) run->found / (n * task->k);

	printf("%s,%s,%d,%d,%zu,", run->way->label, run->way->setting, task->round,
		   task->connections, n);
	if (task->server)
		printf(",,");
	else
		printf("%.5f,%.2f,", recall, n / took);
	latency_print(times, n);
	return recall;
}

static double
measure(const Task *task, const Way *way)
{
	Run run = {.task = task, .way = way, .deadline = now() + task->seconds};
	pthread_t threads[256];
	double took;
	double recall;

	run.latency = calloc(task->count, sizeof(double));
	if (run.latency == NULL)
		die("out of memory");
	pthread_barrier_init(&run.ready, NULL, task->connections);
	for (int t = 0; t < task->connections; t++)
	{
		if (pthread_create(&threads[t], NULL, work, &run) != 0)
			die("cannot start a thread");
	}
	for (int t = 0; t < task->connections; t++)
		pthread_join(threads[t], NULL);
	took = now() - run.began;
	recall = report(&run, took);
	pthread_barrier_destroy(&run.ready);
	free(run.latency);
	return recall;
}
