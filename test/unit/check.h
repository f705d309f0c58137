/*
 * check.h: a tiny TAP harness for the C unit tests.
 *
 * One line of output stands for one named group of comparisons.  Either
 * state a result at once:
 *
 *		check(count == 3, "queue keeps %d entries", 3);
 *
 * or gather many comparisons under one line; the first few failures of a
 * group are printed as TAP comments, the others only counted:
 *
 *		check_begin("round trip of every half");
 *		for (...)
 *			check_that(back == half, "half %04x gave %04x", half, back);
 *		check_end();
 *
 * main() ends with "return check_done();", which prints the plan.  Include
 * this from one file per program: the state is static.
 */
#ifndef VECDB_CHECK_H
#define VECDB_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* Failures of one group that are spelled out. */
#define CHECK_SHOWN 5

static int check_count;		   /* lines printed so far */
static int check_bad;		   /* of these, "not ok" */
static char check_group[200];  /* name of the open group */
static long check_group_count; /* comparisons in it */
static long check_group_bad;   /* of these, failed */

__attribute__((format(printf, 1, 2), unused)) static void
check_note(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

/* Print the line of one result. */
static void
check_line(bool ok, const char *name)
{
	check_count++;
	check_bad += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", check_count, name);
	fflush(stdout);
}

__attribute__((format(printf, 2, 3), unused)) static bool
check(bool ok, const char *fmt, ...)
{
	char name[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	check_line(ok, name);
	return ok;
}

/* A group that could not run here; the reason belongs to the line. */
__attribute__((unused)) static void
check_skip(const char *name, const char *reason)
{
	check_count++;
	printf("ok %d - %s # SKIP %s\n", check_count, name, reason);
	fflush(stdout);
}

__attribute__((format(printf, 1, 2), unused)) static void
check_begin(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(check_group, sizeof(check_group), fmt, args);
	va_end(args);
	check_group_count = 0;
	check_group_bad = 0;
}

__attribute__((format(printf, 2, 3), unused)) static bool
check_that(bool ok, const char *fmt, ...)
{
	va_list args;

	check_group_count++;
	if (ok)
		return true;
	if (check_group_bad++ < CHECK_SHOWN)
	{
		printf("# %s: ", check_group);
		va_start(args, fmt);
		vprintf(fmt, args);
		va_end(args);
		printf("\n");
	}
	return false;
}

/* A group without a single comparison has tested nothing, so it fails. */
__attribute__((unused)) static bool
check_end(void)
{
	if (check_group_bad > CHECK_SHOWN)
		check_note("%ld of %ld comparisons failed", check_group_bad,
				   check_group_count);
	if (check_group_count == 0)
		check_note("%s: nothing was compared", check_group);
	check_line(check_group_bad == 0 && check_group_count > 0, check_group);
	return check_group_bad == 0;
}

/* Print the plan; the result is the exit status of the program. */
static int
check_done(void)
{
	printf("1..%d\n", check_count);
	if (check_bad > 0)
		printf("# %d of %d failed\n", check_bad, check_count);
	return check_bad > 0 || check_count == 0;
}

#endif /* VECDB_CHECK_H */
