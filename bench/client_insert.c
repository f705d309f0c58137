/*
 * client_insert.c: how many single-row INSERTs a second a table takes.
 *
 *		client insert [--label=CSV-FIELDS] [--seconds=S] [--rows=N]
 *			[--setup=SQL] [--processor] CONNINFO TABLE FILE
 *
 * Rows of FILE are inserted in turn by one connection through a prepared
 * statement, a transaction each, until the time or the rows run out.  Their
 * ids lie behind those of the table.  They are deleted again afterwards.
 * Prints: label,rows,rows per second; with --processor, per second that the
 * backend was running.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "args.h"
#include "commands.h"
#include "pg.h"
#include "vecs.h"

typedef struct Insert
{
	const char *label;
	double seconds;
	size_t rows;
	const char *setup;
	bool processor;
	const char *table;
} Insert;

static void insert_rows(PGconn *conn, const Insert *insert, const Vecs *vecs);

int
client_insert(int argc, char **argv)
{
	Insert insert = {"", 10, SIZE_MAX, "", false, NULL};
	const Arg args[] = {{"label", ARG_TEXT, &insert.label, 0, 0},
						{"seconds", ARG_DOUBLE, &insert.seconds, 0, 1e6},
						{"rows", ARG_SIZE, &insert.rows, 1, 2e9},
						{"setup", ARG_TEXT, &insert.setup, 0, 0},
						{"processor", ARG_FLAG, &insert.processor, 0, 0},
						{NULL, 0, NULL, 0, 0}};
	char **operands = args_parse(
		args, argc, argv, 3, "client insert [OPTION]... CONNINFO TABLE FILE");
	Vecs vecs;
	PGconn *conn;

	insert.table = operands[1];
	vecs = vecs_open(operands[2]);
	conn = pg_connect(operands[0]);
	pg_run(conn, insert.setup);
	insert_rows(conn, &insert, &vecs);
	PQfinish(conn);
	return 0;
}

static void
prepare(PGconn *conn, const char *table)
{
	char sql[256];
	PGresult *result;

	snprintf(sql, sizeof(sql), "INSERT INTO %s (id, v) VALUES ($1, $2)", table);
	result = PQprepare(conn, "", sql, 0, NULL);
	pg_expect(conn, result, PGRES_COMMAND_OK);
	PQclear(result);
}

#define FIRST_ID 2000000000

static void
insert_rows(PGconn *conn, const Insert *insert, const Vecs *vecs)
{
	char *vector = allocate(PG_VECTOR_SIZE(vecs->dim));
	char id[4];
	const char *values[2] = {id, vector};
	const int lengths[2] = {4, PG_VECTOR_SIZE(vecs->dim)};
	const int formats[2] = {1, 1};
	size_t n = 0;
	double began;
	double ran = 0;
	double took;
	char sql[256];

	prepare(conn, insert->table);
	if (insert->processor)
		ran = pg_running_time(conn);
	began = now();
	while (n < insert->rows && now() - began < insert->seconds)
	{
		PGresult *result;

		pg_put_int(id, FIRST_ID + n);
		pg_put_vector(vector, vecs_row(vecs, n % vecs->n), vecs->dim);
		result = PQexecPrepared(conn, "", 2, values, lengths, formats, 1);
		pg_expect(conn, result, PGRES_COMMAND_OK);
		PQclear(result);
		n++;
	}
	took = insert->processor ? pg_running_time(conn) - ran : now() - began;
	printf("%s,%zu,%.1f\n", insert->label, n, n / took);
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE id >= %d", insert->table,
			 FIRST_ID);
	pg_run(conn, sql);
	free(vector);
}
