/*
 * install.c: one set of objects under two names.
 *
 * Programs ask for CREATE EXTENSION vector, ours is called vecdb, and a
 * database may have both.  Each name has a whole script, which hands its
 * statements to vecdb_install() as a text.  Whichever name comes first runs
 * them and owns the objects; the other stands for the owner, an alias with one
 * member that depends on the type, so that the owner cannot be dropped without
 * it.
 *
 * A script has no condition of its own, and whoever owns a database may have
 * dropped plpgsql: so the condition is in C.
 */
#include "compat.h"

#include "catalog/dependency.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "install/statements.h"
#include "utils/builtins.h"

/* Scripts of vector 0.8.0 to 0.8.99 have the objects of vecdb 0.2.0. */
#define PINNED_RELEASE 200
#define PINNED_PATCHES 100

/* The extension that the type vector is a member of, where there is one. */
typedef struct Owner
{
	Oid extension; /* InvalidOid: none */
	char *name;
	char *version;
	char *schema; /* of the type */
	bool foreign; /* its functions are another library's */
} Owner;

static const char *const find_owner =
	"SELECT e.oid, e.extname, e.extversion, n.nspname, i.probin <> s.probin"
	" FROM pg_catalog.pg_extension e"
	" JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.deptype = 'e'"
	"  AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
	"  AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass"
	" JOIN pg_catalog.pg_type t ON t.oid = d.objid AND t.typname = 'vector'"
	" JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
	" JOIN pg_catalog.pg_proc i ON i.oid = t.typinput"
	" JOIN pg_catalog.pg_proc s ON s.oid = $1"
	" WHERE e.extname IN ('vecdb', 'vector')";

static Owner
owner_of_type(Oid self)
{
	Oid types[] = {OIDOID};
	Datum values[] = {ObjectIdGetDatum(self)};
	Owner owner = {.extension = InvalidOid};
	int result =
		SPI_execute_with_args(find_owner, 1, types, values, NULL, true, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	if (SPI_processed > 0)
	{
		HeapTuple row = SPI_tuptable->vals[0];
		TupleDesc shape = SPI_tuptable->tupdesc;
		bool isnull;

		owner.extension =
			DatumGetObjectId(SPI_getbinval(row, shape, 1, &isnull));
		owner.name = SPI_getvalue(row, shape, 2);
		owner.version = SPI_getvalue(row, shape, 3);
		owner.schema = SPI_getvalue(row, shape, 4);
		owner.foreign = DatumGetBool(SPI_getbinval(row, shape, 5, &isnull));
	}
	return owner;
}

/* vecdb 1.2.3 is 10203, and its vector is 0.8.10203; 0 is none of ours. */
static int
release_of(const char *name, const char *version)
{
	int major;
	int minor;
	int patch;

	if (sscanf(version, "%d.%d.%d", &major, &minor, &patch) != 3)
		return 0;
	if (strcmp(name, "vecdb") == 0)
		return major * 10000 + minor * 100 + patch;
	return patch < PINNED_PATCHES ? PINNED_RELEASE : patch;
}

/*
 * Say that the alias needs the owner, as "requires" would: a dump creates the
 * owner first, in the schema that its type has.  An update forgets it.
 */
static void
depend_on(Oid owner)
{
	ObjectAddress alias;
	ObjectAddress needed;

	ObjectAddressSet(alias, ExtensionRelationId, CurrentExtensionObject);
	ObjectAddressSet(needed, ExtensionRelationId, owner);
	recordDependencyOn(&alias, &needed, DEPENDENCY_NORMAL);
}

/* Move the alias to the type, where other extensions look for what they
 * require. */
static void
follow(const char *name, const char *schema)
{
	const char *own = quote_identifier(name);

	/* Its own update finds it fixed to its place. */
	vdb_run(psprintf("UPDATE pg_catalog.pg_extension SET extrelocatable = true"
					 " WHERE extname = %s",
					 quote_literal_cstr(name)));
	vdb_run(psprintf("ALTER EXTENSION %s SET SCHEMA %s", own,
					 quote_identifier(schema)));
	/* Moving the alias would leave the type where it is: that is an error. */
	vdb_run(psprintf("UPDATE pg_catalog.pg_extension SET extrelocatable = false"
					 " WHERE extname = %s",
					 quote_literal_cstr(name)));
}

static void
stand_for(const Owner *owner, int release)
{
	char *name = get_extension_name(CurrentExtensionObject);

	if (release_of(owner->name, owner->version) < release)
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("extension \"%s\" has version %s, which lacks what "
					"this version of \"%s\" stands for",
					owner->name, owner->version, name),
			 errhint("First run: ALTER EXTENSION %s UPDATE;", owner->name)));
	depend_on(owner->extension);
	vdb_run(psprintf("CREATE OR REPLACE FUNCTION vecdb_owner(%s.vector)"
					 " RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE"
					 " AS 'SELECT ''%s''::text'",
					 quote_identifier(owner->schema), owner->name));
	vdb_run(psprintf("COMMENT ON FUNCTION vecdb_owner(%s.vector) IS"
					 " 'the extension that \"%s\" stands for'",
					 quote_identifier(owner->schema), name));
}

/* An extension whose type is pgvector's: only its own update makes it ours. */
static void
refuse_pgvectors(const Owner *owner)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("extension \"%s\" of this database was made by pgvector",
					owner->name),
			 errhint("Make it one of vecdb by ALTER EXTENSION %s UPDATE; or "
					 "dump the database and restore it into another one.",
					 owner->name)));
}

PG_FUNCTION_INFO_V1(vecdb_install);

/*
 * vecdb_install(objects text, release integer, all_objects text) returns void:
 * run the statements of a script, or become an alias of the extension that has
 * run them, which must have those of the release, as release_of() counts.  An
 * extension that pgvector made gets all objects, where the script has them.
 * Drops itself.
 */
Datum
vecdb_install(PG_FUNCTION_ARGS)
{
	Oid self = fcinfo->flinfo->fn_oid;
	Owner owner;
	bool alias;

	if (!creating_extension)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("vecdb_install() is for the scripts of extensions")));
	SPI_connect();
	owner = owner_of_type(self);
	alias = OidIsValid(owner.extension) &&
			owner.extension != CurrentExtensionObject;
	if (alias && owner.foreign)
		refuse_pgvectors(&owner);
	if (alias)
		stand_for(&owner, PG_GETARG_INT32(1));
	else if (OidIsValid(owner.extension) && owner.foreign)
		vdb_take_over(text_to_cstring(PG_GETARG_TEXT_PP(2)), self);
	else
		vdb_run_each(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	vdb_run("DROP FUNCTION vecdb_install(text, integer, text)");
	if (alias)
		follow(get_extension_name(CurrentExtensionObject), owner.schema);
	SPI_finish();
	PG_RETURN_VOID();
}
