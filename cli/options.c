/*
 * options.c
 *	  See options.h.  getopt_long() does the parsing and tells about options
 *	  that are unknown, ambiguous or lack their argument.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "options.h"

#define FIRST_LONG 256 /* above every letter; getopt's value of row 0 */
#define HELP_COLUMN 27 /* where explanations begin */

static size_t
all_rows(const struct option_table *table,
		 const struct option_row *rows[MAX_OPTIONS])
{
	size_t count = 0;

	for (size_t g = 0; table->groups[g] != NULL; g++)
		for (size_t i = 0; i < table->groups[g]->count; i++)
			if (count < MAX_OPTIONS)
				rows[count++] = &table->groups[g]->rows[i];
	return count;
}

/* An option and its argument as the help writes them. */
static size_t
print_spelling(const struct option_row *row)
{
	int len =
		row->letter != 0 ? printf("  -%c, ", row->letter) : printf("      ");

	len += printf("--%s", row->name);
	if (row->argument != NULL)
		len += printf("=%s", row->argument);
	return (size_t) len;
}

static void
print_line(const struct option_row *row, const char *line, size_t len)
{
	const char *mark = memmem(line, len, "%s", 2);
	const char *value = row->names != NULL ? row->names() : row->initial;

	if (mark == NULL)
		printf("%.*s\n", (int) len, line);
	else
		printf("%.*s%s%.*s\n", (int) (mark - line), line, value,
			   (int) (line + len - mark - 2), mark + 2);
}

/* An explanation that has no place beside its option begins below it. */
static void
print_row(const struct option_row *row)
{
	size_t column = print_spelling(row);
	const char *line = row->help;

	if (column >= HELP_COLUMN)
	{
		printf("\n");
		column = 0;
	}
	for (;;)
	{
		size_t len = strcspn(line, "\n");

		printf("%*s", (int) (HELP_COLUMN - column), "");
		print_line(row, line, len);
		if (line[len] == '\0')
			return;
		line += len + 1;
		column = 0;
	}
}

static void
print_help(const struct option_table *table)
{
	fputs(table->usage, stdout);
	for (size_t g = 0; table->groups[g] != NULL; g++)
	{
		const struct option_group *group = table->groups[g];

		fputs(group->heading, stdout);
		for (size_t i = 0; i < group->count; i++)
			print_row(&group->rows[i]);
		fputs(group->note, stdout);
	}
	finish_stdout();
}

/* The rows in the forms that getopt_long() wants. */
static void
describe(const struct option_row *const *rows, size_t count, char *letters,
		 struct option *longs)
{
	for (size_t i = 0; i < count; i++)
	{
		bool takes = rows[i]->argument != NULL;

		longs[i] = (struct option){rows[i]->name,
								   takes ? required_argument : no_argument,
								   NULL, FIRST_LONG + (int) i};
		if (rows[i]->letter == 0)
			continue;
		*letters++ = rows[i]->letter;
		if (takes)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[count] = (struct option){NULL, 0, NULL, 0};
}

static size_t
row_of(const struct option_row *const *rows, int opt)
{
	size_t i = 0;

	if (opt >= FIRST_LONG)
		return (size_t) (opt - FIRST_LONG);
	while (rows[i]->letter != opt)
		i++;
	return i;
}

static void
take(const struct option_table *table, const struct option_row *row,
	 const char *text, void *values)
{
	row->read(row, table->command, text, (char *) values + row->place);
}

bool
options_parse(const struct option_table *table, void *values, int argc,
			  char **argv, struct arguments *arguments)
{
	const struct option_row *rows[MAX_OPTIONS];
	size_t count = all_rows(table, rows);
	char letters[2 * MAX_OPTIONS + 1];
	struct option longs[MAX_OPTIONS + 1];
	int opt;

	memset(arguments, 0, sizeof(*arguments));
	for (size_t i = 0; i < count; i++)
		if (rows[i]->initial != NULL)
			take(table, rows[i], rows[i]->initial, values);
	describe(rows, count, letters, longs);
	while ((opt = getopt_long(argc, argv, letters, longs, NULL)) != -1)
	{
		size_t i;

		if (opt == '?')
			usage_hint(table->command);
		i = row_of(rows, opt);
		if (rows[i]->read == NULL)
		{
			print_help(table);
			return false;
		}
		take(table, rows[i], optarg, values);
		arguments->given[i] = true;
	}
	arguments->count = argc - optind;
	arguments->texts = argv + optind;
	return true;
}

bool
option_given(const struct option_table *table,
			 const struct arguments *arguments, const char *name)
{
	const struct option_row *rows[MAX_OPTIONS];
	size_t count = all_rows(table, rows);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i]->name, name) == 0)
			return arguments->given[i];
	return false;
}

void
option_flag(const struct option_row *row, const char *command, const char *text,
			void *place)
{
	(void) row, (void) command, (void) text;
	*(bool *) place = true;
}

void
option_text(const struct option_row *row, const char *command, const char *text,
			void *place)
{
	(void) row, (void) command;
	*(const char **) place = text;
}

void
option_integer(const struct option_row *row, const char *command,
			   const char *text, void *place)
{
	*(long *) place = option_integer_of(row, command, text);
}

void
option_decimal(const struct option_row *row, const char *command,
			   const char *text, void *place)
{
	*(double *) place = option_decimal_of(row, command, text);
}

/* One of several options that exclude each other: the last one counts. */
void
option_choice(const struct option_row *row, const char *command,
			  const char *text, void *place)
{
	(void) command, (void) text;
	*(int *) place = (int) row->low;
}

/* The short name, where there is one. */
static char *
name_of(const struct option_row *row)
{
	return row->letter != 0 ? format("-%c", row->letter)
							: format("--%s", row->name);
}

long
option_integer_of(const struct option_row *row, const char *command,
				  const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 ||
		(double) value < row->low || (double) value > row->high)
		usage_error(command,
					"%s expects an integer from %.0f to %.0f, found \"%s\"",
					name_of(row), row->low, row->high, text);
	return value;
}

/* The lower end is excluded: zero is never meant. */
double
option_decimal_of(const struct option_row *row, const char *command,
				  const char *text)
{
	char *end;
	double value = strtod(text, &end);

	/* "nan" compares as false */
	if (end == text || *end != '\0' ||
		!(value > row->low && value <= row->high))
		usage_error(command,
					"%s expects a number above %g and up to %g, found \"%s\"",
					name_of(row), row->low, row->high, text);
	return value;
}
