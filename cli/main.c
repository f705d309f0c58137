/*
 * main.c
 *	  The program vecdb: picks the subcommand.  A new subcommand is a file
 *	  and a row of the table below.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct
{
	const char *name;
	command_main run;
	const char *summary;
} commands[] = {
	{"load", load_main, "load vectors from a file into a table"},
	{"index", index_main, "build an ivfflat index, showing its progress"},
	{"search", search_main, "find the nearest rows to a word or a vector"},
	{"bench", bench_main, "measure the speed and the recall of searches"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int
help(void)
{
	printf("vecdb loads, indexes and searches vectors in PostgreSQL, and "
		   "measures searches.\n\n"
		   "Usage:\n  vecdb COMMAND [OPTION]...\n\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-8s  %s\n", commands[i].name, commands[i].summary);
	printf("\nOptions:\n"
		   "  --help     show this help, then exit\n"
		   "  --version  show the version, then exit\n\n"
		   "\"vecdb COMMAND --help\" shows the options of a command.\n\n"
		   "Exit status: 0 success, 1 usage or input error, 2 connection "
		   "failure,\n3 error from the server, 130 interrupted.\n");
	finish_stdout();
	return CODE_OK;
}

static int
version(void)
{
	printf("vecdb %s\n", VECDB_VERSION);
	finish_stdout();
	return CODE_OK;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	/* LC_CTYPE for the width of characters; numbers stay with their dot. */
	setlocale(LC_CTYPE, "");
	if (name == NULL)
	{
		complain("no command given");
		hint("Try \"vecdb --help\".");
		return CODE_INPUT;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0 ||
		strcmp(name, "-?") == 0)
		return help();
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		return version();
	for (size_t i = 0; i < COMMAND_COUNT; i++)
	{
		if (strcmp(name, commands[i].name) != 0)
			continue;
		/* getopt puts argv[0] before its messages */
		argv[1] = argv[0] = "vecdb";
		return commands[i].run(argc - 1, argv + 1);
	}
	complain("unknown command \"%s\"", name);
	hint("Try \"vecdb --help\".");
	return CODE_INPUT;
}
