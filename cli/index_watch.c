/*
 * index_watch.c
 *	  See index_watch.h.  The statement is sent without waiting; meanwhile a
 *	  second connection reads pg_stat_progress_create_index.
 */
#include <poll.h>
#include <stdlib.h>

#include "cli.h"
#include "common/clock.h"
#include "conn_query.h"
#include "index_watch.h"

#define POLL_MILLISECONDS 100

static uint64_t
number_at(const PGresult *result, int column)
{
	return strtoull(PQgetvalue(result, 0, column), NULL, 10);
}

static void
show(struct progress *p, const char *phase, uint64_t done, uint64_t total,
	 const char *unit)
{
	char have[32];
	char all[32];
	char clock[16];
	char *detail;

	clock_time(now_seconds() - p->started, clock, sizeof(clock));
	detail =
		total == 0
			? format("%s", clock)
			: format("%s of %s %s, %s", group_digits(done, have, sizeof(have)),
					 group_digits(total, all, sizeof(all)), unit, clock);
	progress_show(p, phase, done, total, detail);
	free(detail);
}

/* One look at the server's view of the build. */
static void
look(PGconn *conn, PGconn *watcher, struct progress *p)
{
	static const char *const sql =
		"SELECT phase, tuples_done, tuples_total, blocks_done, blocks_total,"
		" lockers_done, lockers_total"
		" FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1";
	static const char *const units[] = {"tuples", "blocks", "lockers"};
	char *pid = format("%d", PQbackendPID(conn));
	const char *values[] = {pid};
	PGresult *result =
		PQexecParams(watcher, sql, 1, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
	{
		const char *phase = PQgetvalue(result, 0, 0);
		int unit = 0;

		while (unit < 2 && number_at(result, 2 + 2 * unit) == 0)
			unit++;
		show(p, phase, number_at(result, 1 + 2 * unit),
			 number_at(result, 2 + 2 * unit), units[unit]);
	}
	PQclear(result);
	free(pid);
}

/* Send the statement and watch until the server has an answer. */
PGresult *
watch_build(PGconn *conn, PGconn *watcher, const char *sql,
			struct progress *progress)
{
	struct pollfd socket = {.fd = PQsocket(conn), .events = POLLIN};

	if (!PQsendQuery(conn, sql))
		return NULL;
	while (PQisBusy(conn))
	{
		/* A signal ends the wait too; the handler has sent the cancel. */
		if (poll(&socket, 1, POLL_MILLISECONDS) > 0 && !PQconsumeInput(conn))
			break;
		if (watcher != NULL && progress_due(progress))
			look(conn, watcher, progress);
	}
	progress_clear();
	return conn_result(conn);
}
