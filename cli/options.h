/*
 * options.h
 *	  The options of a command as a table.  A row has all there is to say about
 *	  one: how it is written, what it takes, its value where it is not given,
 *	  what the help says, how its text is read and where the value goes.
 *	  Parsing, help and errors follow from the rows.
 *
 * Values lie in a struct of the command's own, whose first member is a struct
 * conn_options.
 */
#ifndef VECDB_OPTIONS_H
#define VECDB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_OPTIONS 64 /* of a command */
#define MAX_GROUPS 5   /* of them, and a NULL */

struct option_row;

/* Reads the text of an option, NULL if it takes none, into its place. */
typedef void (*option_reader)(const struct option_row *row, const char *command,
							  const char *text, void *place);

struct option_row
{
	const char *name;	  /* --name */
	char letter;		  /* -l, 0 without one */
	const char *argument; /* what it takes, as in the help; NULL: nothing */
	const char *initial;  /* where it is not given, as text; NULL: untouched */
	const char *help;	  /* lines, where %s stands for the initial value */
	option_reader read;	  /* NULL: shows the help */
	size_t place;		  /* in the command's values */
	double low;			  /* of a number; the value of a choice */
	double high;
	const char *(*names)(void); /* what %s stands for instead */
};

#define RANGE(from, to) .low = (from), .high = (to)

#define HELP_OPTION                                                            \
	{"help", 0, NULL, NULL, "show this help, then exit", NULL, .place = 0}

struct option_group
{
	const char *heading; /* with the blank line above it */
	const struct option_row *rows;
	size_t count;
	const char *note; /* below the options */
};

#define OPTION_GROUP(heading, rows, note)                                      \
	{heading, rows, sizeof(rows) / sizeof((rows)[0]), note}

struct option_table
{
	const char *command;
	const char *usage; /* the help's beginning */
	const struct option_group *groups[MAX_GROUPS];
};

/* What is left of the command line. */
struct arguments
{
	int count;
	char **texts;
	bool given[MAX_OPTIONS]; /* whether an option was, in the table's order */
};

/* False when the help was all that was asked for. */
bool options_parse(const struct option_table *table, void *values, int argc,
				   char **argv, struct arguments *arguments);
bool option_given(const struct option_table *table,
				  const struct arguments *arguments, const char *name);

/* Readers: a place of type bool, const char *, long, double, int. */
void option_flag(const struct option_row *row, const char *command,
				 const char *text, void *place);
void option_text(const struct option_row *row, const char *command,
				 const char *text, void *place);
void option_integer(const struct option_row *row, const char *command,
					const char *text, void *place);
void option_decimal(const struct option_row *row, const char *command,
					const char *text, void *place);
void option_choice(const struct option_row *row, const char *command,
				   const char *text, void *place);

/* For other readers: a number within the row's range, or a usage error. */
long option_integer_of(const struct option_row *row, const char *command,
					   const char *text);
double option_decimal_of(const struct option_row *row, const char *command,
						 const char *text);

#endif /* VECDB_OPTIONS_H */
