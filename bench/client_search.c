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
 *		--seconds=S      and at most so long (no limit), but 20 in any case
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
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "latency.h"
#include "search_run.h"

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
				task.connections =
					number("connections", optarg, 1, MOST_CONNECTIONS);
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

/* Print the row of CSV; returns the recall. */
static double
measure(const Task *task, const Way *way)
{
	Outcome outcome = search_run(task, way);
	double recall = (double) outcome.found / (outcome.n * task->k);

	printf("%s,%s,%d,%d,%zu,", way->label, way->setting, task->round,
		   task->connections, outcome.n);
	if (task->server)
		printf(",,");
	else
		printf("%.5f,%.2f,", recall, outcome.n / outcome.took);
	latency_print(outcome.latency, outcome.n);
	free(outcome.latency);
	return recall;
}
