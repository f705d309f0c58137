/*
 * bounded.c: see bounded.h.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "ivf/bounded.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* pg_proc.dat; its name differs from version to version. */
#define FLOAT8_OF_FLOAT4 311

static Node *
float8_call(Oid function, Node *a, Node *b)
{
	return (Node *) makeFuncExpr(function, FLOAT8OID,
								 b ? list_make2(a, b) : list_make1(a),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

static Node *
float8_const(double value)
{
	return (Node *) makeConst(FLOAT8OID, -1, InvalidOid, sizeof(float8),
							  Float8GetDatum(value), false, FLOAT8PASSBYVAL);
}

IvfBounded
ivf_bounded(Node *value, Node *bound, bool above)
{
	if (exprType(bound) == FLOAT4OID)
		bound = float8_call(FLOAT8_OF_FLOAT4, bound, NULL);
	return (IvfBounded){value, bound, above};
}

Node *
ivf_negative_bound(const IvfBounded *bounded)
{
	return float8_call(F_FLOAT8UM, bounded->bound, NULL);
}

/* The value of a constant that is a float8 and not NULL. */
static bool
float8_value(const Node *node, double *value)
{
	const Const *constant = (const Const *) node;

	if (!IsA(node, Const) || constant->consttype != FLOAT8OID ||
		constant->constisnull)
		return false;
	*value = DatumGetFloat8(constant->constvalue);
	return isfinite(*value);
}

bool
ivf_function_of(const Node *node, Oid *function, List **args)
{
	if (IsA(node, OpExpr))
	{
		*function = get_opcode(((const OpExpr *) node)->opno);
		*args = ((const OpExpr *) node)->args;
		return true;
	}
	if (IsA(node, FuncExpr))
	{
		*function = ((const FuncExpr *) node)->funcid;
		*args = ((const FuncExpr *) node)->args;
		return true;
	}
	return false;
}

/* Steps ---------------------------------------------------------------- */

/*
 * Of sums, in proportion to their terms; of which the margin's other one counts
 * up to a number that leaves the sum what it is.
 */
#define ROUNDING (8 * DBL_EPSILON)
#define MOST_COUNTED 1e300

/* Numbers that are moved: a sum with any other one stays finite. */
#define LEAST_TERM 1e-200
#define MOST_TERM 1e6

static bool
is_term(const Node *node, double *value)
{
	return float8_value(node, value) &&
		   (*value == 0 ||
			(fabs(*value) >= LEAST_TERM && fabs(*value) <= MOST_TERM));
}

/* "-x <= b" is "-b <= x". */
static void
negate(IvfBounded *bounded, Node *x)
{
	bounded->value = x;
	bounded->bound = ivf_negative_bound(bounded);
	bounded->above = !bounded->above;
}

/*
 * What the bound is without the number c, or what c is without the bound; then
 * widened by what rounding, there or in the query, may have made too narrow.
 */
static void
move(IvfBounded *bounded, Node *x, double c, bool from)
{
	Node *b = bounded->bound;
	Node *term = float8_const(c);
	Node *terms = float8_call(F_FLOAT8PL, float8_const(fabs(c)),
							  float8_call(F_FLOAT8SMALLER,
										  float8_call(F_FLOAT8ABS, b, NULL),
										  float8_const(MOST_COUNTED)));

	bounded->value = x;
	bounded->above ^= from;
	bounded->bound = float8_call(F_FLOAT8MI, from ? term : b, from ? b : term);
	if (c != 0)
		bounded->bound = float8_call(
			bounded->above ? F_FLOAT8MI : F_FLOAT8PL, bounded->bound,
			float8_call(F_FLOAT8MUL, float8_const(ROUNDING), terms));
}

bool
ivf_bounded_step(IvfBounded *bounded)
{
	Oid function;
	List *args;
	Node *left;
	Node *right;
	double c;

	if (!ivf_function_of(bounded->value, &function, &args) || args == NIL)
		return false;
	left = linitial(args);
	right = llast(args);
	switch (function)
	{
		case F_FLOAT8UM:
			negate(bounded, left);
			return true;
		case F_FLOAT8MUL:
			if (float8_value(left, &c) && c == -1)
				negate(bounded, right);
			else if (float8_value(right, &c) && c == -1)
				negate(bounded, left);
			else
				return false;
			return true;
		case F_FLOAT8PL:
			if (is_term(left, &c))
				move(bounded, right, c, false);
			else if (is_term(right, &c))
				move(bounded, left, c, false);
			else
				return false;
			return true;
		case F_FLOAT8MI:
			if (is_term(left, &c))
				move(bounded, right, c, true);
			else if (is_term(right, &c))
				move(bounded, left, -c, false);
			else
				return false;
			return true;
	}
	return false;
}
