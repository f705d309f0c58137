/*
 * selectivity.c: see selectivity.h; and the estimator of the operators that ask
 * whether a value is within a sphere.
 */
#include "compat.h"

#include <math.h>

#include "access/genam.h"
#include "fmgr.h"
#include "ivf/callbacks.h"
#include "ivf/disk/meta.h"
#include "ivf/selectivity.h"
#include "ivf/space/spread.h"
#include "ivf/space/type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "types/sphere.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

/* Of a radius that is not known when the query is planned. */
#define UNKNOWN_SELECTIVITY DEFAULT_RANGE_INEQ_SEL

bool
ivf_is_ours(const IndexOptInfo *index)
{
	return (void (*)(void)) index->amcostestimate ==
		   (void (*)(void)) ivf_cost_estimate;
}

/* The radius of a sphere, which may be made only when the query runs. */
typedef enum Known
{
	UNKNOWN,
	NOTHING, /* a NULL: no row is within it */
	KNOWN,
} Known;

static Known
known_field(PlannerInfo *root, Node *field, Datum *value)
{
	const Const *constant =
		(const Const *) estimate_expression_value(root, field);

	if (!IsA(constant, Const))
		return UNKNOWN;
	*value = constant->constvalue;
	return constant->constisnull ? NOTHING : KNOWN;
}

static Known
known_radius(PlannerInfo *root, Node *sphere, double *radius)
{
	Datum value;
	VdbSphere fields;
	Known known;

	if (IsA(sphere, RowExpr) && list_length(((RowExpr *) sphere)->args) > 1)
	{
		known = known_field(root, lsecond(((RowExpr *) sphere)->args), &value);
		if (known == KNOWN)
			*radius = DatumGetFloat8(value);
		return known;
	}
	known = known_field(root, sphere, &value);
	if (known == KNOWN && !vdb_sphere_fields(value, &fields))
		return NOTHING;
	if (known == KNOWN)
		*radius = fields.radius;
	return known;
}

/* -1: not known. */
static double
share_within(const IvfType *type, const IvfSpread *spread, double radius)
{
	if (spread->points == 0 || type->reach_by_query)
		return -1;
	return ivf_spread_share(spread, type->reach ? type->reach((Datum) 0, radius)
												: radius);
}

Selectivity
ivf_sphere_selectivity(PlannerInfo *root, const IndexOptInfo *index,
					   Node *sphere)
{
	double radius = 0;
	Relation relation;
	IvfMetaPage meta;
	Selectivity share = -1;

	switch (known_radius(root, sphere, &radius))
	{
		case UNKNOWN:
			return UNKNOWN_SELECTIVITY;
		case NOTHING:
			return 0;
		case KNOWN:
			break;
	}
	if (isnan(radius))
		return 1;
	relation = index_open(index->indexoid, NoLock);
	if (ivf_meta_peek(relation, &meta))
		share = share_within(ivf_type(relation), &meta.spread, radius);
	index_close(relation, NoLock);
	return share < 0 ? UNKNOWN_SELECTIVITY : share;
}

/* Of the first column's indexes one that has the operator, or NULL. */
static const IndexOptInfo *
index_with_operator(const RelOptInfo *rel, Oid operator, Node * column)
{
	ListCell *cell;

	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);

		if (ivf_is_ours(index) && match_index_to_operand(column, 0, index) &&
			op_in_opfamily(operator, index->opfamily[0]))
			return index;
	}
	return NULL;
}

PG_FUNCTION_INFO_V1(vecdb_sphere_sel);

/* sphere_sel(internal, oid, internal, integer) returns double precision */
Datum
vecdb_sphere_sel(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	List *args = (List *) PG_GETARG_POINTER(2);
	double selectivity = UNKNOWN_SELECTIVITY;
	VariableStatData variable;
	bool left;
	Node *sphere;

	if (!get_restriction_variable(root, args, PG_GETARG_INT32(3), &variable,
								  &sphere, &left))
		PG_RETURN_FLOAT8(selectivity);
	if (left && variable.rel)
	{
		const IndexOptInfo *index =
			index_with_operator(variable.rel, PG_GETARG_OID(1), linitial(args));

		if (index)
			selectivity = ivf_sphere_selectivity(root, index, sphere);
	}
	ReleaseVariableStats(variable);
	PG_RETURN_FLOAT8(selectivity);
}
