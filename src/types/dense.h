/*
 * dense.h: what the dense types share, whatever the width of an element.
 *
 * A dense type is a list of 1 to max_dim finite numbers, written "[1,2,3]".
 * Everything here works on float32 and takes the type's name and limit from a
 * VdbDense row; a type adds the row, its struct, and how it stores an element.
 *
 * A function with an "escontext" reports through it and returns false (or -1)
 * when the report was taken, see vdb_ereturn in compat.h; NULL means that any
 * mistake is an error at once.
 */
#ifndef VECDB_TYPES_DENSE_H
#define VECDB_TYPES_DENSE_H

#include "nodes/nodes.h"
#include "utils/array.h"

typedef struct VdbDense
{
	const char *name; /* as users write it and messages name it */
	int max_dim;
} VdbDense;

/* Checks, dense.c. */
extern bool vdb_dense_check_dim(const VdbDense *type, int dim, Node *escontext);
extern bool vdb_dense_check_typmod(int32 typmod, int dim, Node *escontext);
extern void vdb_dense_check_same(const VdbDense *type, int a, int b);
extern bool vdb_dense_report_element(const VdbDense *type, float value,
									 Node *escontext);
extern int32 vdb_dense_typmod_in(const VdbDense *type, ArrayType *modifiers);

/* Text, dense_text.c. */
extern int vdb_dense_capacity(const VdbDense *type, const char *str);
extern int vdb_dense_parse(const VdbDense *type, const char *str, float *x,
						   int capacity, Node *escontext);
extern char *vdb_dense_print(const float *x, int dim);

/* Arrays, dense_array.c. */
extern ArrayType *vdb_dense_new_array(Oid elemtype, Size elemsize, int count);
extern int vdb_dense_array_length(const VdbDense *type, ArrayType *array);
extern void vdb_dense_from_array(const VdbDense *type, ArrayType *array,
								 float *x);
extern ArrayType *vdb_dense_to_float4(const float *x, int dim);

/* Aggregate state, dense_agg.c; the aggregates differ in what they report. */
typedef enum VdbAggregate
{
	VDB_AVG,
	VDB_SUM,
} VdbAggregate;

extern ArrayType *vdb_dense_accum(const VdbDense *type, VdbAggregate aggregate,
								  ArrayType *state, const float *x, int dim,
								  bool in_place);
extern ArrayType *vdb_dense_combine(const VdbDense *type,
									VdbAggregate aggregate, ArrayType *state,
									ArrayType *other, bool in_place);
extern const float8 *vdb_dense_state(const VdbDense *type, ArrayType *state,
									 int *dim);

/* ARR_DATA_PTR, without its comparison of a signed with an unsigned number. */
static inline void *
vdb_dense_array_data(ArrayType *array)
{
	Size offset = ARR_OVERHEAD_NONULLS(ARR_NDIM(array));

	if (ARR_HASNULL(array))
		offset = (Size) array->dataoffset;
	return (char *) array + offset;
}

/* Reject NaN and infinity. */
static inline bool
vdb_dense_check_element(const VdbDense *type, float value, Node *escontext)
{
	/* The difference is NaN for NaN and infinity, and zero for the rest. */
	if (likely(value - value == 0.0f))
		return true;
	return vdb_dense_report_element(type, value, escontext);
}

#endif /* VECDB_TYPES_DENSE_H */
