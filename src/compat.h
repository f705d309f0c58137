/*
 * compat.h: what differs between PostgreSQL 13 and 18, in one place.
 *
 * No other file asks for PG_VERSION_NUM.
 */
#ifndef VECDB_COMPAT_H
#define VECDB_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 130000
#error "vecdb needs PostgreSQL 13 or newer"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 15 tells of replay in a header of its own, not in that of the log. */
#if PG_VERSION_NUM >= 150000
#include "access/xlogrecovery.h"
#endif

/*
 * Report a user's mistake through the caller's soft-error context, and return
 * "value" if it took the report.  Without soft errors (before 16) the context
 * is never set and the report is a plain error.
 */
#if PG_VERSION_NUM >= 160000
#define vdb_ereturn(context, value, ...) ereturn(context, value, __VA_ARGS__)
#else
#define vdb_ereturn(context, value, ...)                                       \
	do                                                                         \
	{                                                                          \
		(void) (context);                                                      \
		ereport(ERROR, __VA_ARGS__);                                           \
		return value;                                                          \
	} while (0)
#endif

#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 18 spells pg_attribute_noreturn() in another way and place. */
#define VDB_NORETURN __attribute__((noreturn))

/* 14 tells aminsert whether an update left the indexed columns alone. */
#if PG_VERSION_NUM >= 140000
#define IVF_INSERT_UNCHANGED bool unchanged,
#else
#define IVF_INSERT_UNCHANGED
#endif

/* 17 asks access methods whether they build in parallel. */
#if PG_VERSION_NUM >= 170000
#define vdb_set_build_parallel(routine) ((routine)->amcanbuildparallel = true)
#else
#define vdb_set_build_parallel(routine) ((void) (routine))
#endif

/* 16 renamed what names a relation's file. */
#if PG_VERSION_NUM >= 160000
#define vdb_file_number(relation) ((relation)->rd_locator.relNumber)
#else
#define vdb_file_number(relation) ((relation)->rd_node.relNode)
#endif

/* 14 can pin a buffer where it was seen before; 16 renamed the locator. */
#if PG_VERSION_NUM >= 160000
#define vdb_pin_recent(relation, block, recent)                                \
	(BufferIsValid(recent) &&                                                  \
	 ReadRecentBuffer((relation)->rd_locator, MAIN_FORKNUM, block, recent))
#elif PG_VERSION_NUM >= 140000
#define vdb_pin_recent(relation, block, recent)                                \
	(BufferIsValid(recent) &&                                                  \
	 ReadRecentBuffer((relation)->rd_node, MAIN_FORKNUM, block, recent))
#else
#define vdb_pin_recent(relation, block, recent)                                \
	((void) (relation), (void) (block), (void) (recent), false)
#endif

/* 14 remembers how many blocks a file had when it was asked; 0: not known. */
#if PG_VERSION_NUM >= 140000
#define vdb_known_blocks(relation)                                             \
	((relation)->rd_smgr == NULL ||                                            \
			 (relation)->rd_smgr->smgr_cached_nblocks[MAIN_FORKNUM] ==         \
				 InvalidBlockNumber                                            \
		 ? 0                                                                   \
		 : (relation)->rd_smgr->smgr_cached_nblocks[MAIN_FORKNUM])
#else
#define vdb_known_blocks(relation) ((void) (relation), 0)
#endif

/* Up to 16, rows that an old snapshot sees may be gone: it is told so. */
#if PG_VERSION_NUM >= 170000
#define vdb_test_old_snapshot(snapshot, relation, page)                        \
	((void) (snapshot), (void) (relation), (void) (page))
#else
#define vdb_test_old_snapshot(snapshot, relation, page)                        \
	TestForOldSnapshot(snapshot, relation, page)
#endif

/* 17 asks the system for neighbouring pages together. */
#define VDB_PREFETCH_RUNS (PG_VERSION_NUM >= 170000)

/* Replay of generic WAL reads deltas as it did since 9.6. */
#define VDB_GENERIC_DELTA (PG_VERSION_NUM < 190000)

/* 16 keeps what check hooks leave in a memory context of its own. */
#if PG_VERSION_NUM >= 160000
#define vdb_guc_extra(size) guc_malloc(LOG, size)
#else
#define vdb_guc_extra(size) malloc(size)
#endif

/* 18 takes a place for an index scan's instrumentation. */
#if PG_VERSION_NUM >= 180000
#define vdb_index_beginscan(heap, index, snapshot, nkeys, norderbys)           \
	index_beginscan(heap, index, snapshot, NULL, nkeys, norderbys)
#else
#define vdb_index_beginscan(heap, index, snapshot, nkeys, norderbys)           \
	index_beginscan(heap, index, snapshot, nkeys, norderbys)
#endif

/* 14 gives a restriction the planner's root. */
#if PG_VERSION_NUM >= 140000
#define vdb_make_simple_restrictinfo(root, clause)                             \
	make_simple_restrictinfo(root, clause)
#else
#define vdb_make_simple_restrictinfo(root, clause)                             \
	((void) (root), make_simple_restrictinfo(clause))
#endif

/*
 * 18 compares how many nodes are switched off before it looks at costs, and has
 * set an index path's number when it asks for its cost: two are more than the
 * one of a sequential scan that a user switched off.
 */
#if PG_VERSION_NUM >= 180000
#define vdb_disable_index_path(index_path)                                     \
	((index_path)->path.disabled_nodes = 2)
#else
#define vdb_disable_index_path(index_path) ((void) (index_path))
#endif

/* 18 counts index searches for EXPLAIN too. */
#if PG_VERSION_NUM >= 180000
#define vdb_count_index_scan(scan)                                             \
	do                                                                         \
	{                                                                          \
		pgstat_count_index_scan((scan)->indexRelation);                        \
		if ((scan)->instrument)                                                \
			(scan)->instrument->nsearches++;                                   \
	} while (0)
#else
#define vdb_count_index_scan(scan)                                             \
	pgstat_count_index_scan((scan)->indexRelation)
#endif

#if PG_VERSION_NUM >= 180000
#define vdb_vacuum_delay_point() vacuum_delay_point(false)
#else
#define vdb_vacuum_delay_point() vacuum_delay_point()
#endif

/* 17 renamed the question whether this is autovacuum. */
#if PG_VERSION_NUM >= 170000
#define vdb_is_autovacuum() AmAutoVacuumWorkerProcess()
#else
#define vdb_is_autovacuum() IsAutoVacuumWorkerProcess()
#endif

/*
 * Is a transaction past for everybody: were all snapshots that exist taken when
 * it had ended?
 */
#if PG_VERSION_NUM >= 140000
#define vdb_is_past(relation, full_xid)                                        \
	GlobalVisCheckRemovableFullXid(NULL, FullTransactionIdFromU64(full_xid))
#else
#define vdb_is_past(relation, full_xid)                                        \
	TransactionIdPrecedes(                                                     \
		XidFromFullTransactionId(FullTransactionIdFromU64(full_xid)),          \
		GetOldestXmin(NULL, PROCARRAY_FLAGS_VACUUM))
#endif

/* Under ProcArrayLock: 14 has a mirror of each process's flags. */
#if PG_VERSION_NUM >= 140000
#define vdb_clear_vacuum_flag()                                                \
	(MyProc->statusFlags &= ~PROC_IN_VACUUM,                                   \
	 ProcGlobal->statusFlags[MyProc->pgxactoff] = MyProc->statusFlags)
#else
#define vdb_clear_vacuum_flag() (MyPgXact->vacuumFlags &= ~PROC_IN_VACUUM)
#endif

/* 14 keeps how a value out of line is compressed beside its size there. */
#if PG_VERSION_NUM >= 140000
#define vdb_external_size(pointer) VARATT_EXTERNAL_GET_EXTSIZE(pointer)
#else
#define vdb_external_size(pointer) ((Size) (pointer).va_extsize)
#endif

/* 16 asks whether a sorted value is to be copied: numbers need no copy. */
#if PG_VERSION_NUM >= 160000
#define vdb_tuplesort_getdatum(sort, value, isnull)                            \
	tuplesort_getdatum(sort, true, false, value, isnull, NULL)
#else
#define vdb_tuplesort_getdatum(sort, value, isnull)                            \
	tuplesort_getdatum(sort, true, value, isnull, NULL)
#endif

/* 16 asks for owners of all kinds of objects in one way. */
#if PG_VERSION_NUM >= 160000
#define vdb_class_ownercheck(oid, role)                                        \
	object_ownercheck(RelationRelationId, oid, role)
#else
#define vdb_class_ownercheck(oid, role) pg_class_ownercheck(oid, role)
#endif

/* From 17 on, who runs another's index expressions bares the search path. */
#if PG_VERSION_NUM >= 170000
#define vdb_restrict_search_path() RestrictSearchPath()
#else
#define vdb_restrict_search_path() ((void) 0)
#endif

/* 14 names the predefined roles' numbers in another way. */
#if PG_VERSION_NUM >= 140000
#define VDB_ROLE_STAT_SCAN_TABLES ROLE_PG_STAT_SCAN_TABLES
#else
#define VDB_ROLE_STAT_SCAN_TABLES DEFAULT_ROLE_STAT_SCAN_TABLES
#endif

/* 15 ends windows early, where a condition on a row number allows it. */
#if PG_VERSION_NUM >= 150000
#define vdb_window_may_stop(window) ((window)->runcondition != NULL)
#else
#define vdb_window_may_stop(window) ((void) (window), false)
#endif

/* 13 keeps a plan for each table that is modified: of an INSERT, one. */
#if PG_VERSION_NUM >= 140000
#define vdb_modify_source(modify) outerPlanState(modify)
#else
#define vdb_modify_source(modify) (((ModifyTableState *) (modify))->mt_plans[0])
#endif

/*
 * 14 keeps what a nested loop's inner side had, whose node this is; NULL of any
 * other, and where one row is enough.
 */
#if PG_VERSION_NUM >= 140000
#define vdb_memoized(node)                                                     \
	(IsA(node, MemoizeState) && !((MemoizeState *) (node))->singlerow          \
		 ? outerPlanState(node)                                                \
		 : NULL)
#else
#define vdb_memoized(node) ((void) (node), (PlanState *) NULL)
#endif

/* 14 shows a module what its process tells of itself; NULL: it does not. */
#if PG_VERSION_NUM >= 140000
#define VDB_OWN_STATUS MyBEEntry
#else
#define VDB_OWN_STATUS ((PgBackendStatus *) NULL)
#endif

/* Up to 17, the executor is told whether it is run once. */
#if PG_VERSION_NUM >= 180000
#define VDB_EXECUTOR_RUN_PARAMS                                                \
	QueryDesc *queryDesc, ScanDirection direction, uint64 count
#define VDB_EXECUTOR_RUN_ARGS queryDesc, direction, count
#else
#define VDB_EXECUTOR_RUN_PARAMS                                                \
	QueryDesc *queryDesc, ScanDirection direction, uint64 count,               \
		bool execute_once
#define VDB_EXECUTOR_RUN_ARGS queryDesc, direction, count, execute_once
#endif

/* Where a Datum has four bytes, one of eight is a copy in memory. */
#define vdb_free_int64(datum)                                                  \
	(FLOAT8PASSBYVAL ? (void) 0 : pfree(DatumGetPointer(datum)))

#endif /* VECDB_COMPAT_H */
