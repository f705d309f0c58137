/*
 * class.c: the type of an index, by what its operator class names.
 *
 * A class of ours has support function 1, (internal) returns internal, which
 * returns the type.  Those that pgvector made stay in a database whose vector
 * we take over: their functions 1 to 4 are distances and norms, of which number
 * 1 and whether there is a number 2 say what a class of ours would have said.
 * The functions are ours by then, since ours have their names.
 */
#include "compat.h"

#include "access/genam.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "ivf/space/type.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define PGVECTOR_DISTANCE 1
#define PGVECTOR_NORM 2

typedef struct PgvectorClass
{
	PGFunction distance;
	bool norm;			/* values are made units by it: cosine */
	PGFunction support; /* of the same class of ours */
} PgvectorClass;

/* Function 1, whether there is a function 2, and the class of ours. */
#define PGVECTOR_CLASSES(ROW)                                                  \
	ROW(vector_l2_squared_distance, false, ivfflat_vector_l2_support)          \
	ROW(vector_negative_inner_product, false, ivfflat_vector_ip_support)       \
	ROW(vector_negative_inner_product, true, ivfflat_vector_cosine_support)    \
	ROW(l1_distance, false, ivfflat_vector_l1_support)                         \
	ROW(halfvec_l2_squared_distance, false, ivfflat_halfvec_l2_support)        \
	ROW(halfvec_negative_inner_product, false, ivfflat_halfvec_ip_support)     \
	ROW(halfvec_negative_inner_product, true, ivfflat_halfvec_cosine_support)  \
	ROW(halfvec_l1_distance, false, ivfflat_halfvec_l1_support)                \
	ROW(sparsevec_l2_squared_distance, false, ivfflat_sparsevec_l2_support)    \
	ROW(sparsevec_negative_inner_product, false, ivfflat_sparsevec_ip_support) \
	ROW(sparsevec_negative_inner_product, true,                                \
		ivfflat_sparsevec_cosine_support)                                      \
	ROW(sparsevec_l1_distance, false, ivfflat_sparsevec_l1_support)            \
	ROW(hamming_distance, false, ivfflat_bit_hamming_support)                  \
	ROW(jaccard_distance, false, ivfflat_bit_jaccard_support)

#define DECLARE(distance, norm, support)                                       \
	extern Datum distance(PG_FUNCTION_ARGS);                                   \
	extern Datum support(PG_FUNCTION_ARGS);
#define CLASS(distance, norm, support) {distance, norm, support},

PGVECTOR_CLASSES(DECLARE)

static const PgvectorClass pgvector_classes[] = {PGVECTOR_CLASSES(CLASS)};

static const IvfType *
support_type(PGFunction support)
{
	return (const IvfType *) DatumGetPointer(
		DirectFunctionCall1(support, PointerGetDatum(NULL)));
}

static const IvfType *
pgvector_type(Relation index)
{
	PGFunction distance =
		index_getprocinfo(index, 1, PGVECTOR_DISTANCE)->fn_addr;
	bool norm = OidIsValid(index_getprocid(index, 1, PGVECTOR_NORM));

	for (int i = 0; i < lengthof(pgvector_classes); i++)
		if (pgvector_classes[i].distance == distance &&
			pgvector_classes[i].norm == norm)
			return support_type(pgvector_classes[i].support);
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("operator class of index \"%s\" is not one that this "
					"version of vecdb knows",
					RelationGetRelationName(index)),
			 errhint("Drop the index and create it with an operator class "
					 "of the extension.")));
}

const IvfType *
ivf_type(Relation index)
{
	Oid support = index_getprocid(index, 1, IVF_SUPPORT_TYPE);

	if (OidIsValid(support) && get_func_rettype(support) != INTERNALOID)
		return pgvector_type(index);
	return (const IvfType *) DatumGetPointer(FunctionCall1(
		index_getprocinfo(index, 1, IVF_SUPPORT_TYPE), PointerGetDatum(NULL)));
}
