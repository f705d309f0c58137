/*
 * args.h: the command line of a program, "--name=value ... operand ...".
 */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

/* The type of the place that a value goes to. */
typedef enum ArgKind
{
	ARG_FLAG,	/* bool; takes no value */
	ARG_TEXT,	/* const char * */
	ARG_INT,	/* int */
	ARG_UINT32, /* uint32_t */
	ARG_UINT64, /* uint64_t */
	ARG_SIZE,	/* size_t */
	ARG_DOUBLE	/* double */
} ArgKind;

typedef struct Arg
{
	const char *name; /* NULL ends the table */
	ArgKind kind;
	void *place;
	double least; /* of a number */
	double most;
} Arg;

/*
 * Set what was given; return the operands, of which there must be so many, or,
 * where that is negative, -operands or more: NULL ends them.  Anything else
 * ends the program with a message.
 */
extern char **args_parse(const Arg *args, int argc, char **argv, int operands,
						 const char *usage);

#endif /* BENCH_ARGS_H */
