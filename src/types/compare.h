/*
 * compare.h: the SQL functions of an order, made from one comparison.
 *
 * VDB_COMPARISONS(type, compare) defines type_lt, type_le, type_eq, type_ne,
 * type_ge, type_gt and type_cmp, each (type, type), and type_sortsupport
 * (internal), by which sorts call the comparison without fmgr.  "compare" is
 * int (*)(Datum, Datum), negative, zero or positive as memcmp; it frees what it
 * detoasts, since a sort calls it in a context that lives as long as the sort.
 */
#ifndef VECDB_TYPES_COMPARE_H
#define VECDB_TYPES_COMPARE_H

#include "fmgr.h"
#include "utils/sortsupport.h"

#define VDB_COMPARISON(name, PG_RETURN, compare, relation)                     \
	PG_FUNCTION_INFO_V1(name);                                                 \
	Datum name(PG_FUNCTION_ARGS)                                               \
	{                                                                          \
		PG_RETURN(compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) relation);   \
	}

#define VDB_COMPARISONS(type, compare)                                         \
	VDB_COMPARISON(type##_lt, PG_RETURN_BOOL, compare, < 0)                    \
	VDB_COMPARISON(type##_le, PG_RETURN_BOOL, compare, <= 0)                   \
	VDB_COMPARISON(type##_eq, PG_RETURN_BOOL, compare, == 0)                   \
	VDB_COMPARISON(type##_ne, PG_RETURN_BOOL, compare, != 0)                   \
	VDB_COMPARISON(type##_ge, PG_RETURN_BOOL, compare, >= 0)                   \
	VDB_COMPARISON(type##_gt, PG_RETURN_BOOL, compare, > 0)                    \
	VDB_COMPARISON(type##_cmp, PG_RETURN_INT32, compare, +0)                   \
                                                                               \
	static int type##_compare_for_sort(Datum x, Datum y, SortSupport ssup)     \
	{                                                                          \
		return compare(x, y);                                                  \
	}                                                                          \
                                                                               \
	PG_FUNCTION_INFO_V1(type##_sortsupport);                                   \
	Datum type##_sortsupport(PG_FUNCTION_ARGS)                                 \
	{                                                                          \
		SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);                 \
                                                                               \
		ssup->comparator = type##_compare_for_sort;                            \
		PG_RETURN_VOID();                                                      \
	}

#endif /* VECDB_TYPES_COMPARE_H */
