/*
 * value_cost.c: see value_cost.h; and the planner support function of the
 * distance functions.
 *
 * PostgreSQL takes a function's cost to be the same for all arguments, and
 * does not count the pages of TOAST tables at all: a sequential scan over
 * 100,000 vectors of 1,536 dimensions would look a hundred times cheaper than
 * it is.  Here the cost grows with the vector, and values out of line cost
 * their pages.
 *
 * The constants are operators' costs (cpu_operator_cost), which stand for 3 to
 * 4 ns where everything is in memory; "./dev bench --parts costs" measures them
 * together.
 */
#include "types/value_cost.h"

#include "access/detoast.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "types/halfvec.h"
#include "types/sparsevec.h"
#include "types/vector.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varbit.h"

/* A call; and what it reads of a vector for each operator's cost. */
#define CALL_OPERATORS 15
#define OPERATOR_BYTES 16

/* Opening the TOAST table and its index, and finding the chunks. */
#define DETOAST_OPERATORS 600

/* A value of which nothing is known: neither declared nor analyzed. */
#define UNKNOWN_BYTES VECTOR_SIZE(768)

/* In the row, in place of a value out of line. */
#define POINTER_BYTES TOAST_POINTER_SIZE

/* Columns ---------------------------------------------------------------- */

/* May values of that size be out of line, before statistics tell? */
static bool
may_be_outside(Oid relid, AttrNumber attribute, double bytes)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid),
									  Int16GetDatum(attribute));
	char storage;

	if (!HeapTupleIsValid(tuple))
		return false;
	storage = ((Form_pg_attribute) GETSTRUCT(tuple))->attstorage;
	ReleaseSysCache(tuple);
	return (storage == TYPSTORAGE_EXTERNAL || storage == TYPSTORAGE_EXTENDED) &&
		   bytes > TOAST_TUPLE_TARGET;
}

/*
 * ANALYZE knows the average width of what lies in the row, where a value out
 * of line is a pointer.
 */
VdbStored
vdb_stored_column(Oid relid, AttrNumber attribute, double bytes)
{
	VdbStored stored = {.bytes = bytes};
	double width = get_attavgwidth(relid, attribute);
	double chunks;

	if (stored.bytes <= 0)
		stored.bytes = width > 2 * POINTER_BYTES ? width : UNKNOWN_BYTES;
	if (width <= 0)
		stored.outside = may_be_outside(relid, attribute, stored.bytes);
	else if (stored.bytes > 2 * POINTER_BYTES)
		stored.outside =
			(stored.bytes - width) / (stored.bytes - POINTER_BYTES);
	stored.outside = Min(Max(stored.outside, 0), 1);

	/* Whole chunks stand four to a page, a last one takes what it needs. */
	chunks = stored.bytes / TOAST_MAX_CHUNK_SIZE;
	stored.pages = chunks / EXTERN_TUPLES_PER_PAGE;
	return stored;
}

Cost
vdb_distance_cost(double bytes)
{
	return (CALL_OPERATORS + bytes / OPERATOR_BYTES) * cpu_operator_cost;
}

Cost
vdb_detoast_cost(const VdbStored *stored, double page_cost)
{
	return stored->outside *
		   (DETOAST_OPERATORS * cpu_operator_cost + stored->pages * page_cost);
}

/* The support function --------------------------------------------------- */

static bool
is_cast(const FuncExpr *call)
{
	return call->args != NIL && (call->funcformat == COERCE_EXPLICIT_CAST ||
								 call->funcformat == COERCE_IMPLICIT_CAST);
}

/* What a cast is made of: it is the cast that fetches the value, then. */
static Node *
strip_casts(Node *node)
{
	for (;;)
	{
		if (IsA(node, RelabelType))
			node = (Node *) ((RelabelType *) node)->arg;
		else if (IsA(node, FuncExpr) && is_cast((FuncExpr *) node))
			node = linitial(((FuncExpr *) node)->args);
		else
			return node;
	}
}

/* The table of the column behind an argument; NULL: there is none. */
static const RangeTblEntry *
column_of(PlannerInfo *root, Node *arg, AttrNumber *attribute)
{
	Var *var = (Var *) strip_casts(arg);
	RangeTblEntry *rte;

	if (!IsA(var, Var) || var->varlevelsup != 0 || var->varattno <= 0 ||
		IS_SPECIAL_VARNO(var->varno) || root->simple_rte_array == NULL ||
		(int) var->varno >= root->simple_rel_array_size)
		return NULL;
	rte = root->simple_rte_array[var->varno];
	if (rte == NULL || rte->rtekind != RTE_RELATION)
		return NULL;
	*attribute = var->varattno;
	return rte;
}

/* Of a value with that type modifier, dense or of bits. */
static double
declared_bytes(const VdbDense *dense, Oid type, int32 typmod)
{
	if (type == BITOID || type == VARBITOID)
		return VARBITTOTALLEN(typmod);
	return vdb_dense_size(dense, typmod);
}

/* Bytes of the values that a function gets; 0: it is not to be seen. */
static double
bytes_of_arguments(const VdbDense *type, List *args)
{
	ListCell *lc;

	foreach (lc, args)
	{
		Node *arg = lfirst(lc);
		Node *inner = strip_casts(arg);
		int32 typmod = exprTypmod(arg);

		if (typmod <= 0 && exprType(inner) == exprType(arg))
			typmod = exprTypmod(inner);
		if (typmod > 0 && type->width > 0)
			return declared_bytes(type, exprType(arg), typmod);
		if (IsA(arg, Const) && !((Const *) arg)->constisnull)
			return toast_raw_datum_size(((Const *) arg)->constvalue);
	}
	return 0;
}

/*
 * Bytes of what is stored in the column behind an argument of so many bytes.
 * If that is a cast from another type, this was a vector or about as large.
 */
static double
bytes_of_column(Node *arg, double bytes)
{
	Node *inner = strip_casts(arg);
	int32 typmod = exprTypmod(inner);

	if (exprType(inner) == exprType(arg))
		return bytes;
	return typmod > 0 ? VECTOR_SIZE(typmod) : 0;
}

/*
 * False where the function's declared cost has to do.  So it has for foreign
 * tables: another server computes the distance then, and what its wrapper
 * compares are plans that do and do not send a LIMIT along.
 */
static bool
cost_of_call(PlannerInfo *root, const VdbDense *type, List *args, Cost *cost)
{
	double bytes = bytes_of_arguments(type, args);
	Cost detoast = 0;
	ListCell *lc;

	foreach (lc, args)
	{
		AttrNumber attribute;
		const RangeTblEntry *rte = column_of(root, lfirst(lc), &attribute);

		if (rte && rte->relkind == RELKIND_FOREIGN_TABLE)
			return false;
		if (rte)
		{
			double column = bytes_of_column(lfirst(lc), bytes);
			VdbStored stored = vdb_stored_column(rte->relid, attribute, column);

			if (bytes <= 0)
				bytes = stored.bytes;
			detoast += vdb_detoast_cost(&stored, seq_page_cost);
		}
	}
	*cost = vdb_distance_cost(bytes > 0 ? bytes : UNKNOWN_BYTES) + detoast;
	return true;
}

static List *
arguments(Node *node)
{
	if (node && IsA(node, OpExpr))
		return ((OpExpr *) node)->args;
	if (node && IsA(node, FuncExpr))
		return ((FuncExpr *) node)->args;
	return NIL;
}

/* A call's cost by its arguments. */
static Datum
support(FunctionCallInfo fcinfo, const VdbDense *type)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestCost *cost = (SupportRequestCost *) request;
	List *args;

	if (!IsA(request, SupportRequestCost) || cost->root == NULL)
		PG_RETURN_POINTER(NULL);
	args = arguments(cost->node);
	if (args == NIL || !cost_of_call(cost->root, type, args, &cost->per_tuple))
		PG_RETURN_POINTER(NULL);
	cost->startup = 0;
	PG_RETURN_POINTER(request);
}

/* vector_distance_support(internal) returns internal. */
VDB_DENSE_FUNCTION(vector_distance_support, vector, support)
/* halfvec_distance_support(internal) returns internal. */
VDB_DENSE_FUNCTION(halfvec_distance_support, halfvec, support)
/* sparsevec_distance_support(internal): by what values take, not dimensions. */
VDB_DENSE_FUNCTION(sparsevec_distance_support, sparsevec, support)
