/*
 * pg.h: a connection, and vectors as parameters in PostgreSQL's binary form.
 */
#ifndef BENCH_PG_H
#define BENCH_PG_H

#include <libpq-fe.h>
#include <stdint.h>

/* Connect, or end the program. */
extern PGconn *pg_connect(const char *conninfo);

/* Run statements that return nothing of interest, or end the program. */
extern void pg_run(PGconn *conn, const char *sql);

/* End the program unless the result has this status. */
extern void pg_expect(PGconn *conn, const PGresult *result,
					  ExecStatusType status);

/*
 * Seconds that its backend, on this machine, has been running on a processor;
 * or end the program.
 */
extern double pg_running_time(const PGconn *conn);

/* Bytes of a vector on the wire. */
#define PG_VECTOR_SIZE(dim) (4 + 4 * (size_t) (dim))

/* The wire form: uint16 dim, uint16 zero, dim floats, big-endian. */
extern void pg_put_vector(char *to, const float *vector, uint32_t dim);

extern void pg_put_int(char *to, uint32_t value);
extern uint32_t pg_get_int(const char *from);

#endif /* BENCH_PG_H */
