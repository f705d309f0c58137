/*
 * pg.c: see pg.h.
 */
#include "pg.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "vecs.h"

PGconn *
pg_connect(const char *conninfo)
{
	PGconn *conn = PQconnectdb(conninfo);

	if (PQstatus(conn) != CONNECTION_OK)
		die("%s", PQerrorMessage(conn));
	return conn;
}

void
pg_run(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		status != PGRES_EMPTY_QUERY)
		die("%s: %s", sql, PQerrorMessage(conn));
	PQclear(result);
}

void
pg_expect(PGconn *conn, const PGresult *result, ExecStatusType status)
{
	if (PQresultStatus(result) != status)
		die("%s", PQerrorMessage(conn));
}

void
pg_put_int(char *to, uint32_t value)
{
	value = htonl(value);
	memcpy(to, &value, 4);
}

uint32_t
pg_get_int(const char *from)
{
	uint32_t value;

	memcpy(&value, from, 4);
	return ntohl(value);
}

void
pg_put_vector(char *to, const float *vector, uint32_t dim)
{
	pg_put_int(to, dim << 16);
	for (uint32_t i = 0; i < dim; i++)
	{
		uint32_t bits;

		memcpy(&bits, vector + i, 4);
		pg_put_int(to + 4 + 4 * (size_t) i, bits);
	}
}

double
pg_running_time(const PGconn *conn)
{
	clockid_t clock;
	struct timespec ran;

	if (clock_getcpuclockid(PQbackendPID(conn), &clock) != 0 ||
		clock_gettime(clock, &ran) != 0)
		die("this machine does not tell how long the backend was running");
	return ran.tv_sec + ran.tv_nsec / 1e9;
}
