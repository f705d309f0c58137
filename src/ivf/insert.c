/*
 * insert.c: one row into the list of its nearest centroid.
 */
#include "compat.h"

#include "ivf/callbacks.h"
#include "ivf/disk/list_change.h"
#include "ivf/insert.h"
#include "ivf/space/keys.h"
#include "ivf/space/spill.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "storage/lmgr.h"
#include "types/distance.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* A row as it comes. */
typedef struct Row
{
	const Datum *values; /* the vector, then the scalar columns */
	const bool *isnull;
	ItemPointer tid;
} Row;

static void
set_keys(const IvfState *state, const IvfLayout *layout, const Row *row,
		 IvfEntry *entry)
{
	IvfKeys keys;

	ivf_keys_make(state, row->values, row->isnull, &keys);
	ivf_keys_put(layout, &keys, entry);
}

/* A row without a place among centroids. */
static void
insert_unplaced(Relation index, const IvfState *state, const Row *row,
				uint16 detail)
{
	IvfEntry *entry = ivf_entry_create(&state->unplaced);

	entry->slot.tid = *row->tid;
	entry->slot.detail = detail;
	set_keys(state, &state->unplaced, row, entry);
	ivf_list_insert(index, state->meta.unplaced, &state->unplaced, entry, NULL);
}

/* The first row of an index that was built empty decides on the scale. */
static void
ensure_scale(Relation index, IvfState *state, const float *x)
{
	if (state->meta.scale > 0)
		return;
	ivf_meta_set_scale(
		index, vdb_space_scale(vdb_norm(x, ivf_view_dim(&state->meta))));
	ivf_index_update_scale(index, state);
}

/* A row with a place: y is its vector there. */
typedef struct Placed
{
	const Row *row;
	const float *y;
	const uint8 *bits; /* where lists hold them */
} Placed;

/* Put its entry into a list; "flags" say which of two it is, if there are. */
static void
insert_entry(Relation index, const IvfState *state, const Placed *placed,
			 const IvfRowPlace *place, uint16 flags)
{
	IvfEntry *entry = ivf_entry_create(&state->leaf);
	IvfParent parent = ivf_tree_parent(state, place->slot);
	IvfCoder coder;

	ivf_coder_init(&coder, state);
	ivf_code_row(&coder, placed->y, placed->bits, place->centroid,
				 placed->row->tid, entry);
	entry->slot.detail = flags;
	set_keys(state, &state->leaf, placed->row, entry);
	ivf_list_insert(index, place->head, &state->leaf, entry, &parent);
}

/*
 * Of two entries the first comes first: whoever wants a row once looks at these
 * alone, so that a crash in between leaves nothing that is found and not there.
 */
static void
insert_placed(Relation index, const IvfState *state, const float *x,
			  const Row *row)
{
	float *y = palloc(state->meta.padded * sizeof(float));
	Placed placed = {row, y, NULL};
	IvfRowPlace places[2];
	uint32 count;

	ivf_project(state, x, y);
	if (state->format->verbatim)
	{
		uint8 *bits = palloc(ivf_bits_size(state));

		ivf_bits(state, row->values[0], bits);
		placed.bits = bits;
	}
	count = ivf_spill_places(index, state, y, places);
	for (uint32 i = 0; i < count; i++)
		insert_entry(index, state, &placed, &places[i],
					 count > 1 ? ivf_twice_flags(i > 0) : 0);
}

void
ivf_insert_row(Relation index, IvfState *state, const Datum *values,
			   const bool *isnull, ItemPointer tid)
{
	const Row row = {values, isnull, tid};
	const float *raw;
	float *x;

	if (isnull[0])
	{
		insert_unplaced(index, state, &row, IVF_ROW_NULL);
		return;
	}

	raw = ivf_raw(state, values[0]);
	x = palloc(ivf_view_dim(&state->meta) * sizeof(float));
	if (!ivf_normalize(state, raw, x))
	{
		insert_unplaced(index, state, &row, 0);
		return;
	}
	ensure_scale(index, state, x);
	insert_placed(index, state, x, &row);
}

/*
 * The index's state, one for all rows of a statement, as long as the tree is
 * the one in use.
 */
static IvfState *
statement_state(Relation index, IndexInfo *info)
{
	IvfState *state = info->ii_AmCache;

	if (state && ivf_index_is_current(index, state))
		return state;
	if (state)
		pfree(state);
	info->ii_AmCache = NULL;
	return info->ii_AmCache = ivf_index_open(index, info->ii_Context);
}

/* The gate ---------------------------------------------------------------- */

/*
 * A lock of the lock manager's: who has it closed fetches rows and may run an
 * index's expressions, and can be cancelled.
 */
void
ivf_gate_close(Relation index)
{
	LockPage(index, IVF_META_BLOCK, ExclusiveLock);
}

void
ivf_gate_open(Relation index)
{
	UnlockPage(index, IVF_META_BLOCK, ExclusiveLock);
}

bool
ivf_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid,
		   Relation heap, IndexUniqueCheck check,
		   IVF_INSERT_UNCHANGED IndexInfo *info)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat insert", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	IvfState *state;

	LockPage(index, IVF_META_BLOCK, ShareLock);
	state = statement_state(index, info);
	ivf_index_update_scale(index, state);
	ivf_insert_row(index, state, values, isnull, tid);
	UnlockPage(index, IVF_META_BLOCK, ShareLock);

	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
	return false;
}
