/*
 * dense.h: what the dense types share, whatever the width of an element.
 *
 * A dense type is a list of 1 to max_dim finite numbers, written "[1,2,3]".
 * Its datum has the layout of pgvector's, so that data files, dumps, binary
 * COPY and drivers carry over:
 *
 *	offset	bytes		field
 *	0		4			vl_len_, the varlena header
 *	4		2			dim, 1 to max_dim
 *	6		2			unused, zero
 *	8		width * dim	elements, never NaN or infinite
 *
 * On the wire the header is left out and all fields are big-endian.
 *
 * Everything here works on float32 and takes what differs from a VdbDense row.
 * A type is such a row, a struct of that layout, and rows of SQL functions.
 *
 * A function with an "escontext" reports through it and returns false (or -1)
 * when the report was taken, see vdb_ereturn in compat.h; NULL means that any
 * mistake is an error at once.
 */
#ifndef VECDB_TYPES_DENSE_H
#define VECDB_TYPES_DENSE_H

#include <math.h>

#include "fmgr.h"
#include "nodes/nodes.h"
#include "utils/array.h"

#include "compat.h"
#include "types/distance.h"

typedef struct VdbDense
{
	const char *name; /* as users write it and messages name it */
	int max_dim;
	int width; /* bytes of an element */

	/* What is not below this, in absolute value, has no element near it. */
	float overflow;
	/* What is not above this becomes a zero. */
	float underflow;

	/* Elements to floats and back; NULL: they are floats. */
	void (*load)(const void *elements, float *x, int count);
	void (*store)(const float *x, void *elements, int count);

	const VdbMeasures *measures; /* on elements */
} VdbDense;

typedef struct VdbDenseValue
{
	int32 vl_len_; /* use VARSIZE and SET_VARSIZE */
	int16 dim;
	int16 unused;
	char elements[FLEXIBLE_ARRAY_MEMBER];
} VdbDenseValue;

StaticAssertDecl(offsetof(VdbDenseValue, dim) == 4 &&
					 offsetof(VdbDenseValue, elements) == 8,
				 "the layout of dense types on disk is fixed");

/* Bytes of a value of some dimensions, with its header. */
static inline Size
vdb_dense_size(const VdbDense *type, int dim)
{
	return offsetof(VdbDenseValue, elements) + (Size) type->width * dim;
}

/* Checks, dense.c. */
extern bool vdb_dense_check_dim(const VdbDense *type, int dim, Node *escontext);
extern bool vdb_dense_check_typmod(int32 typmod, int dim, Node *escontext);
extern void vdb_dense_check_same(const VdbDense *type, int a, int b);
extern bool vdb_dense_report_element(const VdbDense *type, float value,
									 Node *escontext);
extern void vdb_dense_check_elements(const VdbDense *type, const float *x,
									 int dim);
extern int32 vdb_dense_typmod_in(const VdbDense *type, ArrayType *modifiers);

/* The datum, dense_value.c. */
extern VdbDenseValue *vdb_dense_new(const VdbDense *type, int dim);
extern float *vdb_dense_room(const VdbDense *type, VdbDenseValue *value);
extern Datum vdb_dense_finish(const VdbDense *type, VdbDenseValue *value,
							  float *x);
extern Datum vdb_dense_make(const VdbDense *type, const float *x, int dim);
extern const float *vdb_dense_some(const VdbDense *type,
								   const VdbDenseValue *value, int first,
								   int count, float *room);
extern const float *vdb_dense_floats(const VdbDense *type,
									 const VdbDenseValue *value);
extern void vdb_dense_corrupted(const VdbDense *type,
								const VdbDenseValue *value);

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

/* Reject NaN, infinity, and what the type has no element for. */
static inline bool
vdb_dense_check_element(const VdbDense *type, float value, Node *escontext)
{
	if (likely(fabsf(value) < type->overflow))
		return true;
	return vdb_dense_report_element(type, value, escontext);
}

/*
 * Detoast.  A length that does not fit the dimension is reported rather than
 * read past its end, since pages do get damaged.
 */
static inline VdbDenseValue *
vdb_dense_value(const VdbDense *type, Datum datum)
{
	VdbDenseValue *value = (VdbDenseValue *) PG_DETOAST_DATUM(datum);

	if (unlikely(VARSIZE(value) < vdb_dense_size(type, 1) || value->dim < 1 ||
				 VARSIZE(value) != vdb_dense_size(type, value->dim)))
		vdb_dense_corrupted(type, value);
	return value;
}

#define VDB_GETARG_DENSE(type, n) vdb_dense_value(type, PG_GETARG_DATUM(n))

/*
 * The SQL function "name" of a dense type, "vector" or "halfvec": what "body",
 * a Datum (*)(FunctionCallInfo, const VdbDense *), does with the type's row.
 */
#define VDB_DENSE_FUNCTION(name, type, body)                                   \
	PG_FUNCTION_INFO_V1(name);                                                 \
	Datum name(PG_FUNCTION_ARGS)                                               \
	{                                                                          \
		return body(fcinfo, &vdb_##type##_type);                               \
	}

#endif /* VECDB_TYPES_DENSE_H */
