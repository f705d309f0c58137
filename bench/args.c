/*
 * args.c: see args.h.
 */
#include "args.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "vecs.h"

#define MOST_ARGS 16

static void
set(const Arg *arg, const char *text)
{
	double value = 0;

	if (arg->kind != ARG_FLAG && arg->kind != ARG_TEXT)
		value = number(arg->name, text, arg->least, arg->most);
	switch (arg->kind)
	{
		case ARG_FLAG:
			*(bool *) arg->place = true;
			break;
		case ARG_TEXT:
			*(const char **) arg->place = text;
			break;
		case ARG_INT:
			*(int *) arg->place = value;
			break;
		case ARG_UINT32:
			*(uint32_t *) arg->place = value;
			break;
		case ARG_UINT64:
			*(uint64_t *) arg->place = value;
			break;
		case ARG_SIZE:
			*(size_t *) arg->place = value;
			break;
		case ARG_DOUBLE:
			*(double *) arg->place = value;
			break;
	}
}

char **
args_parse(const Arg *args, int argc, char **argv, int operands,
		   const char *usage)
{
	struct option options[MOST_ARGS + 1] = {{0}};
	int c;

	for (int i = 0; args[i].name != NULL && i < MOST_ARGS; i++)
		options[i] = (struct option){
			args[i].name,
			args[i].kind == ARG_FLAG ? no_argument : required_argument, NULL,
			i};
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
	{
		if (c == '?')
			exit(2);
		set(&args[c], optarg);
	}
	if (operands < 0 ? argc - optind < -operands : argc - optind != operands)
		die("usage: %s", usage);
	return argv + optind;
}
