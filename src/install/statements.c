/*
 * statements.c: see statements.h.
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/proclang.h"
#include "executor/spi.h"
#include "install/statements.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

void
vdb_run(const char *statement)
{
	int result = SPI_execute(statement, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}

void
vdb_run_each(const char *statements)
{
	bool plpgsql = OidIsValid(get_language_oid("plpgsql", true));
	ListCell *cell;

	foreach (cell, pg_parse_query(statements))
	{
		RawStmt *raw = lfirst_node(RawStmt, cell);
		const char *begin = statements + raw->stmt_location;

		if (plpgsql || !IsA(raw->stmt, DoStmt))
			vdb_run(raw->stmt_len > 0 ? pnstrdup(begin, raw->stmt_len) : begin);
	}
}

/* Where a statement begins, behind the comments before it. */
static const char *
command_of(const char *statement)
{
	for (;;)
	{
		statement += strspn(statement, " \t\n");
		if (strncmp(statement, "--", 2) != 0)
			return statement;
		statement += strcspn(statement, "\n");
	}
}

/* Does it create what can be replaced? */
static bool
replaceable(const char *command)
{
	return strncmp(command, "CREATE FUNCTION ", 16) == 0 ||
		   strncmp(command, "CREATE AGGREGATE ", 17) == 0;
}

/*
 * A composite type is what whoever may create one in the schema can have put
 * there before, with other fields than our functions read.
 */
static void
refuse_strange_type(const RawStmt *raw)
{
	const CompositeTypeStmt *statement = (const CompositeTypeStmt *) raw->stmt;
	Oid type;

	if (!IsA(raw->stmt, CompositeTypeStmt))
		return;
	type = GetSysCacheOid2(
		TYPENAMENSP, Anum_pg_type_oid,
		CStringGetDatum(statement->typevar->relname),
		ObjectIdGetDatum(RangeVarGetCreationNamespace(statement->typevar)));
	if (OidIsValid(type) &&
		getExtensionOfObject(TypeRelationId, type) != CurrentExtensionObject)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("type \"%s\" is not a member of extension \"%s\"",
						statement->typevar->relname,
						get_extension_name(CurrentExtensionObject)),
				 errhint("Rename the type, or drop it.")));
}

/* Run it, or do without where what it creates is there. */
static void
run_unless_there(const char *statement)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner resources = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		vdb_run(statement);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_DUPLICATE_OBJECT &&
			error->sqlerrcode != ERRCODE_DUPLICATE_FUNCTION)
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = resources;
}

void
vdb_take_over(const char *statements, Oid self)
{
	List *parsed = pg_parse_query(statements);
	ListCell *cell;

	foreach (cell, parsed)
	{
		RawStmt *raw = lfirst_node(RawStmt, cell);
		const char *begin = statements + raw->stmt_location;
		const char *command = command_of(
			raw->stmt_len > 0 ? pnstrdup(begin, raw->stmt_len) : begin);

		refuse_strange_type(raw);
		run_unless_there(
			replaceable(command)
				? psprintf("CREATE OR REPLACE %s", command + strlen("CREATE "))
				: command);
	}
	if (parsed == NIL)
		return; /* a step on the way to ours */
	/* Those that no statement of ours names. */
	vdb_run(
		psprintf("UPDATE pg_catalog.pg_proc p SET probin = s.probin"
				 " FROM pg_catalog.pg_proc s, pg_catalog.pg_depend d"
				 " WHERE s.oid = %u AND d.objid = p.oid AND d.deptype = 'e'"
				 " AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
				 " AND d.refclassid ="
				 " 'pg_catalog.pg_extension'::pg_catalog.regclass"
				 " AND d.refobjid = %u AND p.probin <> s.probin",
				 self, CurrentExtensionObject));
}
