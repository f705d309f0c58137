/*
 * validate_scalar.c: operator classes for the scalar columns of an index.
 *
 * The keys of a column (space/column.h) have the order of the type's default
 * B-tree class, or are hashes by its default hash class.  So a class has the
 * operators of these, under the numbers of B-tree's strategies: up to five of a
 * type whose keys have an order, and of any other "=" alone.
 */
#include "compat.h"

#include "access/amvalidate.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_type.h"
#include "ivf/space/column.h"
#include "ivf/validate.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

bool
ivf_family_is_scalar(Oid family)
{
	CatCList *functions =
		SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));
	CatCList *operators =
		SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
	bool scalar = functions->n_members == 0 && operators->n_members > 0;

	for (int i = 0; i < operators->n_members; i++)
	{
		HeapTuple tuple = &operators->members[i]->tuple;

		if (((Form_pg_amop) GETSTRUCT(tuple))->amoppurpose == AMOP_ORDER)
			scalar = false;
	}
	ReleaseCatCacheList(operators);
	ReleaseCatCacheList(functions);
	return scalar;
}

/* Does the order or the hash that makes the keys know the operator? */
static bool
keys_know(Form_pg_amop entry)
{
	TypeCacheEntry *type =
		lookup_type_cache(entry->amoplefttype,
						  TYPECACHE_BTREE_OPFAMILY | TYPECACHE_HASH_OPFAMILY);

	if (ivf_column_ordered(entry->amoplefttype))
		return get_op_opfamily_strategy(entry->amopopr, type->btree_opf) ==
			   entry->amopstrategy;
	return get_op_opfamily_strategy(entry->amopopr, type->hash_opf) ==
		   HTEqualStrategyNumber;
}

static bool
strategy_fits(Form_pg_amop entry)
{
	if (!ivf_column_ordered(entry->amoplefttype))
		return entry->amopstrategy == BTEqualStrategyNumber;
	return entry->amopstrategy >= 1 && entry->amopstrategy <= IVF_MOST_STRATEGY;
}

/* What is wrong with an operator, or NULL. */
static const char *
operator_fault(Form_pg_amop entry)
{
	bool ordered = ivf_column_ordered(entry->amoplefttype);

	if (!strategy_fits(entry))
		return psprintf("with invalid strategy number %d", entry->amopstrategy);
	if (!check_amop_signature(entry->amopopr, BOOLOID, entry->amoplefttype,
							  entry->amoprighttype))
		return "with wrong signature";
	if (!ordered && entry->amoplefttype != entry->amoprighttype)
		return "between types whose hashes may differ";
	if (!keys_know(entry))
		return psprintf("which is not strategy %d of the default %s operator "
						"class for type %s",
						ordered ? entry->amopstrategy : HTEqualStrategyNumber,
						ordered ? "btree" : "hash",
						format_type_be(entry->amoplefttype));
	return NULL;
}

static bool
check_operators(const IvfScalarClass *class)
{
	CatCList *list =
		SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(class->family));
	bool valid = true;

	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_amop entry = (Form_pg_amop) GETSTRUCT(&list->members[i]->tuple);
		const char *fault = operator_fault(entry);

		if (fault == NULL)
			continue;
		ivf_class_fault(class->method, class->family_name,
						psprintf("contains operator %s %s",
								 format_operator(entry->amopopr), fault));
		valid = false;
	}
	ReleaseCatCacheList(list);
	return valid;
}

bool
ivf_validate_scalar(const IvfScalarClass *class)
{
	bool valid = check_operators(class);

	if (!OidIsValid(get_opfamily_member(class->family, class->type, class->type,
										BTEqualStrategyNumber)))
	{
		ivf_class_fault(class->method, class->family_name,
						psprintf("is missing the operator of equality for type "
								 "%s",
								 format_type_be(class->type)));
		valid = false;
	}
	return valid;
}
