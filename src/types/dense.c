/*
 * dense.c: the limits of a dense type, and the words that report a breach.
 *
 * Drivers and frameworks match these messages, so the wording is part of the
 * interface.
 */
#include "postgres.h"

#include "common/shortest_dec.h"

#include "types/dense.h"

/* A value has 1 to max_dim dimensions. */
bool
vdb_dense_check_dim(const VdbDense *type, int dim, Node *escontext)
{
	if (dim < 1)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("%s must have at least 1 dimension", type->name)));
	if (dim > type->max_dim)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("%s cannot have more than %d dimensions",
							type->name, type->max_dim)));
	return true;
}

/* A value stored in a column of a declared dimension has just that many. */
bool
vdb_dense_check_typmod(int32 typmod, int dim, Node *escontext)
{
	if (typmod != -1 && typmod != dim)
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("expected %d dimensions, not %d", typmod, dim)));
	return true;
}

/* Both operands have the same dimension. */
void
vdb_dense_check_same(const VdbDense *type, int a, int b)
{
	if (unlikely(a != b))
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("different %s dimensions %d and %d", type->name,
							   a, b)));
}

/* The slow half of vdb_dense_check_element: say what is wrong with it. */
bool
vdb_dense_report_element(const VdbDense *type, float value, Node *escontext)
{
	if (isnan(value))
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("NaN not allowed in %s", type->name)));
	if (isinf(value))
		vdb_ereturn(escontext, false,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("infinite value not allowed in %s", type->name)));
	vdb_ereturn(escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" is out of range for type %s",
						float_to_shortest_decimal(value), type->name)));
}

/* All of them; the first one at fault is reported. */
void
vdb_dense_check_elements(const VdbDense *type, const float *x, int dim)
{
	int faults = 0;
	int i;

	/* Without a branch for each: most have none. */
	for (i = 0; i < dim; i++)
		faults += !(fabsf(x[i]) < type->overflow);
	for (i = 0; faults > 0 && i < dim; i++)
		(void) vdb_dense_check_element(type, x[i], NULL);
}

/* The type modifier is the dimension itself: clients read atttypmod raw. */
int32
vdb_dense_typmod_in(const VdbDense *type, ArrayType *modifiers)
{
	int count;
	int32 *typmod = ArrayGetIntegerTypmods(modifiers, &count);

	if (count != 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid type modifier"),
						errdetail("Type %s takes one modifier, its number of "
								  "dimensions.",
								  type->name)));
	if (*typmod < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("dimensions for type %s must be at least 1",
							   type->name)));
	if (*typmod > type->max_dim)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("dimensions for type %s cannot exceed %d",
							   type->name, type->max_dim)));
	return *typmod;
}
