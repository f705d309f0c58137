/*
 * inspect.c: what the functions that look into an index share.
 *
 * An index is recognized by its code and not by the name of its method, which
 * is the user's to choose.
 */
#include "compat.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "inspect/inspect.h"
#include "ivf/space/method.h"
#include "math/least.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

/* Opening ---------------------------------------------------------------- */

static void
require_method(Relation index)
{
	const char *name = RelationGetRelationName(index);

	if (index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("index \"%s\" is partitioned", name),
						errhint("Name the index of one partition.")));
	if (index->rd_rel->relkind != RELKIND_INDEX)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" is not an index", name)));
	if (ivf_method(index) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("index \"%s\" is not an ivfflat or hnsw index", name)));
}

static void
require_readable(Relation index)
{
	const char *name = RelationGetRelationName(index);

	if (RELATION_IS_OTHER_TEMP(index))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("cannot access temporary indexes of other "
							   "sessions"),
						errdetail("Index \"%s\" is one.", name)));
	if (!index->rd_index->indisvalid)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("index \"%s\" is not valid", name),
						errhint("It is being built, or its build failed: then "
								"use REINDEX, or drop it.")));
	if (index->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED &&
		RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("cannot access unlogged index \"%s\" during "
							   "recovery",
							   name)));
}

/*
 * A table that is not found belongs to no index: then the relation's kind
 * tells what to say.
 */
void
ivf_inspect_open(Oid indexoid, LOCKMODE lockmode, Relation *heap,
				 Relation *index)
{
	Oid heapoid = IndexGetRelation(indexoid, true);

	*heap = OidIsValid(heapoid) ? table_open(heapoid, lockmode) : NULL;
	*index = relation_open(indexoid, AccessShareLock);
	require_method(*index);
	require_readable(*index);

	/* Dropped, and its number used again, while we waited. */
	if (*heap == NULL || heapoid != IndexGetRelation(indexoid, false))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("could not open the table of index \"%s\"",
							   RelationGetRelationName(*index))));
}

/* Privileges ------------------------------------------------------------- */

/* What is no index has no table, and an error of its own awaits it. */
static bool
may_select(Oid heapoid)
{
	return !OidIsValid(heapoid) ||
		   pg_class_aclcheck(heapoid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

static void
refuse(Oid heapoid)
{
	aclcheck_error(ACLCHECK_NO_PRIV,
				   get_relkind_objtype(get_rel_relkind(heapoid)),
				   get_rel_name(heapoid));
}

/* Figures over all rows would tell of those that a policy hides. */
static void
refuse_row_security(Oid heapoid)
{
	if (OidIsValid(heapoid) &&
		check_enable_rls(heapoid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for statistics of table \"%s\"",
						get_rel_name(heapoid)),
				 errdetail("Its row security policies apply to you."),
				 errhint("Members of pg_stat_scan_tables may see them.")));
}

void
ivf_inspect_require_searches(Oid indexoid)
{
	Oid heapoid = IndexGetRelation(indexoid, true);

	if (!may_select(heapoid))
		refuse(heapoid);
	if (!has_privs_of_role(GetUserId(), VDB_ROLE_STAT_SCAN_TABLES) &&
		OidIsValid(heapoid) && !vdb_class_ownercheck(heapoid, GetUserId()))
		refuse_row_security(heapoid);
}

void
ivf_inspect_require_statistics(Oid indexoid)
{
	Oid heapoid = IndexGetRelation(indexoid, true);

	if (has_privs_of_role(GetUserId(), VDB_ROLE_STAT_SCAN_TABLES))
		return;
	if (!may_select(heapoid))
		refuse(heapoid);
	refuse_row_security(heapoid);
}

void
ivf_inspect_as_owner(Relation heap, IvfAsOwner *caller)
{
	Oid owner = heap->rd_rel->relowner;

	GetUserIdAndSecContext(&caller->user, &caller->security);
	SetUserIdAndSecContext(owner,
						   caller->security | SECURITY_RESTRICTED_OPERATION);
	caller->nest_level = NewGUCNestLevel();
	if (owner == caller->user)
		vdb_restrict_search_path();
	else
		(void) set_config_option("search_path", "pg_catalog, pg_temp",
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
}

void
ivf_inspect_as_caller(const IvfAsOwner *caller)
{
	AtEOXact_GUC(false, caller->nest_level);
	SetUserIdAndSecContext(caller->user, caller->security);
}

/* Results ---------------------------------------------------------------- */

Tuplestorestate *
ivf_inspect_rows(FunctionCallInfo fcinfo, TupleDesc *descriptor)
{
	ReturnSetInfo *info = (ReturnSetInfo *) fcinfo->resultinfo;
	Tuplestorestate *result;
	MemoryContext old;

	if (info == NULL || !IsA(info, ReturnSetInfo) ||
		!(info->allowedModes & SFRM_Materialize))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("set-valued function called in context that "
							   "cannot accept a set")));

	old = MemoryContextSwitchTo(info->econtext->ecxt_per_query_memory);
	*descriptor = ivf_inspect_row(fcinfo);
	result = tuplestore_begin_heap(true, false, work_mem);
	info->returnMode = SFRM_Materialize;
	info->setResult = result;
	info->setDesc = *descriptor;
	MemoryContextSwitchTo(old);
	return result;
}

TupleDesc
ivf_inspect_row(FunctionCallInfo fcinfo)
{
	TupleDesc descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return BlessTupleDesc(descriptor);
}

double
ivf_inspect_median(double *values, uint32 count)
{
	qsort(values, count, sizeof(double), vdb_compare_doubles);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}
