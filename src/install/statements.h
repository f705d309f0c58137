/*
 * statements.h: running the statements of an extension's script, by SPI, to
 * which the caller is connected.  An error of a statement is raised.
 */
#ifndef VECDB_INSTALL_STATEMENTS_H
#define VECDB_INSTALL_STATEMENTS_H

#include "compat.h"

/* A single statement. */
extern void vdb_run(const char *statement);

/*
 * One by one, so that an error's context is the one statement.  What slices do
 * by DO is for convenience: without plpgsql it is left out.
 */
extern void vdb_run_each(const char *statements);

/*
 * Of the extension whose script runs, by the statements that create all of our
 * objects: functions are replaced, what is missing is created, and types,
 * operators and operator classes, which have the same names, stay;
 * ivf/space/class.c reads such a class.  A composite type that is no member of
 * the extension is an error: it may have other fields.  No statements: a step
 * on the way to ours.  "self" is a function of our library.
 */
extern void vdb_take_over(const char *statements, Oid self);

#endif /* VECDB_INSTALL_STATEMENTS_H */
