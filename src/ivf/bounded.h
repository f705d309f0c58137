/*
 * bounded.h: an inequality, of which one side is solved for what is within it.
 */
#ifndef VECDB_IVF_BOUNDED_H
#define VECDB_IVF_BOUNDED_H

#include "compat.h"

#include "nodes/primnodes.h"

/* "value <= bound", or "<", or the same the other way round. */
typedef struct IvfBounded
{
	Node *value; /* float8, where a step is to be made */
	Node *bound; /* float8 */
	bool above;	 /* the value is the greater side */
} IvfBounded;

/* The bound may be a float4. */
extern IvfBounded ivf_bounded(Node *value, Node *bound, bool above);

/*
 * Take the outermost operation off the value: its sign, a factor of -1, or a
 * number that is added or subtracted.  What comes of it holds where the
 * inequality did, and because of rounding perhaps a little beyond.  False where
 * there is no such operation.
 */
extern bool ivf_bounded_step(IvfBounded *bounded);

/* The bound with the other sign. */
extern Node *ivf_negative_bound(const IvfBounded *bounded);

/* What an operator or a call calls, and with what; false for other nodes. */
extern bool ivf_function_of(const Node *node, Oid *function, List **args);

#endif /* VECDB_IVF_BOUNDED_H */
