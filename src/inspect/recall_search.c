/*
 * recall_search.c: the two searches that vecdb_recall() compares.
 *
 * Both are SQL, run as the table's owner, on one snapshot.  They are the same
 * statement but for what the planner may use: it sees no index of the table,
 * or the one in question only.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_index.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/execdesc.h"
#include "inspect/recall.h"
#include "ivf/scan/scan.h"
#include "nodes/execnodes.h"
#include "optimizer/plancat.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

/* What the planner sees --------------------------------------------------- */

/*
 * While a search runs: the table whose indexes the planner does not see, and
 * the one that it does see nevertheless.
 */
static Oid hidden_heap = InvalidOid;
static Oid shown_index = InvalidOid;
static get_relation_info_hook_type next_hook = NULL;

/*
 * The name of the statements' column.  Functions that they call may plan
 * searches of the same table, and keep these plans: those are left alone.
 */
#define COLUMN "vecdb_recall"

static bool
is_our_statement(const Query *query)
{
	const TargetEntry *column;

	if (query->targetList == NIL)
		return false;
	column = linitial_node(TargetEntry, query->targetList);
	return column->resname && strcmp(column->resname, COLUMN) == 0;
}

static void
hide_indexes(PlannerInfo *root, Oid relation, bool inhparent, RelOptInfo *rel)
{
	ListCell *cell;

	if (next_hook)
		next_hook(root, relation, inhparent, rel);
	if (!OidIsValid(hidden_heap) || relation != hidden_heap ||
		!is_our_statement(root->parse))
		return;
	foreach (cell, rel->indexlist)
		if (lfirst_node(IndexOptInfo, cell)->indexoid != shown_index)
			rel->indexlist = foreach_delete_current(rel->indexlist, cell);
}

/* For good: a library that came later may have put its hook on top. */
void
ivf_recall_install_hook(void)
{
	static bool installed = false;

	if (installed)
		return;
	next_hook = get_relation_info_hook;
	get_relation_info_hook = hide_indexes;
	installed = true;
}

static void
set_until_done(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* The scan of the index in a plan for our statement, or NULL. */
static IndexScanDesc
find_scan(PlanState *node, Oid index)
{
	for (; node; node = outerPlanState(node))
	{
		IndexScanState *scan = (IndexScanState *) node;

		if (IsA(node, IndexScanState) &&
			RelationGetRelid(scan->iss_RelationDesc) == index)
			return scan->iss_ScanDesc;
	}
	return NULL;
}

/*
 * The session's last scan may be one of a function that the index's expression
 * calls, so the plan is kept until its own scan has been asked.
 */
static void
run_by_index(const IvfRecall *recall, SPIPlanPtr plan, Datum *values,
			 IvfScanReport *report)
{
	Portal portal = SPI_cursor_open(NULL, plan, values, NULL, true);
	IndexScanDesc scan;

	SPI_cursor_fetch(portal, true, recall->k);
	scan = find_scan(portal->queryDesc->planstate,
					 RelationGetRelid(recall->index));
	*report = scan ? *ivf_scan_report(scan) : (IvfScanReport){0};
	SPI_cursor_close(portal);
}

static void
run_without_index(SPIPlanPtr plan, Datum *values)
{
	int status = SPI_execute_plan(plan, values, NULL, true, 0);

	if (status != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s",
			 SPI_result_code_string(status));
}

/*
 * Run a statement on the active snapshot; its rows are in SPI_tuptable.  It
 * is planned when it runs for the first time.
 */
double
ivf_recall_run(const IvfRecall *recall, SPIPlanPtr plan, Datum *values,
			   IvfScanReport *report)
{
	bool by_index = report != NULL;
	int nest_level = NewGUCNestLevel();
	Oid outer_heap = hidden_heap;
	Oid outer_index = shown_index;
	instr_time begin;
	instr_time duration;

	set_until_done("plan_cache_mode", "force_generic_plan");
	set_until_done("enable_seqscan", by_index ? "off" : "on");
	set_until_done("enable_indexscan", "on");
	set_until_done("enable_tidscan", "on");
	set_until_done("enable_sort", "on");

	INSTR_TIME_SET_CURRENT(begin);
	PG_TRY();
	{
		hidden_heap = RelationGetRelid(recall->heap);
		shown_index = by_index ? RelationGetRelid(recall->index) : InvalidOid;
		if (by_index)
			run_by_index(recall, plan, values, report);
		else
			run_without_index(plan, values);
	}
	PG_FINALLY();
	{
		hidden_heap = outer_heap;
		shown_index = outer_index;
	}
	PG_END_TRY();
	INSTR_TIME_SET_CURRENT(duration);
	INSTR_TIME_SUBTRACT(duration, begin);

	AtEOXact_GUC(true, nest_level);
	return INSTR_TIME_GET_MILLISEC(duration);
}

/* Statements -------------------------------------------------------------- */

static const char *
distance_operator(Relation index)
{
	Oid type = index->rd_opcintype[0];
	Oid oid = get_opfamily_member(index->rd_opfamily[0], type, type,
								  IVF_DISTANCE_STRATEGY);
	HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
	Form_pg_operator form;
	char *result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "index \"%s\" has no distance operator",
			 RelationGetRelationName(index));
	form = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)",
					  quote_identifier(get_namespace_name(form->oprnamespace)),
					  NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return result;
}

static const char *
index_predicate(Relation index)
{
	HeapTuple tuple =
		SearchSysCache1(INDEXRELID, ObjectIdGetDatum(RelationGetRelid(index)));
	const char *result = "true";
	bool isnull;
	Datum predicate;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u",
			 RelationGetRelid(index));
	predicate =
		SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indpred, &isnull);
	if (!isnull)
		result = TextDatumGetCString(
			DirectFunctionCall2(pg_get_expr, predicate,
								ObjectIdGetDatum(index->rd_index->indrelid)));
	ReleaseSysCache(tuple);
	return result;
}

/* The index's first column, as SQL: scalar ones may follow. */
static char *
indexed_value(const IvfRecall *recall)
{
	AttrNumber number = recall->index->rd_index->indkey.values[0];
	Oid heap = RelationGetRelid(recall->heap);
	List *context;
	Node *expression;

	if (number != 0)
		return pstrdup(quote_identifier(get_attname(heap, number, false)));
	context = deparse_context_for(RelationGetRelationName(recall->heap), heap);
	expression = linitial(RelationGetIndexExpressions(recall->index));
	return psprintf("(%s)",
					deparse_expression(expression, context, false, false));
}

void
ivf_recall_name_parts(IvfRecall *recall)
{
	Relation heap = recall->heap;

	recall->table = quote_qualified_identifier(
		get_namespace_name(RelationGetNamespace(heap)),
		RelationGetRelationName(heap));
	recall->value = indexed_value(recall);
	recall->opname = distance_operator(recall->index);
	recall->predicate = index_predicate(recall->index);
}

static SPIPlanPtr
prepare(const char *statement, int nargs, Oid *types, int options)
{
	SPIPlanPtr plan = SPI_prepare_cursor(statement, nargs, types, options);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s",
			 SPI_result_code_string(SPI_result));
	return plan;
}

/* The distances of the k nearest rows. */
SPIPlanPtr
ivf_recall_prepare_search(const IvfRecall *recall, int options)
{
	Oid types[2] = {recall->index->rd_opcintype[0], TIDOID};
	char *distance = psprintf("%s %s $1", recall->value, recall->opname);
	const char *others =
		recall->leave_out ? " AND ctid OPERATOR(pg_catalog.<>) $2" : "";
	const char *condition =
		recall->condition ? psprintf(" AND (%s\n)", recall->condition) : "";
	char *statement =
		psprintf("SELECT %s AS " COLUMN " FROM ONLY %s WHERE (%s)%s%s "
				 "ORDER BY %s LIMIT %d",
				 distance, recall->table, recall->predicate, others, condition,
				 distance, recall->k);

	return prepare(statement, recall->leave_out ? 2 : 1, types, options);
}

/*
 * Rows that can be queries: those with a distance to themselves, which NULL
 * and, under cosine, the zero vector have not.
 */
SPIPlanPtr
ivf_recall_prepare_sample(const IvfRecall *recall, int sample)
{
	char *statement = psprintf(
		"SELECT ctid AS " COLUMN " FROM ONLY %s WHERE (%s) AND (%s %s %s) "
		"OPERATOR(pg_catalog.<>) 'NaN'::pg_catalog.float8 "
		"ORDER BY pg_catalog.random() LIMIT %d",
		recall->table, recall->predicate, recall->value, recall->opname,
		recall->value, sample);

	return prepare(statement, 0, NULL, 0);
}

SPIPlanPtr
ivf_recall_prepare_fetch(const IvfRecall *recall)
{
	Oid types[1] = {TIDOID};
	char *statement = psprintf("SELECT %s AS " COLUMN " FROM ONLY %s "
							   "WHERE ctid OPERATOR(pg_catalog.=) $1",
							   recall->value, recall->table);

	return prepare(statement, 1, types, 0);
}
