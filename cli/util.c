/*
 * util.c
 *	  Small helpers without a home of their own: memory that never comes back
 *	  NULL, arguments that are numbers, figures for people, UTF-8.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

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

long
integer_argument(const char *command, const char *option, const char *text,
				 long low, long high)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || value < low ||
		value > high)
		usage_error(command,
					"%s expects an integer from %ld to %ld, found \"%s\"",
					option, low, high, text);
	return value;
}

/* The lower end is excluded: zero is never meant. */
double
decimal_argument(const char *command, const char *option, const char *text,
				 double above, double high)
{
	char *end;
	double value = strtod(text, &end);

	/* "nan" compares as false */
	if (end == text || *end != '\0' || !(value > above && value <= high))
		usage_error(command,
					"%s expects a number above %g and up to %g, found \"%s\"",
					option, above, high, text);
	return value;
}

double
now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
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

/*
 * Decode one character of a zero-terminated string; return its length in
 * bytes, or 0 where PostgreSQL would refuse the bytes too: overlong forms,
 * surrogates, above U+10FFFF, cut short.
 */
int
utf8_decode(const char *s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *) s;
	int len = u[0] < 0x80	? 1
			  : u[0] < 0xc2 ? 0
			  : u[0] < 0xe0 ? 2
			  : u[0] < 0xf0 ? 3
			  : u[0] < 0xf5 ? 4
							: 0;
	uint32_t c = len == 1 ? u[0] : u[0] & (0x7fu >> len);

	for (int i = 1; i < len; i++)
	{
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (len > 1 &&
		(c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)))
		return 0;
	*code = c;
	return len;
}

/*
 * Length of the longest prefix that is valid text for the server; equal to
 * len when all of it is.  A zero byte is not: the server's text has none.
 * The string must be followed by a byte that continues no character.
 */
size_t
utf8_valid_prefix(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len)
	{
		uint32_t code;
		int n = utf8_decode(s + i, &code);

		if (n == 0 || code == 0 || i + (size_t) n > len)
			break;
		i += (size_t) n;
	}
	return i;
}

/* A full disk or a closed pipe must not look like success. */
void
finish_stdout(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		fail(CODE_INPUT, "could not write to standard output: %s",
			 strerror(errno));
}
