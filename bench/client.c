/*
 * client.c: the client that measures servers; each of its commands does one
 * thing and prints rows of CSV.
 *
 *		client load    rows of a file into a table, by binary COPY
 *		client search  queries through prepared statements: latency, recall
 *		client insert  single-row INSERTs
 *
 * The commands' own files say what their options are.
 */
#include <string.h>

#include "commands.h"
#include "vecs.h"

int
main(int argc, char **argv)
{
	static const struct
	{
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {{"load", client_load},
					{"search", client_search},
					{"insert", client_insert}};

	for (size_t i = 0; argc > 1 && i < 3; i++)
	{
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	die("usage: client load|search|insert OPTION...");
}
