/*
 * message.c
 *	  Everything the program says on standard error, each line prefixed with
 *	  the program's name so that it can be told apart in a script's log.
 *
 * A progress bar may be standing on the terminal's last line; it is wiped
 * before anything else is written there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "progress.h"

static void
say(const char *label, const char *fmt, va_list args)
{
	progress_clear();
	fprintf(stderr, "vecdb: %s", label);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

/* An error, where a hint is to follow before the program ends. */
void
complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("", fmt, args);
	va_end(args);
}

void
warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("warning: ", fmt, args);
	va_end(args);
}

void
hint(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("HINT:  ", fmt, args);
	va_end(args);
}

void
fail(int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("", fmt, args);
	va_end(args);
	exit(code);
}

void
usage_error(const char *command, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("", fmt, args);
	va_end(args);
	usage_hint(command);
}

/* Where getopt_long() has told already what is wrong. */
void
usage_hint(const char *command)
{
	hint("Try \"vecdb %s --help\".", command);
	exit(CODE_INPUT);
}

/* A text of libpq's, which may have several lines. */
void
complain_lines(const char *text)
{
	progress_clear();
	while (*text != '\0')
	{
		int len = (int) strcspn(text, "\n");

		fprintf(stderr, "vecdb: %.*s\n", len, text);
		text += len;
		text += *text == '\n';
	}
}
