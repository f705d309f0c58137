/*
 * type.c: what an operator class brings to the index, one row a class.
 *
 * Support function 1 of an operator class returns such a row; build, insert
 * and scan know types and metrics only through it.  The rows lie beside this
 * file, in type_dense.c and its like.
 */
#include "compat.h"

#include "access/genam.h"
#include "fmgr.h"
#include "ivf/space/type.h"

const IvfType *
ivf_type(Relation index)
{
	FmgrInfo *support = index_getprocinfo(index, 1, IVF_SUPPORT_TYPE);

	return (const IvfType *) DatumGetPointer(
		FunctionCall1(support, PointerGetDatum(NULL)));
}
