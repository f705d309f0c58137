/*
 * distributed.c: see distributed.h.
 *
 * Citus lists the tables that it distributes in a catalog of its own, whose
 * column "logicalrelid" names the shell.  That is all that is asked: nothing
 * here needs Citus, neither to be built nor to be there.  The statements rely
 * on two more of its habits: run_command_on_shards() puts a shard's name into
 * format(), hence one %s and no other percent sign, and an index of a shard has
 * the shell's name and the shard's number.
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "inspect/distributed.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define DIST_TABLES "pg_dist_partition"
#define DIST_TABLE "logicalrelid"

/* The catalog, with its column's number; 0 where there is none. */
static Oid
find_catalog(AttrNumber *column)
{
	Oid catalog = get_relname_relid(DIST_TABLES, PG_CATALOG_NAMESPACE);

	if (!OidIsValid(catalog) || get_rel_relkind(catalog) != RELKIND_RELATION)
		return InvalidOid;
	*column = get_attnum(catalog, DIST_TABLE);
	if (*column == InvalidAttrNumber ||
		get_atttype(catalog, *column) != REGCLASSOID)
		return InvalidOid;
	return catalog;
}

/* Is this table a shell; with InvalidOid, is any? */
static bool
is_distributed(Oid table)
{
	AttrNumber column;
	Oid catalog = find_catalog(&column);
	ScanKeyData key;
	SysScanDesc scan;
	Relation rows;
	bool found;

	if (!OidIsValid(catalog))
		return false;
	rows = table_open(catalog, AccessShareLock);
	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	scan = systable_beginscan(rows, InvalidOid, false, NULL,
							  OidIsValid(table) ? 1 : 0, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(rows, AccessShareLock);
	return found;
}

/* As it stands in a command that format() reads, within $cmd$. */
static char *
quote_for_format(const char *text)
{
	const char *quoted = quote_literal_cstr(text);
	StringInfoData result;

	initStringInfo(&result);
	for (; *quoted; quoted++)
	{
		if (*quoted == '%')
			appendStringInfoChar(&result, '%');
		appendStringInfoChar(&result, *quoted);
	}
	return result.data;
}

/* The call of a function for the index of each shard. */
static char *
call_on_shards(Relation heap, Relation index, const char *function)
{
	char *schema = get_namespace_name(RelationGetNamespace(index));
	char *table = quote_qualified_identifier(
		get_namespace_name(RelationGetNamespace(heap)),
		RelationGetRelationName(heap));

	return psprintf(
		"SELECT * FROM run_command_on_shards(%s, $cmd$SELECT json_agg(r) FROM "
		"%s((quote_ident(%s) || '.' || quote_ident(%s || substring('%%s' FROM "
		"'([0-9]+)\"?$')))::regclass) AS r$cmd$);",
		quote_literal_cstr(table), function, quote_for_format(schema),
		quote_for_format(psprintf("%s_", RelationGetRelationName(index))));
}

void
ivf_distributed_tell(int level, Relation heap, Relation index,
					 const char *function)
{
	char *call;

	if (!is_distributed(RelationGetRelid(heap)))
		return;
	call = call_on_shards(heap, index, function);
	ereport(level, (errcode(level >= ERROR ? ERRCODE_WRONG_OBJECT_TYPE
										   : ERRCODE_WARNING),
					errmsg("index \"%s\" is that of a distributed table",
						   RelationGetRelationName(index)),
					errdetail("The rows of table \"%s\" are in its shards; "
							  "here it is empty.",
							  RelationGetRelationName(heap)),
					errhint("Ask the shards: %s", call)));
}

void
ivf_distributed_tell_of_scans(void)
{
	if (is_distributed(InvalidOid))
		ereport(NOTICE,
				(errmsg("scans of distributed tables are not seen here"),
				 errdetail("They run in sessions of the servers that have the "
						   "shards."),
				 errhint("Search the shards one by one: SELECT * FROM "
						 "run_command_on_shards('items', $cmd$SELECT "
						 "to_json(vecdb_last_scan()) FROM (SELECT count(*) "
						 "FROM (SELECT FROM %%s ORDER BY embedding <-> "
						 "'[1,2,3]' LIMIT 10) AS a) AS b$cmd$);")));
}
