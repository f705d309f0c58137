/*
 * client_load.c: rows of a file into a table (id integer, v vector).
 *
 *		client load [--from=N] [--rows=N] CONNINFO TABLE FILE
 *
 * The row's number in the file, from 0, is its id.  The table must be there.
 */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "commands.h"
#include "pg.h"
#include "vecs.h"

static void send_row(PGconn *conn, char *buffer, size_t id, const float *row,
					 uint32_t dim);

static void
copy_rows(PGconn *conn, const char *table, const Vecs *vecs, size_t from,
		  size_t to)
{
	static const char header[19] = "PGCOPY\n\377\r\n\0";
	char *buffer = allocate(14 + PG_VECTOR_SIZE(vecs->dim));
	char sql[256];
	PGresult *result;

	snprintf(sql, sizeof(sql), "COPY %s (id, v) FROM STDIN (FORMAT binary)",
			 table);
	result = PQexec(conn, sql);
	pg_expect(conn, result, PGRES_COPY_IN);
	PQclear(result);
	if (PQputCopyData(conn, header, sizeof(header)) != 1)
		die("%s", PQerrorMessage(conn));
	for (size_t i = from; i < to; i++)
		send_row(conn, buffer, i, vecs_row(vecs, i), vecs->dim);
	if (PQputCopyData(conn, "\377\377", 2) != 1 ||
		PQputCopyEnd(conn, NULL) != 1)
		die("%s", PQerrorMessage(conn));
	result = PQgetResult(conn);
	pg_expect(conn, result, PGRES_COMMAND_OK);
	PQclear(result);
	free(buffer);
}

/* Two fields: their number, then each one's size and bytes. */
static void
send_row(PGconn *conn, char *buffer, size_t id, const float *row, uint32_t dim)
{
	size_t size = PG_VECTOR_SIZE(dim);

	memcpy(buffer, "\0\2", 2);
	pg_put_int(buffer + 2, 4);
	pg_put_int(buffer + 6, id);
	pg_put_int(buffer + 10, size);
	pg_put_vector(buffer + 14, row, dim);
	if (PQputCopyData(conn, buffer, 14 + size) != 1)
		die("%s", PQerrorMessage(conn));
}

int
client_load(int argc, char **argv)
{
	size_t from = 0;
	size_t rows = SIZE_MAX;
	const Arg args[] = {{"from", ARG_SIZE, &from, 0, 2e9},
						{"rows", ARG_SIZE, &rows, 1, 2e9},
						{NULL, 0, NULL, 0, 0}};
	char **operands =
		args_parse(args, argc, argv, 3,
				   "client load [--from=N] [--rows=N] CONNINFO TABLE FILE");
	Vecs vecs;
	PGconn *conn;

	vecs = vecs_open(operands[2]);
	if (from >= vecs.n)
		die("%s: has only %zu vectors", vecs.path, vecs.n);
	if (rows > vecs.n - from)
		rows = vecs.n - from;
	conn = pg_connect(operands[0]);
	copy_rows(conn, operands[1], &vecs, from, from + rows);
	PQfinish(conn);
	return 0;
}
