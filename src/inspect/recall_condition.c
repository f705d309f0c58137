/*
 * recall_condition.c: the condition under which vecdb_recall() may search.
 *
 * It is the caller's code, so it runs as the caller, as if he had typed the
 * searches; and the owner's code, which an index's expressions or predicate may
 * call, must not run as he does.  So where there is any, he has to be the
 * owner.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_index.h"
#include "inspect/recall.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/rel.h"

static bool
is_bare_select(const SelectStmt *select)
{
	return select->op == SETOP_NONE && select->valuesLists == NIL &&
		   list_length(select->targetList) == 1 && select->fromClause == NIL &&
		   select->whereClause == NULL && select->groupClause == NIL &&
		   select->havingClause == NULL && select->windowClause == NIL &&
		   select->distinctClause == NIL && select->sortClause == NIL &&
		   select->limitCount == NULL && select->limitOffset == NULL &&
		   select->lockingClause == NIL && select->withClause == NULL &&
		   select->intoClause == NULL;
}

/* Is the text, behind SELECT, one expression without a name? */
static bool
selects_expression(const char *text)
{
	List *statements = pg_parse_query(text);
	const ResTarget *target;
	Node *statement;

	if (list_length(statements) != 1)
		return false;
	statement = linitial_node(RawStmt, statements)->stmt;
	if (!IsA(statement, SelectStmt) ||
		!is_bare_select((SelectStmt *) statement))
		return false;
	target = linitial_node(ResTarget, ((SelectStmt *) statement)->targetList);
	return target->name == NULL && target->indirection == NIL;
}

/*
 * In parentheses and without: what closes ours, such as "a) OR (b", is no
 * expression by itself.  A line's end ends comments.
 */
void
ivf_recall_check_condition(const char *condition)
{
	if (!selects_expression(psprintf("SELECT %s\n", condition)) ||
		!selects_expression(psprintf("SELECT (%s\n)", condition)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("condition is not a single expression"),
						errhint("Give what stands behind WHERE, such as "
								"'price < 100'.")));
}

/* In any column.  The relcache's own form of them is made by running them. */
static bool
has_code(Relation index)
{
	return !heap_attisnull(index->rd_indextuple, Anum_pg_index_indexprs,
						   NULL) ||
		   !heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL);
}

void
ivf_recall_as_caller(IvfRecall *recall)
{
	IvfAsOwner *caller = &recall->caller;

	GetUserIdAndSecContext(&caller->user, &caller->security);
	caller->nest_level = NewGUCNestLevel();
	if (caller->user != recall->heap->rd_rel->relowner &&
		has_code(recall->index))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to measure index \"%s\" "
						"under a condition",
						RelationGetRelationName(recall->heap),
						RelationGetRelationName(recall->index)),
				 errdetail("The index has an expression or a predicate, which "
						   "the owner's code may be part of.")));
}
