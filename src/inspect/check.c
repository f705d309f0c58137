/*
 * check.c: vecdb_check_index(), which verifies every invariant that
 * ivf/README.md numbers and returns what it finds, no row for a sound index.
 *
 * The table is locked against writers (SHARE), or else an insert or a vacuum
 * between two pages would look like damage.  Readers go on.  A standby cannot
 * take that lock: there a change that is replayed meanwhile may look like
 * damage, which the user is told.
 */
#include "compat.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "inspect/check_heap.h"
#include "inspect/check_centroid.h"
#include "inspect/check_list.h"
#include "inspect/check_meta.h"
#include "inspect/check_page.h"
#include "inspect/check_rows.h"
#include "inspect/distributed.h"
#include "inspect/inspect.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Opening ---------------------------------------------------------------- */

static void
open_relations(IvfCheck *check, Oid indexoid)
{
	LOCKMODE lockmode = RecoveryInProgress() ? AccessShareLock : ShareLock;

	if (get_rel_relkind(indexoid) != '\0' &&
		!vdb_class_ownercheck(indexoid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER,
					   get_relkind_objtype(get_rel_relkind(indexoid)),
					   get_rel_name(indexoid));
	ivf_inspect_open(indexoid, lockmode, &check->heap, &check->index);
	ivf_distributed_tell(WARNING, check->heap, check->index,
						 "vecdb_check_index");
}

static void
close_relations(IvfCheck *check)
{
	relation_close(check->index, NoLock);
	table_close(check->heap, NoLock);
}

/* The check -------------------------------------------------------------- */

static void
init_layouts(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;
	const VdbCodeFormat *format = vdb_code_format(meta->bits);

	ivf_layout_init(&check->leaf, IVF_LEAF, format, meta->padded,
					&meta->columns);
	ivf_layout_init(&check->inner, IVF_INNER, ivf_centroid_format(format),
					meta->padded, &meta->columns);
	ivf_layout_init(&check->unplaced, IVF_UNPLACED, NULL, 0, &meta->columns);
}

/*
 * The snapshot is older than what is read of the index: it sees no row that was
 * replayed since then.
 */
static void
run_check(IvfCheck *check)
{
	check->snapshot = RegisterSnapshot(GetTransactionSnapshot());
	check->blocks = RelationGetNumberOfBlocks(check->index);
	check->heap_blocks = RelationGetNumberOfBlocks(check->heap);
	check->seen = palloc_extended(check->blocks / 8 + 1,
								  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	/* A cached state could be older than the damage. */
	ivf_index_forget(check->index);
	if (ivf_check_meta(check))
	{
		init_layouts(check);
		ivf_check_mean(check);
		ivf_check_rows_begin(check);
		ivf_check_lists(check);
		ivf_check_rows_sort(check);
		ivf_check_heap(check);
		ivf_check_rows_end(check);
	}
	ivf_check_other_pages(check);
	ivf_check_report_end(check);
	UnregisterSnapshot(check->snapshot);
}

/* What was replayed, if there is anything to replay. */
static XLogRecPtr
replayed(void)
{
	return RecoveryInProgress() ? GetXLogReplayRecPtr(NULL) : InvalidXLogRecPtr;
}

/* Findings may be changes that were replayed since, or half of them before. */
static void
tell_of_replay(const IvfCheck *check, XLogRecPtr before)
{
	if (check->findings == 0 || replayed() == before)
		return;
	ereport(WARNING,
			(errmsg("changes were replayed while index \"%s\" was checked",
					RelationGetRelationName(check->index)),
			 errdetail("What was found may be such changes and no damage."),
			 errhint("Check it again while pg_wal_replay_pause() holds "
					 "replay.")));
}

/*
 * vecdb_check_index(index regclass, heapallindexed boolean) returns
 * table(invariant integer, block bigint, slot bigint, finding text)
 */
PG_FUNCTION_INFO_V1(vecdb_check_index);
Datum
vecdb_check_index(PG_FUNCTION_ARGS)
{
	IvfCheck check = {0};
	IvfAsOwner caller;
	XLogRecPtr before = replayed();
	MemoryContext context;
	MemoryContext old;

	/* Not strict: no row for NULL would call nothing sound. */
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("arguments of vecdb_check_index must not be "
							   "null")));
	check.heapallindexed = PG_GETARG_BOOL(1);
	check.result = ivf_inspect_rows(fcinfo, &check.descriptor);
	open_relations(&check, PG_GETARG_OID(0));

	context = AllocSetContextCreate(CurrentMemoryContext, "ivfflat check",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	check.context = context;
	ivf_inspect_as_owner(check.heap, &caller);
	run_check(&check);
	ivf_inspect_as_caller(&caller);
	tell_of_replay(&check, before);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);

	close_relations(&check);
	return (Datum) 0;
}
