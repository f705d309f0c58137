/*
 * validate.c: is an operator class one that this access method can use?
 *
 * A class needs one ordering operator (strategy 1) over its type that returns
 * float8 and sorts by the default B-tree family of float8, and support
 * function 1, (internal) returns internal, or those that pgvector gave to it.
 * Each fault is reported as INFO, as amvalidate() does for the built-in
 * methods.  What is asked of classes for scalars is in validate_scalar.c.
 */
#include "compat.h"

#include "access/amvalidate.h"
#include "access/htup_details.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "ivf/callbacks.h"
#include "ivf/space/type.h"
#include "ivf/validate.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

typedef struct Validation
{
	const char *method;
	const char *family;
	bool valid;
} Validation;

static const char *
family_name(Oid family)
{
	HeapTuple tuple = SearchSysCache1(OPFAMILYOID, ObjectIdGetDatum(family));
	const char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator family %u", family);
	name = pstrdup(NameStr(((Form_pg_opfamily) GETSTRUCT(tuple))->opfname));
	ReleaseSysCache(tuple);
	return name;
}

void
ivf_class_fault(const char *method, const char *family, const char *what)
{
	ereport(INFO, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				   errmsg("operator family \"%s\" of access method %s %s",
						  family, method, what)));
}

static void
fault(Validation *validation, const char *what)
{
	ivf_class_fault(validation->method, validation->family, what);
	validation->valid = false;
}

/* The type's own function, or a distance or norm as pgvector's classes have. */
static bool
signature_fits(Form_pg_amproc entry)
{
	Oid function = entry->amproc;
	Oid type = entry->amproclefttype;
	bool distance =
		check_amproc_signature(function, FLOAT8OID, true, 2, 2, type, type);
	bool norm = check_amproc_signature(function, FLOAT8OID, true, 1, 1, type);

	return check_amproc_signature(function, INTERNALOID, true, 1, 1,
								  INTERNALOID) ||
		   distance || (norm && entry->amprocnum != IVF_SUPPORT_TYPE);
}

static void
check_function(Validation *validation, Form_pg_amproc entry)
{
	if (entry->amprocnum < 1 || entry->amprocnum > IVF_NUM_SUPPORT)
		fault(validation,
			  psprintf("contains function %s with invalid support number %d",
					   format_procedure(entry->amproc), entry->amprocnum));
	else if (!signature_fits(entry))
		fault(validation,
			  psprintf("contains function %s with wrong signature for support "
					   "number %d",
					   format_procedure(entry->amproc), entry->amprocnum));
}

/* Is a value within a radius?  The right type is the one that has both. */
static void
check_radius(Validation *validation, Form_pg_amop entry, const char *name)
{
	if (entry->amoppurpose != AMOP_SEARCH)
		fault(validation,
			  psprintf("contains operator %s that is not for searching", name));
	if (!check_amop_signature(entry->amopopr, BOOLOID, entry->amoplefttype,
							  entry->amoprighttype) ||
		!OidIsValid(get_typ_typrelid(entry->amoprighttype)))
		fault(validation,
			  psprintf("contains operator %s with wrong signature", name));
}

static void
check_operator(Validation *validation, Form_pg_amop entry)
{
	char *name = format_operator(entry->amopopr);

	if (entry->amopstrategy == IVF_RADIUS_STRATEGY)
	{
		check_radius(validation, entry, name);
		return;
	}
	if (entry->amopstrategy != IVF_DISTANCE_STRATEGY)
		fault(validation,
			  psprintf("contains operator %s with invalid strategy number %d",
					   name, entry->amopstrategy));
	if (entry->amoppurpose != AMOP_ORDER)
		fault(validation,
			  psprintf("contains operator %s that is not for ordering", name));
	else if (get_op_rettype(entry->amopopr) != FLOAT8OID ||
			 !opfamily_can_sort_type(entry->amopsortfamily, FLOAT8OID))
		fault(validation,
			  psprintf("contains invalid ORDER BY specification for operator "
					   "%s",
					   name));
	if (!check_amop_signature(entry->amopopr, FLOAT8OID, entry->amoplefttype,
							  entry->amoprighttype))
		fault(validation,
			  psprintf("contains operator %s with wrong signature", name));
}

static void
check_functions(Validation *validation, Oid family, Oid type, bool *found)
{
	CatCList *list = SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));

	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_amproc entry =
			(Form_pg_amproc) GETSTRUCT(&list->members[i]->tuple);

		check_function(validation, entry);
		if (entry->amproclefttype == type && entry->amprocrighttype == type &&
			entry->amprocnum == IVF_SUPPORT_TYPE)
			*found = true;
	}
	ReleaseCatCacheList(list);
}

static void
check_operators(Validation *validation, Oid family, Oid type, bool *found)
{
	CatCList *list =
		SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));

	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_amop entry = (Form_pg_amop) GETSTRUCT(&list->members[i]->tuple);

		check_operator(validation, entry);
		if (entry->amoplefttype == type && entry->amoprighttype == type &&
			entry->amopstrategy == IVF_DISTANCE_STRATEGY)
			*found = true;
	}
	ReleaseCatCacheList(list);
}

bool
ivf_validate(Oid opclass)
{
	HeapTuple tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(opclass));
	Validation validation = {.valid = true};
	Form_pg_opclass form;
	Oid family;
	Oid type;
	bool has_function = false;
	bool has_operator = false;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator class %u", opclass);
	form = (Form_pg_opclass) GETSTRUCT(tuple);
	family = form->opcfamily;
	type = form->opcintype;
	validation.method = get_am_name(form->opcmethod);
	validation.family = family_name(family);
	if (OidIsValid(form->opckeytype) && form->opckeytype != type)
		fault(&validation, "has an operator class with another storage type");

	if (ivf_family_is_scalar(family))
	{
		ReleaseSysCache(tuple);
		return ivf_validate_scalar(&(IvfScalarClass){
				   validation.method, validation.family, family, type}) &&
			   validation.valid;
	}
	check_functions(&validation, family, type, &has_function);
	check_operators(&validation, family, type, &has_operator);
	if (!has_function)
		fault(&validation,
			  psprintf("is missing support function %d for type %s",
					   IVF_SUPPORT_TYPE, format_type_be(type)));
	if (!has_operator)
		fault(&validation,
			  psprintf("is missing the distance operator for type %s",
					   format_type_be(type)));
	ReleaseSysCache(tuple);
	return validation.valid;
}
