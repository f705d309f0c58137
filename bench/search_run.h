/*
 * search_run.h: the queries of "client search", put one way.
 */
#ifndef BENCH_SEARCH_RUN_H
#define BENCH_SEARCH_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "vecs.h"
#include "watch.h"

#define MOST_CONNECTIONS 256

/* What client_search.c explains, for all ways. */
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
	bool processor;
	const char *watch; /* a file, or NULL */
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

/* What came of it; the latencies are the caller's to free. */
typedef struct Outcome
{
	double *latency;  /* of each query, in seconds */
	size_t n;		  /* queries */
	size_t found;	  /* of the true neighbours */
	double took;	  /* seconds, of all of them together; by Task.processor, of
					   * the backends' processor time */
	Watched watched;  /* where Task.watch is set, */
	size_t kilobytes; /* and of the largest backend, after its last query */
} Outcome;

extern Outcome search_run(const Task *task, const Way *way);

/* Ways that can take turns. */
#define MOST_WAYS 16

/*
 * Several ways, by one connection each, that take turns at every query: so what
 * else the machine does meets all of them alike.  A number of queries for all.
 */
extern void search_in_turn(const Task *task, const Way *ways, int n,
						   Outcome *outcomes);

#endif /* BENCH_SEARCH_RUN_H */
