/*
 * pathkeys.c: see pathkeys.h.
 *
 * The server asks an index for an order only where query_pathkeys wants it, and
 * takes what it gets for exact.  Who wants it is to be seen from the query: its
 * ORDER BY or a window may have it, and everything that looks at neighbouring
 * rows only may not.  Then the path costs too much (cost.c), and the rows are
 * sorted.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "ivf/pathkeys.h"
#include "optimizer/clauses.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"

static set_rel_pathlist_hook_type next_hook = NULL;
static create_upper_paths_hook_type next_upper_hook = NULL;

/* Windows -------------------------------------------------------------- */

/* Partitions are neighbouring rows, and a range ends at the first beyond it. */
static bool
window_needs_order(const WindowClause *window)
{
	const int range = FRAMEOPTION_RANGE | FRAMEOPTION_GROUPS;
	const int offset = FRAMEOPTION_START_OFFSET_PRECEDING |
					   FRAMEOPTION_START_OFFSET_FOLLOWING |
					   FRAMEOPTION_END_OFFSET_PRECEDING |
					   FRAMEOPTION_END_OFFSET_FOLLOWING;

	return window->partitionClause != NIL ||
		   ((window->frameOptions & range) && (window->frameOptions & offset));
}

static bool
some_window_needs_order(const Query *query)
{
	ListCell *cell;

	foreach (cell, query->windowClause)
	{
		if (window_needs_order(lfirst_node(WindowClause, cell)))
			return true;
	}
	return false;
}

/* Queries -------------------------------------------------------------- */

/* Equal rows have to be neighbours, whatever they are equal in. */
static bool
combines_neighbours(const Query *query)
{
	return query->hasAggs || query->groupClause != NIL ||
		   query->groupingSets != NIL || query->distinctClause != NIL ||
		   query->setOperations != NULL || some_window_needs_order(query);
}

/*
 * The planner makes "SELECT x FROM ... ORDER BY x LIMIT 1" of min(x), with a
 * planner root of its own and this name.  Somebody else's column of that name,
 * in a subquery of an aggregate, is sorted without need.
 */
static bool
is_min_max(const PlannerInfo *root)
{
	const TargetEntry *entry;

	if (root->parent_root == NULL || !root->parent_root->parse->hasAggs ||
		list_length(root->parse->targetList) != 1)
		return false;
	entry = linitial_node(TargetEntry, root->parse->targetList);
	return entry->resname && strcmp(entry->resname, "agg_target") == 0;
}

/* Joins ---------------------------------------------------------------- */

/* A clause of an outer join that says the class is equal to another. */
static bool
joined_outside(const RelOptInfo *rel, const EquivalenceClass *class)
{
	ListCell *cell;

	foreach (cell, rel->joininfo)
	{
		const RestrictInfo *clause = lfirst_node(RestrictInfo, cell);

		if (clause->left_ec == class || clause->right_ec == class)
			return true;
	}
	return false;
}

/* Could a merge join run over this order? */
static bool
joined_by(const RelOptInfo *rel, const PathKey *key)
{
	return key->pk_eclass->ec_sources != NIL ||
		   joined_outside(rel, key->pk_eclass);
}

bool
ivf_pathkeys_serve(const PlannerInfo *root, const IndexPath *path)
{
	const Query *query = root->parse;
	ListCell *cell;

	if (query->sortClause == NIL && query->windowClause == NIL)
		return false;
	if (combines_neighbours(query) || is_min_max(root))
		return false;
	foreach (cell, path->path.pathkeys)
	{
		if (joined_by(path->path.parent, lfirst_node(PathKey, cell)))
			return false;
	}
	return true;
}

/* Orders of a path ----------------------------------------------------- */

/*
 * The planner gives an index all distances of an ORDER BY that its operators
 * have.  Rows come by the first one, and those that are equally far as they
 * lie: that is what the path says then, and the server sorts such rows by the
 * others.  Its lists may be the query's, so it gets new ones.
 */
static void
keep_first(IndexPath *path)
{
	if (list_length(path->indexorderbys) < 2)
		return;
	path->indexorderbys = list_make1(linitial(path->indexorderbys));
	path->indexorderbycols =
		list_make1_int(linitial_int(path->indexorderbycols));
	path->path.pathkeys = list_make1(linitial(path->path.pathkeys));
}

/*
 * A parallel worker has no value of a parameter that the query around this one
 * gives.  The planner looks for such in conditions and results only, and gave a
 * scan with one in its order to a worker, which crashed.
 */
static void
keep_in_leader(PlannerInfo *root, IndexPath *path)
{
	if (!is_parallel_safe(root, (Node *) path->indexorderbys))
		path->path.parallel_safe = false;
}

void
ivf_pathkeys_correct(PlannerInfo *root, IndexPath *path)
{
	keep_first(path);
	keep_in_leader(root, path);
}

/* Subqueries ----------------------------------------------------------- */

/*
 * A subquery tells its order to the query around it: a list of ten neighbours
 * may be grouped by their distance, or joined by it.  There the order is
 * forgotten, so that the few rows are sorted.  Whether a distance gave it is
 * not to be seen from outside; that it is an order of float8 is.
 */
static bool
ordered_by_float8(const Path *path)
{
	ListCell *key;
	ListCell *member;

	foreach (key, path->pathkeys)
	{
		foreach (member, lfirst_node(PathKey, key)->pk_eclass->ec_members)
		{
			if (lfirst_node(EquivalenceMember, member)->em_datatype ==
				FLOAT8OID)
				return true;
		}
	}
	return false;
}

static void
forget_order(List *paths)
{
	ListCell *cell;

	foreach (cell, paths)
	{
		Path *path = lfirst(cell);

		if (ordered_by_float8(path))
			path->pathkeys = NIL;
	}
}

static void
query_path_hook(PlannerInfo *root, RelOptInfo *rel, Index rti,
				RangeTblEntry *rte)
{
	bool joined = bms_membership(root->all_baserels) == BMS_MULTIPLE;

	if (next_hook)
		next_hook(root, rel, rti, rte);
	if ((rte->rtekind == RTE_SUBQUERY || rte->rtekind == RTE_CTE) &&
		(joined || combines_neighbours(root->parse)))
	{
		forget_order(rel->pathlist);
		forget_order(rel->partial_pathlist);
	}
}

/* Set operations -------------------------------------------------------- */

/*
 * The same path to those above it, but for its order: what is below must keep
 * it, since plans of sorts and index scans are made by it.
 */
static Path *
without_order(PlannerInfo *root, Path *path)
{
	ProjectionPath *projection =
		create_projection_path(root, path->parent, path, path->pathtarget);

	projection->path.pathkeys = NIL;
	return &projection->path;
}

/*
 * From 17 on, UNION and its like take the orders of the queries that they
 * combine, which are no relations that the other hook is asked for.
 */
static void
set_path_hook(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
			  RelOptInfo *output, void *extra)
{
	ListCell *cell;

	if (next_upper_hook)
		next_upper_hook(root, stage, input, output, extra);
	if (stage != UPPERREL_FINAL || root->parent_root == NULL ||
		root->parent_root->parse->setOperations == NULL)
		return;
	foreach (cell, output->pathlist)
	{
		Path *path = lfirst(cell);

		if (ordered_by_float8(path))
			lfirst(cell) = without_order(root, path);
	}
}

void
ivf_pathkeys_init(void)
{
	next_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = query_path_hook;
	next_upper_hook = create_upper_paths_hook;
	create_upper_paths_hook = set_path_hook;
}
