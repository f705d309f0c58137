/*
 * bench_run.c
 *	  Takes the times: every connection has one search on its way at any
 *	  time, and sends the next as soon as the answer is there.
 *
 * One thread waits for all connections.  A search is sent by a blocking
 * write: the server is idle and reads it at once.  The time of a search runs
 * from before its sending to after the whole answer has been received.
 *
 * The settings take turns in rounds, so that whatever else the machine does
 * meets all of them.  Each turn begins with searches that do not count: they
 * let the server settle on a plan and fill caches.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_state.h"
#include "cli.h"
#include "common/clock.h"
#include "conn_query.h"

#define WAIT_MILLISECONDS 100

struct client
{
	PGconn *conn;
	bool busy;
	double began;
};

/* Searches of one setting in one round. */
struct turn
{
	struct bench *b;
	struct setting *setting;
	struct client *clients;
	int busy; /* clients that wait for an answer */
	long sent;
	long count; /* to be sent; 0: by time */
	double began;
	double seconds;
	bool warming;
	size_t next_query;
	long round;
	int number; /* of all the turns, from 0 */
	bool cancelled;
	int code; /* CODE_OK, or why it ended */
};

/* The first failure is told; those that follow from it are not. */
static void
give_up(struct turn *t, struct client *c, const PGresult *result)
{
	if (t->code == CODE_OK && conn_interrupted())
		t->code = CODE_INTERRUPTED;
	if (t->code != CODE_OK)
		return;
	t->code = conn_exit_code(c->conn);
	conn_report(c->conn, result);
}

static bool
may_send(const struct turn *t)
{
	if (t->code != CODE_OK || conn_interrupted())
		return false;
	if (t->count > 0 && t->sent >= t->count)
		return false;
	return t->seconds <= 0 || now_seconds() - t->began < t->seconds;
}

static void
send_next(struct turn *t, struct client *c)
{
	const struct query *q =
		&t->b->queries[t->next_query++ % t->b->query_count].vector;
	const char *values[] = {q->value};

	t->sent++;
	c->began = now_seconds();
	if (!PQsendQueryPrepared(c->conn, "", 1, values, &q->length, &q->binary, 1))
	{
		give_up(t, c, NULL);
		return;
	}
	c->busy = true;
	t->busy++;
}

static void
finish(struct turn *t, struct client *c)
{
	double now = now_seconds();

	c->busy = false;
	t->busy--;
	if (!t->warming && t->code == CODE_OK)
		latencies_add(&t->setting->latencies, now - c->began);
	if (may_send(t))
		send_next(t, c);
}

/*
 * What a failed search still sends is waited for, since that is where libpq
 * sees that the server has closed the connection.
 */
static void
abandon(struct turn *t, struct client *c, PGresult *result)
{
	PGresult *extra;

	while (result != NULL && (extra = PQgetResult(c->conn)) != NULL)
		PQclear(extra);
	give_up(t, c, result);
	PQclear(result);
	c->busy = false;
	t->busy--;
}

/* Take what has arrived; the answer is complete when libpq says NULL. */
static void
receive(struct turn *t, struct client *c)
{
	if (!PQconsumeInput(c->conn))
	{
		abandon(t, c, PQgetResult(c->conn));
		return;
	}
	while (!PQisBusy(c->conn))
	{
		PGresult *result = PQgetResult(c->conn);

		if (result == NULL)
		{
			finish(t, c);
			return;
		}
		if (PQresultStatus(result) != PGRES_TUPLES_OK)
		{
			abandon(t, c, result);
			return;
		}
		PQclear(result);
	}
}

/* What runs on the other connections is of no use any more. */
static void
cancel_rest(struct turn *t)
{
	if (t->cancelled || (t->code == CODE_OK && !conn_interrupted()))
		return;
	t->cancelled = true;
	if (t->code == CODE_OK)
		t->code = CODE_INTERRUPTED;
	for (long i = 0; i < t->b->client_count; i++)
		if (t->clients[i].busy)
			conn_cancel(t->clients[i].conn);
}

static double
share_done(const struct turn *t)
{
	double share = t->count > 0 ? (double) t->sent / (double) t->count
								: (now_seconds() - t->began) / t->seconds;

	return t->warming ? 0 : share < 1 ? share : 1;
}

static void
show(struct turn *t)
{
	struct bench *b = t->b;
	uint64_t done = (uint64_t) (1000 * (t->number + share_done(t)));
	uint64_t total = (uint64_t) (1000 * b->rounds * b->setting_count);
	double left = progress_left(&b->progress, done, total);
	const char *value = t->setting->value;
	char clock[16];
	char remaining[32] = "";
	char *detail;

	if (!progress_due(&b->progress))
		return;
	if (left >= 0)
		snprintf(remaining, sizeof(remaining), ", %s left",
				 clock_time(left, clock, sizeof(clock)));
	detail = format("%s%s%s, round %ld of %ld%s", setting_name(t->setting),
					value ? " " : "", value ? value : "", t->round, b->rounds,
					remaining);
	progress_show(&b->progress, "measuring", done, total, detail);
	free(detail);
}

/* Wait for any answer, or a signal. */
static void
wait_for_answers(struct turn *t)
{
	struct pollfd sockets[MAX_CLIENTS];
	struct client *waiting[MAX_CLIENTS];
	nfds_t n = 0;
	int ready;

	for (long i = 0; i < t->b->client_count; i++)
	{
		struct client *c = &t->clients[i];

		if (!c->busy)
			continue;
		waiting[n] = c;
		sockets[n].fd = PQsocket(c->conn);
		sockets[n++].events = POLLIN;
	}
	ready = poll(sockets, n, WAIT_MILLISECONDS);
	if (ready < 0 && errno != EINTR)
		fail(CODE_INPUT, "could not wait for the server: %s", strerror(errno));
	for (nfds_t i = 0; ready > 0 && i < n; i++)
		if (sockets[i].revents != 0)
			receive(t, waiting[i]);
}

/* Searches on all connections until their number or the time is reached. */
static void
search(struct turn *t, bool warming, long count, double seconds)
{
	t->warming = warming;
	t->count = count;
	t->seconds = seconds;
	t->sent = 0;
	t->began = now_seconds();
	for (long i = 0; i < t->b->client_count && may_send(t); i++)
		send_next(t, &t->clients[i]);
	while (t->busy > 0)
	{
		wait_for_answers(t);
		cancel_rest(t);
		show(t);
	}
	if (conn_interrupted() && t->code == CODE_OK)
		t->code = CODE_INTERRUPTED;
	if (!warming)
		t->setting->seconds += now_seconds() - t->began;
}

/* Searches of this round: what is left over goes to the first ones. */
static long
searches_of_round(const struct bench *b, long round)
{
	return b->searches / b->rounds + (round <= b->searches % b->rounds);
}

/* Made anew, the statement forgets the plans of other settings. */
static void
prepare(struct turn *t)
{
	char *session = bench_session(t->b, t->setting);
	char *search = bench_statement(t->b, t->b->k);

	for (long i = 0; i < t->b->client_count && t->code == CODE_OK; i++)
	{
		struct client *c = &t->clients[i];
		PGresult *result = PQexec(c->conn, session);

		if (PQresultStatus(result) == PGRES_TUPLES_OK ||
			PQresultStatus(result) == PGRES_COMMAND_OK)
		{
			PQclear(result);
			result = PQprepare(c->conn, "", search, 0, NULL);
		}
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			give_up(t, c, result);
		PQclear(result);
	}
	free(session);
	free(search);
}

static void
take_turn(struct turn *t)
{
	struct bench *b = t->b;
	double seconds = b->searches > 0 ? 0 : b->seconds / (double) b->rounds;
	long count = searches_of_round(b, t->round);

	if (b->searches > 0 && count == 0)
		return;
	prepare(t);
	/* Warming up must not take longer than the measurement. */
	if (b->warm > 0 && t->code == CODE_OK)
		search(t, true, b->warm * b->client_count, seconds);
	if (t->code == CODE_OK)
		search(t, false, count, seconds);
}

/* CODE_OK, or why it ended early; what was measured until then is kept. */
int
bench_run(struct bench *b)
{
	struct client clients[MAX_CLIENTS] = {{0}};
	struct turn t = {.b = b, .clients = clients};

	for (long i = 0; i < b->client_count; i++)
		clients[i].conn = b->clients[i];
	progress_start(&b->progress, b->quiet);
	for (t.round = 1; t.round <= b->rounds; t.round++)
		for (int i = 0; i < b->setting_count && t.code == CODE_OK; i++)
		{
			t.setting = &b->settings[i];
			take_turn(&t);
			t.number++;
		}
	progress_clear();
	for (int i = 0; i < b->setting_count; i++)
		latencies_sort(&b->settings[i].latencies);
	return t.code;
}
