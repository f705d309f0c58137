/*
 * column.c: see column.h.
 */
#include "compat.h"

#include "access/genam.h"
#include "catalog/pg_type.h"
#include "ivf/space/column.h"
#include "ivf/space/method.h"
#include "ivf/space/type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

bool
ivf_column_ordered(Oid type)
{
	return ivf_key_kind(type)->ordered;
}

/* A class for arrays says anyarray: then it is the column that knows. */
static Oid
value_type(Relation index, int attribute)
{
	Oid type = index->rd_opcintype[attribute];

	if (!IsPolymorphicType(type))
		return type;
	return getBaseType(
		TupleDescAttr(RelationGetDescr(index), attribute)->atttypid);
}

static FmgrInfo *
hash_function(Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_HASH_PROC_FINFO);

	if (!OidIsValid(entry->hash_proc))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a hash function for type %s",
						format_type_be(type)),
				 errhint("A scalar column of an index needs a type with a "
						 "default operator class for hash.")));
	return &entry->hash_proc_finfo;
}

static void
make_column(IvfColumn *column, Relation index, int attribute)
{
	column->kind = ivf_key_kind(index->rd_opcintype[attribute]);
	column->type = index->rd_opcintype[attribute];
	column->family = index->rd_opfamily[attribute];
	column->collation = index->rd_indcollation[attribute];
	column->hash = NULL;
	if (!column->kind->ordered && !column->kind->exact)
		column->hash = hash_function(value_type(index, attribute));
}

int
ivf_columns_make(Relation index, IvfColumn columns[IVF_MOST_COLUMNS])
{
	int count = IndexRelationGetNumberOfKeyAttributes(index) - 1;

	ivf_columns_check(index);
	for (int i = 0; i < count; i++)
		make_column(&columns[i], index, i + 1);
	return count;
}

/* Support function 1 is what a vector's class has. */
static bool
is_vector(Relation index, int attribute)
{
	return OidIsValid(index_getprocid(index, attribute + 1, IVF_SUPPORT_TYPE));
}

static const char *
column_name(Relation index, int attribute)
{
	return NameStr(TupleDescAttr(RelationGetDescr(index), attribute)->attname);
}

static void
check_order(Relation index)
{
	int count = IndexRelationGetNumberOfKeyAttributes(index);

	if (!is_vector(index, 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("first column of an index of access method %s must be "
						"a vector",
						ivf_method(index)->name),
				 errdetail("Column \"%s\" has an operator class for scalar "
						   "values.",
						   column_name(index, 0)),
				 errhint("Name the vector first: its lists hold the scalar "
						 "columns that follow.")));
	for (int i = 1; i < count; i++)
		if (is_vector(index, i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
					 errmsg("index of access method %s cannot have a second "
							"vector",
							ivf_method(index)->name),
					 errdetail("Column \"%s\" has an operator class for "
							   "vectors, of which only the first column can be "
							   "one.",
							   column_name(index, i)),
					 errhint("Create an index for each vector.")));
}

void
ivf_columns_check(Relation index)
{
	int count = IndexRelationGetNumberOfKeyAttributes(index) - 1;

	if (count > IVF_MOST_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_COLUMNS),
				 errmsg("index of access method %s cannot have more than %d "
						"scalar columns",
						ivf_method(index)->name, IVF_MOST_COLUMNS),
				 errdetail("There are %d after the vector.", count)));
	check_order(index);
}
