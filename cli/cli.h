/*
 * cli.h
 *	  What every file of the client program shares: exit codes, the shape of
 *	  a subcommand, messages, and small helpers that either work or end the
 *	  program.
 *
 * A subcommand is one file with a function of type command_main, declared
 * below, and one row of the table in main.c.
 */
#ifndef VECDB_CLI_H
#define VECDB_CLI_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Documented in vecdb.1 and README.md; scripts rely on them. */
enum
{
	CODE_OK = 0,
	CODE_INPUT = 1,		   /* usage, file or value that we refuse */
	CODE_CONNECTION = 2,   /* no connection, or it was lost */
	CODE_SERVER = 3,	   /* the server answered with an error */
	CODE_INTERRUPTED = 130 /* SIGINT or SIGTERM */
};

#define DEFAULT_TABLE "word_embeddings"
#define DEFAULT_COLUMN "embedding"
#define DEFAULT_LABEL "word"

typedef int (*command_main)(int argc, char **argv);

int load_main(int argc, char **argv);
int index_main(int argc, char **argv);
int search_main(int argc, char **argv);
int bench_main(int argc, char **argv);

/* message.c */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fail(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void usage_error(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void usage_hint(const char *command) __attribute__((noreturn));
void complain_lines(const char *text);

/* util.c */
void *xmalloc(size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *append(char *text, const char *more);
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *group_digits(uint64_t n, char *buf, size_t size);
const char *clock_time(double seconds, char *buf, size_t size);
void finish_stdout(void);

#endif /* VECDB_CLI_H */
