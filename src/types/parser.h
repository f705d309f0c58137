/*
 * parser.h: what the text forms of all types here are made of: white space,
 * numbers, and reports of a mistake with its place.
 *
 * A function that returns bool, or -1, has reported through the parser's
 * "escontext" then, see vdb_ereturn in compat.h.
 */
#ifndef VECDB_TYPES_PARSER_H
#define VECDB_TYPES_PARSER_H

#include "types/dense.h"

/* Where the scan stands, and all that a report of a mistake needs. */
typedef struct VdbParser
{
	const VdbDense *type;
	const char *str; /* the whole input */
	const char *at;	 /* next character to read */
	Node *escontext;
} VdbParser;

/* Report bad syntax and return -1; "what" is what the place should hold. */
extern int vdb_parse_failed(VdbParser *parser, const char *what);

extern void vdb_parse_space(VdbParser *parser);

/* Take white space and the character; false, silently, where it is another. */
extern bool vdb_parse_char(VdbParser *parser, char c);

/*
 * One finite number, with the white space before it.  One too small for float32
 * is rounded, down to zero, which *vanished tells.
 */
extern bool vdb_parse_float(VdbParser *parser, float *value, bool *vanished);

/* A whole number, cut off at the ends of int32, with white space before it. */
extern bool vdb_parse_int(VdbParser *parser, int *value);

/* Report a number at "from", up to where the parser stands, as out of range. */
extern void vdb_parse_out_of_range(VdbParser *parser, const char *from);

/* An upper bound of the elements between commas, cut off at a limit. */
extern int vdb_parse_capacity(const char *str, int limit);

#endif /* VECDB_TYPES_PARSER_H */
