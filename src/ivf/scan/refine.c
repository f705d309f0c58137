/*
 * refine.c: the exact distance of a table's row.
 *
 * The row is fetched with the scan's snapshot, so what the snapshot does not
 * see is dropped here and costs nobody a result.
 */
#include "compat.h"

#include <math.h>

#include "access/heaptoast.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "ivf/scan/refine.h"
#include "ivf/space/vector.h"
#include "shortcut/toast.h"
#include "utils/memutils.h"
#include "utils/rel.h"

struct IvfRefiner
{
	const IvfState *state;
	VdbFetch *fetch;
	VdbToast *toast;
	AttrNumber attribute; /* the indexed column, or 0: expression */
	bool outside;		  /* its values lie out of line, if they are plain */
	IndexInfo *info;	  /* for expressions, with what they need */
	EState *estate;
	Snapshot snapshot;
	Datum query;
	MemoryContext row_context; /* of detoasted values */
};

/* Are the column's values too long for a row? */
static bool
is_outside(Relation heap, AttrNumber attribute, const IvfState *state)
{
	char storage;

	if (attribute <= 0 || !OidIsValid(heap->rd_rel->reltoastrelid))
		return false;
	storage = TupleDescAttr(RelationGetDescr(heap), attribute - 1)->attstorage;
	return (storage == TYPSTORAGE_EXTERNAL || storage == TYPSTORAGE_EXTENDED) &&
		   state->type->bytes(state->meta.dim) > TOAST_TUPLE_TARGET;
}

IvfRefiner *
ivf_refiner_create(Relation heap, Relation index, const IvfState *state)
{
	IvfRefiner *refiner = palloc0(sizeof(IvfRefiner));

	refiner->state = state;
	refiner->fetch = vdb_fetch_create(heap);
	refiner->toast = vdb_toast_create(heap);
	refiner->attribute = index->rd_index->indkey.values[0];
	refiner->outside = is_outside(heap, refiner->attribute, state);
	refiner->row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat row", ALLOCSET_DEFAULT_SIZES);
	if (refiner->attribute == 0)
	{
		/* The vector's expression, without those of scalar columns. */
		refiner->info = BuildIndexInfo(index);
		refiner->info->ii_NumIndexAttrs = 1;
		refiner->info->ii_Expressions =
			list_make1(linitial(refiner->info->ii_Expressions));
		refiner->estate = CreateExecutorState();
		GetPerTupleExprContext(refiner->estate)->ecxt_scantuple =
			vdb_fetch_slot(refiner->fetch);
	}
	return refiner;
}

void
ivf_refiner_destroy(IvfRefiner *refiner)
{
	if (refiner->estate)
		FreeExecutorState(refiner->estate);
	vdb_fetch_destroy(refiner->fetch);
	vdb_toast_destroy(refiner->toast);
	MemoryContextDelete(refiner->row_context);
	pfree(refiner);
}

bool
ivf_refiner_outside(const IvfRefiner *refiner)
{
	return refiner->outside;
}

VdbFetch *
ivf_refiner_fetch(IvfRefiner *refiner)
{
	return refiner->fetch;
}

void
ivf_refiner_require_row(IvfRefiner *refiner, Relation index, BlockNumber block,
						OffsetNumber offset)
{
	ivf_require_row(index, block, offset,
					vdb_fetch_within(refiner->fetch, block));
}

void
ivf_refiner_set_query(IvfRefiner *refiner, Snapshot snapshot, Datum query)
{
	refiner->snapshot = snapshot;
	refiner->query = query;
}

/* The indexed value of the row that was fetched. */
static Datum
indexed_value(IvfRefiner *refiner, bool *isnull)
{
	Datum values[INDEX_MAX_KEYS];
	bool isnulls[INDEX_MAX_KEYS];

	if (refiner->attribute > 0)
		return vdb_fetch_column(refiner->fetch, refiner->attribute, isnull);

	vdb_fetch_into_slot(refiner->fetch);
	ResetPerTupleExprContext(refiner->estate);
	FormIndexDatum(refiner->info, vdb_fetch_slot(refiner->fetch),
				   refiner->estate, values, isnulls);
	*isnull = isnulls[0];
	return values[0];
}

/* The exact distance of a value, which may be out of line; NaN is infinite. */
static double
distance_of(IvfRefiner *refiner, Datum value)
{
	const IvfState *state = refiner->state;
	double distance;

	value = vdb_toast_fetch(refiner->toast, value);
	value = PointerGetDatum(PG_DETOAST_DATUM(value));
	ivf_require_dim(state, state->type->dim(value));
	distance = state->type->distance(refiner->query, value);
	return isnan(distance) ? INFINITY : distance;
}

bool
ivf_refine(IvfRefiner *refiner, ItemPointer tid, double *distance)
{
	MemoryContext old_context;
	bool isnull;
	Datum value;

	if (!vdb_fetch_row(refiner->fetch, tid, refiner->snapshot))
		return false;

	old_context = MemoryContextSwitchTo(refiner->row_context);
	value = indexed_value(refiner, &isnull);
	if (!isnull)
		*distance = distance_of(refiner, value);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(refiner->row_context);
	return !isnull;
}

void
ivf_refine_first(IvfRefiner *refiner, ItemPointer tid, IvfRefined *row)
{
	MemoryContext old_context;
	bool isnull;
	Datum value;

	row->later = false;
	row->found = vdb_fetch_row(refiner->fetch, tid, refiner->snapshot);
	if (!row->found)
		return;

	old_context = MemoryContextSwitchTo(refiner->row_context);
	value = indexed_value(refiner, &isnull);
	row->found = !isnull;
	if (!isnull)
		row->later = vdb_toast_ahead(refiner->toast, value, &row->pointer);
	if (!isnull && !row->later)
		row->distance = distance_of(refiner, value);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(refiner->row_context);
}

void
ivf_refine_later(IvfRefiner *refiner, IvfRefined *row)
{
	MemoryContext old_context = MemoryContextSwitchTo(refiner->row_context);

	row->distance = distance_of(refiner, PointerGetDatum(&row->pointer));
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(refiner->row_context);
}
