/*
 * output.h
 *	  The ways of printing a result: for people (table.c) and for programs
 *	  (json.c), and what both ask about types (output.c).
 */
#ifndef VECDB_OUTPUT_H
#define VECDB_OUTPUT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>

/* Types that need care, from pg_type.dat: stable, since clients rely on them.
 */
enum
{
	BOOLOID = 16,
	INT8OID = 20,
	INT2OID = 21,
	INT4OID = 23,
	JSONOID = 114,
	FLOAT4OID = 700,
	FLOAT8OID = 701,
	NUMERICOID = 1700,
	JSONBOID = 3802
};

/* Whether a type is one of numbers. */
bool is_numeric(Oid type);

void print_table(FILE *out, const PGresult *result);
void json_string(FILE *out, const char *text);
void json_rows(FILE *out, const PGresult *result);

#endif /* VECDB_OUTPUT_H */
