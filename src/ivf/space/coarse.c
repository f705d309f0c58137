/*
 * coarse.c: see coarse.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/disk/list_slot.h"
#include "ivf/space/coarse.h"
#include "math/coarse.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Roots that are remembered at a time, and bytes of each at most. */
#define MOST_ROOTS 4
#define MOST_BYTES (4 * 1024 * 1024)

/*
 * Searches of a root before its codes are made.  For 20,000 lists of 96
 * dimensions that takes 10 ms, and spares a search 0.06 ms.
 */
#define FIRST_SEARCHES 64

/*
 * Where most searches read all of the root in the end, they are better off
 * without; told after so many.
 */
#define LEAST_SEARCHES 32

/* What tells one root from another: nothing in a tree's root changes. */
typedef struct Root
{
	uint32 file;
	uint32 tree;
	BlockNumber head;
	uint32 lists;
} Root;

typedef struct Entry
{
	IvfCoarse coarse; /* "groups" is NULL until they are made */
	Root root;
	void *memory; /* of the groups, or NULL */
	uint64 time;  /* of its last search */
	uint32 searches;
	uint32 in_vain;
	bool refused;
} Entry;

static Entry entries[MOST_ROOTS];
static uint64 now = 0; /* in searches */

static bool
same_root(const Root *a, const Root *b)
{
	return a->file == b->file && a->tree == b->tree && a->head == b->head &&
		   a->lists == b->lists;
}

static void
forget(Entry *entry)
{
	if (entry->memory)
		pfree(entry->memory);
	entry->memory = NULL;
	entry->coarse = (IvfCoarse){NULL, 0, 0};
}

static Root
root_of(Relation index, const IvfState *state)
{
	const IvfMetaPage *meta = &state->meta;

	return (Root){vdb_file_number(index), meta->trees.tree, meta->root,
				  meta->lists};
}

/* The root's entry, or NULL. */
static Entry *
find_entry(const Root *root)
{
	for (int i = 0; i < MOST_ROOTS; i++)
		if (same_root(&entries[i].root, root))
			return &entries[i];
	return NULL;
}

/* One for a root that has none: of that which was not searched for longest. */
static Entry *
take_entry(const Root *root)
{
	Entry *oldest = &entries[0];

	for (int i = 1; i < MOST_ROOTS; i++)
		if (entries[i].time < oldest->time)
			oldest = &entries[i];
	forget(oldest);
	*oldest = (Entry){.root = *root};
	return oldest;
}

/* The root's group of that number, by its lines. */
static VdbListGroup
list_group(const IvfState *state, const uint8 *lines, uint32 number)
{
	const IvfLayout *layout = &state->inner;
	const IvfInnerFactors *factors = (const void *) lines;
	const IvfSlot *slot =
		(const void *) (lines + layout->factor_lines * VDB_LINE);
	uint32 slots = Min(state->meta.lists - number * VDB_GROUP, VDB_GROUP);

	return (VdbListGroup){factors->norm2, factors->mean_dot, factors->gain,
						  lines + layout->head_lines * VDB_LINE,
						  ivf_taken_slots(slot, slots)};
}

/* Make the codes of all groups; false where they cannot stand for the lists. */
static bool
make_groups(Relation index, const IvfState *state, uint8 *groups, float *gain)
{
	const IvfLayout *layout = &state->inner;
	uint32 padded = state->meta.padded;
	uint32 lists = state->meta.lists;
	uint8 *lines = palloc(layout->lines * VDB_LINE);
	uint32 found = 0;
	double gains = 0;

	for (uint32 i = 0; i * VDB_GROUP < lists; i++)
	{
		VdbListGroup group;

		ivf_list_read_group(index, state->meta.root, layout, i, lines);
		group = list_group(state, lines, i);
		found += pg_popcount32(group.lists);
		gains += vdb_coarse_group(state->space, padded, &group,
								  groups + i * vdb_coarse_bytes(padded));
	}
	pfree(lines);
	*gain = gains / lists;
	return found == lists && isfinite(gains);
}

/* An error, which a damaged root is, leaves the entry for another attempt. */
static void
make_coarse(Relation index, const IvfState *state, Entry *entry)
{
	uint32 ngroups = (state->meta.lists + VDB_GROUP - 1) / VDB_GROUP;
	Size size = ngroups * vdb_coarse_bytes(state->meta.padded);
	uint8 *groups;

	if (size <= MOST_BYTES && entry->memory == NULL)
		entry->memory = MemoryContextAllocExtended(
			TopMemoryContext, size + VDB_LINE, MCXT_ALLOC_NO_OOM);
	entry->refused = entry->memory == NULL;
	if (entry->refused)
		return;
	groups = (uint8 *) TYPEALIGN(VDB_LINE, entry->memory);
	entry->refused = !make_groups(index, state, groups, &entry->coarse.gain);
	if (entry->refused)
		forget(entry);
	else
	{
		entry->coarse.groups = groups;
		entry->coarse.ngroups = ngroups;
	}
}

const IvfCoarse *
ivf_coarse_find(Relation index, const IvfState *state)
{
	Root root = root_of(index, state);
	Entry *entry = find_entry(&root);

	if (entry == NULL)
		entry = take_entry(&root);
	entry->time = ++now;
	entry->searches++;
	if (entry->coarse.groups == NULL && !entry->refused &&
		entry->searches >= FIRST_SEARCHES)
	{
		make_coarse(index, state, entry);
		entry->searches = 0;
	}
	return entry->coarse.groups ? &entry->coarse : NULL;
}

void
ivf_coarse_in_vain(Relation index, const IvfState *state)
{
	Root root = root_of(index, state);
	Entry *entry = find_entry(&root);

	if (entry == NULL || entry->coarse.groups == NULL)
		return;
	entry->in_vain++;
	if (entry->searches < LEAST_SEARCHES ||
		entry->in_vain <= entry->searches / 2)
		return;
	forget(entry);
	entry->refused = true;
}
