/*
 * util.c
 *	  Small helpers without a home of their own: memory that never comes back
 *	  NULL, figures for people.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

void *
xmalloc(size_t size)
{
	return xrealloc(NULL, size);
}

void *
xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (p == NULL)
		fail(CODE_INPUT, "out of memory");
	return p;
}

char *
xstrdup(const char *s)
{
	return strcpy(xmalloc(strlen(s) + 1), s);
}

/* printf into fresh memory. */
char *
format(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		fail(CODE_INPUT, "out of memory");
	va_end(args);
	return text;
}

/* Text with what is appended to it, in place of the one that it was. */
char *
append(char *text, const char *more)
{
	char *longer = format("%s%s", text, more);

	free(text);
	return longer;
}

/* 341479 as "341,479". */
const char *
group_digits(uint64_t n, char *buf, size_t size)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long) n);
	size_t out = 0;

	for (int i = 0; i < len && out + 2 < size; i++)
	{
		if (i > 0 && (len - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

/* Seconds as "0:07", "12:30" or "3:02:11". */
const char *
clock_time(double seconds, char *buf, size_t size)
{
	/* Beyond four days a clock is no longer what anybody wants to read. */
	unsigned s = seconds < 360000 ? (unsigned) (seconds + 0.5) : 360000;

	if (s >= 3600)
		snprintf(buf, size, "%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(buf, size, "%u:%02u", s / 60, s % 60);
	return buf;
}

/* A full disk or a closed pipe must not look like success. */
void
finish_stdout(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		fail(CODE_INPUT, "could not write to standard output: %s",
			 strerror(errno));
}
