/*
 * watch.c: see watch.h.
 */
#include "watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pg.h"
#include "vecs.h"

#define LOOKS_A_SECOND 50

struct Watch
{
	PGconn *conn;
	pthread_t thread;
	atomic_bool ended;
	Watched seen;
};

static const char look_sql[] =
	"SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'LWLock'), "
	"coalesce(string_agg(DISTINCT wait_event, ' ') "
	"FILTER (WHERE wait_event_type = 'LWLock'), '') "
	"FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() "
	"AND backend_type = 'client backend'";

/* Names that are not there yet, as long as there is room. */
static void
add_names(Watched *seen, char *names)
{
	char *rest;

	for (char *name = strtok_r(names, " ", &rest); name != NULL;
		 name = strtok_r(NULL, " ", &rest))
	{
		size_t length = strlen(seen->waited_for);

		if (strstr(seen->waited_for, name) == NULL)
			snprintf(seen->waited_for + length,
					 sizeof(seen->waited_for) - length, "%s%s",
					 length > 0 ? " " : "", name);
	}
}

static void *
look(void *arg)
{
	Watch *watch = arg;

	while (!watch->ended)
	{
		PGresult *result = PQexec(watch->conn, look_sql);

		pg_expect(watch->conn, result, PGRES_TUPLES_OK);
		watch->seen.active += strtoul(PQgetvalue(result, 0, 0), NULL, 10);
		watch->seen.waiting += strtoul(PQgetvalue(result, 0, 1), NULL, 10);
		add_names(&watch->seen, PQgetvalue(result, 0, 2));
		PQclear(result);
		usleep(1000000 / LOOKS_A_SECOND);
	}
	return NULL;
}

Watch *
watch_begin(const char *conninfo)
{
	Watch *watch = allocate(sizeof(Watch));

	memset(watch, 0, sizeof(*watch));
	watch->conn = pg_connect(conninfo);
	if (pthread_create(&watch->thread, NULL, look, watch) != 0)
		die("cannot start a thread");
	return watch;
}

Watched
watch_end(Watch *watch)
{
	Watched seen;

	watch->ended = true;
	pthread_join(watch->thread, NULL);
	PQfinish(watch->conn);
	seen = watch->seen;
	free(watch);
	return seen;
}

size_t
process_kilobytes(int pid)
{
	char path[64];
	char line[256];
	size_t kilobytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %zu kB", &kilobytes) == 1)
			break;
	fclose(file);
	return kilobytes;
}
