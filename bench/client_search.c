/*
 * client_search.c: latency and recall of queries.
 *
 *		client search [OPTION]... QUERIES TRUTH.ivecs <SPECIFICATION
 *
 *		--k=N            neighbours asked for (10)
 *		--connections=N  at a time, a thread each (1)
 *		--warm=N         queries before the measurement (100)
 *		--start=N        number of the first query measured (0)
 *		--count=N        at most so many queries (as many as there are; with
 *						 more, they begin again)
 *		--seconds=S      and at most so long (no limit), but 20 in any case
 *		--round=N        number of the repetition, only printed
 *		--enough=R       pass over further lines of a label that reached
 *						 this recall
 *		--watch=FILE     append to it what was seen meanwhile, see below
 *		--in-turn        all ways at once, a query of each after the other, by
 *						 one connection each: how two builds or settings compare
 *						 on a machine that is not idle
 *		--server         time of the executor instead of the client's
 *		--processor      time that the backend, on this machine, was running,
 *						 instead of the client's
 *
 * The specification has a line for each way to search, fields parted by tabs:
 *
 *		label  setting  conninfo  SQL run once  query with $1
 *
 * Vectors go as binary parameters of a prepared statement, and rows come in
 * binary.  For each line a row of CSV is printed:
 *
 *		label,setting,round,connections,queries,recall,qps,p50,p95,p99,mean
 *
 * with latencies in milliseconds.  With --watch, rows of
 *
 *		label,setting,round,connections,active,waiting,names,kilobytes
 *
 * say in how many of the looks at active sessions these waited for lightweight
 * locks, for which, and how much memory the largest backend had at the end.
 * With --server the query is explained with ANALYZE, without clocks in the
 * nodes, and what it says it took to execute is the latency; recall and qps are
 * then empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "commands.h"
#include "latency.h"
#include "search_run.h"

static void measure_all(const Task *task);
static bool read_way(Way *way, char *line);
static double measure(const Task *task, const Way *way);
static void measure_in_turn(const Task *task);
static void append_watched(const Task *task, const Way *way,
						   const Outcome *outcome);
static double print_row(const Task *task, const Way *way, Outcome outcome);

int
client_search(int argc, char **argv)
{
	Task task = {
		.k = 10, .connections = 1, .warm = 100, .seconds = 1e9, .enough = 2};
	bool in_turn = false;
	const Arg args[] = {
		{"k", ARG_SIZE, &task.k, 1, 10000},
		{"connections", ARG_INT, &task.connections, 1, MOST_CONNECTIONS},
		{"warm", ARG_SIZE, &task.warm, 0, 1e9},
		{"start", ARG_SIZE, &task.start, 0, 1e9},
		{"count", ARG_SIZE, &task.count, 1, 1e9},
		{"seconds", ARG_DOUBLE, &task.seconds, 0, 1e9},
		{"round", ARG_INT, &task.round, 0, 1e6},
		{"enough", ARG_DOUBLE, &task.enough, 0, 2},
		{"in-turn", ARG_FLAG, &in_turn, 0, 0},
		{"watch", ARG_TEXT, &task.watch, 0, 0},
		{"server", ARG_FLAG, &task.server, 0, 0},
		{"processor", ARG_FLAG, &task.processor, 0, 0},
		{NULL, 0, NULL, 0, 0}};
	char **operands =
		args_parse(args, argc, argv, 2,
				   "client search [OPTION]... QUERIES TRUTH <SPECIFICATION");

	task.queries = vecs_open(operands[0]);
	task.truth = vecs_open(operands[1]);
	if (task.truth.n != task.queries.n || task.truth.dim < task.k)
		die("%s does not hold %zu neighbours of each query", task.truth.path,
			task.k);
	if (task.count == 0)
		task.count = task.queries.n;
	if (in_turn)
		measure_in_turn(&task);
	else
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

static void
measure_in_turn(const Task *task)
{
	char *line = NULL;
	size_t size = 0;
	Way ways[MOST_WAYS];
	Outcome outcomes[MOST_WAYS];
	char *lines[MOST_WAYS];
	int n = 0;

	while (getline(&line, &size, stdin) > 0)
	{
		if (n == MOST_WAYS)
			die("no more than %d ways can take turns", MOST_WAYS);
		lines[n] = strdup(line);
		if (lines[n] == NULL)
			die("out of memory");
		if (read_way(&ways[n], lines[n]))
			n++;
		else
			free(lines[n]);
	}
	free(line);
	search_in_turn(task, ways, n, outcomes);
	for (int i = 0; i < n; i++)
	{
		print_row(task, &ways[i], outcomes[i]);
		free(lines[i]);
	}
}

static void
append_watched(const Task *task, const Way *way, const Outcome *outcome)
{
	FILE *file = fopen(task->watch, "a");
	const Watched *seen = &outcome->watched;

	if (file == NULL)
		die("%s cannot be written", task->watch);
	fprintf(file, "%s,%s,%d,%d,%zu,%zu,%s,%zu\n", way->label, way->setting,
			task->round, task->connections, seen->active, seen->waiting,
			seen->waited_for, outcome->kilobytes);
	fclose(file);
}

static double
measure(const Task *task, const Way *way)
{
	Outcome outcome = search_run(task, way);

	if (task->watch != NULL)
		append_watched(task, way, &outcome);
	return print_row(task, way, outcome);
}

/* Print the row of CSV; returns the recall. */
static double
print_row(const Task *task, const Way *way, Outcome outcome)
{
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
