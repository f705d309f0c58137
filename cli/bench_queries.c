/*
 * bench_queries.c
 *	  The queries of vecdb bench: a random sample of the table's own rows, or
 *	  a file.  Both end up as the binary form of the column's type, which
 *	  goes back to the server as it came.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_state.h"
#include "cli.h"
#include "conn_query.h"

static void
allocate_queries(struct bench *b, size_t count)
{
	b->queries = xmalloc(count * sizeof(struct bench_query));
	memset(b->queries, 0, count * sizeof(struct bench_query));
}

/* The server's syntax; nine digits tell any float4 from all others. */
static char *
vector_text(const float *values, int dims)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		fail(CODE_INPUT, "out of memory");
	for (int i = 0; i < dims; i++)
		fprintf(out, "%c%.9g", i == 0 ? '[' : ',', (double) values[i]);
	fputc(']', out);
	if (fclose(out) != 0)
		fail(CODE_INPUT, "out of memory");
	return text;
}

/* The file's first vectors, before anybody connects. */
void
bench_read_queries(struct bench *b)
{
	struct reader reader;
	struct row row;
	int got;

	if (!reader_open(&reader, b->path, &b->input))
		fail(CODE_INPUT, "%s", reader.error);
	allocate_queries(b, (size_t) b->query_limit);
	while (b->query_count < (size_t) b->query_limit &&
		   (got = reader_next(&reader, &row)) != 0)
	{
		struct query *q = &b->queries[b->query_count++].vector;

		if (got < 0)
			fail(CODE_INPUT, "%s", reader.error);
		q->value = vector_text(row.values, reader.dims);
		q->dims = reader.dims;
	}
	reader_close(&reader);
}

static void
take_binary(struct query *q, const PGresult *result, int row, int column)
{
	free(q->value);
	q->binary = 1;
	q->length = PQgetlength(result, row, column);
	q->value = xmalloc((size_t) q->length);
	memcpy(q->value, PQgetvalue(result, row, column), (size_t) q->length);
}

/* By way of vector, since sparsevec has another syntax. */
void
bench_convert_queries(struct bench *b)
{
	const char *schema = b->column.schema;
	char *sql =
		format("SELECT $1::%s.vector::%s.%s", schema, schema, b->column.type);

	query_check(&b->queries[0].vector, &b->table, &b->column);
	for (size_t i = 0; i < b->query_count; i++)
	{
		PGresult *result = query_run(&b->queries[i].vector, b->conn, sql, 1);

		take_binary(&b->queries[i].vector, result, 0, 0);
		PQclear(result);
	}
	free(sql);
}

/*
 * The whole table is read once, which costs less than a single exact answer,
 * and works for partitions and foreign tables too.  Long values are fetched
 * for the chosen rows only.
 */
void
bench_sample_queries(struct bench *b)
{
	char *sql = format("SELECT tableoid, ctid, %s FROM %s WHERE %s IS NOT NULL"
					   " ORDER BY pg_catalog.random() LIMIT %ld",
					   b->column.quoted, b->table.quoted, b->column.quoted,
					   b->query_limit);
	PGresult *result = PQexecParams(b->conn, sql, 0, NULL, NULL, NULL, NULL, 1);
	int rows;

	conn_check(b->conn, result);
	rows = PQntuples(result);
	if (rows == 0)
		fail(CODE_INPUT, "table %s has no vectors in column \"%s\"",
			 b->table.name, b->column.name);
	allocate_queries(b, (size_t) rows);
	for (int r = 0; r < rows; r++)
	{
		struct bench_query *q = &b->queries[b->query_count++];

		q->is_row = true;
		memcpy(q->row_name, PQgetvalue(result, r, 0), 4);
		memcpy(q->row_name + 4, PQgetvalue(result, r, 1), 6);
		take_binary(&q->vector, result, r, 2);
	}
	PQclear(result);
	free(sql);
}
