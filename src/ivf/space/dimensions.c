/*
 * dimensions.c: see dimensions.h.
 *
 * An index needs them before its first row.  A column has them in its type
 * modifier, vector(3), a domain in its own; where neither has, the index's
 * option says.
 *
 * ALTER TABLE ... TYPE vector copies no row, so that the server keeps the
 * index's file under a new entry of the catalog and asks no access method.  The
 * index would serve on, but nothing could build it again: not TRUNCATE, not
 * REINDEX, not the restore of a dump.  So each new entry is looked at.
 */
#include "compat.h"

#include "access/amapi.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "ivf/space/dimensions.h"
#include "ivf/space/method.h"
#include "ivf/space/options.h"
#include "ivf/space/type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

static object_access_hook_type previous_hook = NULL;

/* Of the column or the expression, 0 without. */
static uint32
column_dimensions(TupleDesc descriptor)
{
	Form_pg_attribute attribute = TupleDescAttr(descriptor, 0);
	int32 typmod = attribute->atttypmod;

	if (typmod < 0)
		getBaseTypeAndTypmod(attribute->atttypid, &typmod);
	return Max(typmod, 0);
}

uint32
ivf_dimensions(Relation index)
{
	uint32 dimensions = column_dimensions(RelationGetDescr(index));

	return dimensions > 0 ? dimensions : ivf_option_dimensions(index);
}

static VDB_NORETURN void
no_dimensions(const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("column does not have dimensions"),
			 errdetail("An index of type %s needs to know how many.", type),
			 errhint("Declare the column, or cast the expression, as %s(n); or "
					 "give the index the option \"dimensions\".",
					 type)));
}

/* A class of type bit is one of varbit to the server; its lengths are not. */
static VDB_NORETURN void
varying_bits(const IvfMethod *method)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("type not supported for %s index", method->name),
					errdetail("Values of type bit varying differ in length."),
					errhint("Cast the expression as bit(n).")));
}

uint32
ivf_dimensions_require(Relation index)
{
	const IvfType *type = ivf_type(index);
	uint32 dimensions = ivf_dimensions(index);
	uint32 option = ivf_option_dimensions(index);

	if (TupleDescAttr(RelationGetDescr(index), 0)->atttypid == VARBITOID)
		varying_bits(ivf_method(index));
	if (dimensions == 0)
		no_dimensions(type->name);
	if (option > 0 && option != dimensions)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"dimensions\" of the index is %u, but "
							   "the column has %u",
							   option, dimensions)));
	if (dimensions > type->max_dim)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("column cannot have more than %u dimensions for "
							   "%s index",
							   type->max_dim, ivf_method(index)->name)));
	return dimensions;
}

/* New entries of the catalog ---------------------------------------------- */

/* The option in the entry, which no other snapshot sees yet. */
static int
new_option(Oid index, const IvfMethod *method)
{
	Relation catalog = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	int dimensions = 0;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(index));
	scan = systable_beginscan(catalog, ClassOidIndexId, true, SnapshotSelf, 1,
							  &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum options = heap_getattr(tuple, Anum_pg_class_reloptions,
									 RelationGetDescr(catalog), &isnull);
		const IvfOptions *parsed =
			isnull ? NULL
				   : (const IvfOptions *) method->options(options, false);

		dimensions = parsed ? parsed->dimensions : 0;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return dimensions;
}

/*
 * The name of a type whose values can have dimensions.  NULL: it is no vector,
 * which the build has words for; the operator class is not known here yet.
 */
static const char *
vector_name(Oid type)
{
	HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	const char *name = NULL;

	if (HeapTupleIsValid(tuple))
	{
		Form_pg_type form = (Form_pg_type) GETSTRUCT(tuple);

		if (OidIsValid(form->typmodin) &&
			(form->typcategory == TYPCATEGORY_USER ||
			 form->typcategory == TYPCATEGORY_BITSTRING))
			name = pstrdup(NameStr(form->typname));
		ReleaseSysCache(tuple);
	}
	return name;
}

/* Not yet an index to the server: its access method is known by number. */
static void
require_new(Relation index)
{
	const IndexAmRoutine *routine =
		GetIndexAmRoutineByAmId(index->rd_rel->relam, true);
	const IvfMethod *method = routine ? ivf_method_of(routine) : NULL;
	TupleDesc descriptor = RelationGetDescr(index);
	Oid type = getBaseType(TupleDescAttr(descriptor, 0)->atttypid);
	const char *name;

	if (method == NULL || column_dimensions(descriptor) > 0)
		return;
	name = vector_name(type);
	if (name == NULL)
		return;
	if (type == VARBITOID)
		varying_bits(method);
	if (new_option(RelationGetRelid(index), method) == 0)
		no_dimensions(name);
}

static void
object_access(ObjectAccessType access, Oid class, Oid object, int subobject,
			  void *arg)
{
	if (previous_hook)
		previous_hook(access, class, object, subobject, arg);
	/* What a pg_upgrade brings has its files already. */
	if (access == OAT_POST_CREATE && class == RelationRelationId &&
		subobject == 0 && !IsBinaryUpgrade)
	{
		Relation relation = RelationIdGetRelation(object);

		if (relation == NULL)
			return;
		if (relation->rd_rel->relkind == RELKIND_INDEX)
			require_new(relation);
		RelationClose(relation);
	}
}

void
ivf_dimensions_init(void)
{
	previous_hook = object_access_hook;
	object_access_hook = object_access;
}
