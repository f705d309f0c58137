/*
 * window.c: the centroids of an index whose root is written.
 *
 * Their codes lie in the root's pages, which shared buffers hold once for all
 * processes, in the form that the search for the nearest one multiplies rows
 * with.  Each process copies as many as its share of memory has room for: all
 * of them, as a rule, once; else one part after the other for each batch of
 * rows, which costs a copy of a byte where the batch takes a thousand
 * products.  Where the root has fewer bits than the search wants, they are
 * coded anew.
 *
 * Very many centroids, all of them here, are searched through blocks of near
 * ones.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/memory.h"
#include "ivf/build/window.h"
#include "ivf/disk/list_slot.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "miscadmin.h"

/*
 * Lists that training has brought into blocks (math/kmeans.h) are searched
 * through these.
 */
static void
init_blocks(IvfWindow *window, uint32 lists, uint32 padded, Size room)
{
	uint32 wanted = vdb_blocks_part(lists, VDB_BLOCKS_TO_ASSIGN);
	uint64 means = vdb_centroids_bytes(vdb_block_count(lists), padded);
	uint64 screen = vdb_screen_bytes(lists, padded);
	uint64 scratch = vdb_blocks_scratch(lists, wanted);

	if (lists < VDB_BLOCKS_LEAST || window->room < lists ||
		means + screen + scratch > room)
		return;
	vdb_centroids_place(&window->means, palloc_extended(means, MCXT_ALLOC_HUGE),
						vdb_block_count(lists), padded);
	vdb_screen_place(&window->screen, palloc_extended(screen, MCXT_ALLOC_HUGE),
					 lists);
	window->blocks =
		(VdbBlocks){&window->codes, &window->means, &window->screen, wanted,
					palloc_extended(scratch, MCXT_ALLOC_HUGE)};
}

void
ivf_window_init(IvfWindow *window, const IvfBuild *build)
{
	uint32 padded = build->state->meta.padded;
	Size share = ivf_build_memory() / 8 / build->participants;
	Size group = vdb_centroids_bytes(VDB_GROUP, padded);
	Size groups = Max(share / group, 1);

	memset(window, 0, sizeof(*window));
	if (ivf_tree_centroids(&build->state->meta) == 0)
		return;
	window->build = build;
	window->room = Min(groups * VDB_GROUP, (Size) build->lists);
	window->group = palloc(build->state->inner.lines * VDB_LINE);
	window->entry = ivf_entry_create(&build->state->inner);
	window->fields = palloc(padded);
	window->centroid = palloc(padded * sizeof(float));
	if (ivf_spills(&build->state->meta) && window->room == build->lists &&
		build->lists <= share / (padded * sizeof(float)))
		window->decoded = palloc_extended(
			(Size) build->lists * padded * sizeof(float), MCXT_ALLOC_HUGE);
	vdb_centroids_place(
		&window->codes,
		palloc_extended(vdb_centroids_bytes(window->room, padded),
						MCXT_ALLOC_HUGE),
		window->room, padded);
	init_blocks(window, build->lists, padded, share);
}

/* Code the centroids of a group for the search. */
static void
code_group(IvfWindow *window, uint32 place)
{
	const IvfState *state = window->build->state;
	const IvfLayout *layout = &state->inner;

	for (int lane = 0; lane < VDB_GROUP; lane++)
	{
		for (uint32 line = 0; line < layout->lines; line++)
			ivf_entry_get_line(layout, window->entry, lane, line,
							   window->group + line * VDB_LINE);
		ivf_centroid_decode(state, window->entry, window->fields,
							window->centroid);
		vdb_centroid_set(&window->codes, place * VDB_GROUP + lane,
						 window->centroid);
	}
}

/* Copy a group of the root into the window. */
static void
load_group(IvfWindow *window, uint32 group)
{
	const IvfBuild *build = window->build;
	const IvfLayout *layout = &build->state->inner;
	VdbCentroids *codes = &window->codes;
	uint32 place = group - window->first / VDB_GROUP;
	IvfInnerFactors factors;

	ivf_list_read_group(build->index, build->state->meta.root, layout, group,
						window->group);
	memcpy(&factors, window->group, sizeof(factors));
	if (layout->format->bits == IVF_CENTROID_BITS)
	{
		memcpy(vdb_centroids_group(codes, place),
			   window->group + layout->head_lines * VDB_LINE,
			   layout->code_lines * VDB_LINE);
		memcpy(&codes->gain[place * VDB_GROUP], factors.gain,
			   sizeof(factors.gain));
	}
	else
		code_group(window, place);
	for (uint32 lane = 0; lane < VDB_GROUP; lane++)
	{
		bool used = group * VDB_GROUP + lane < build->lists;

		if (!used)
			codes->gain[place * VDB_GROUP + lane] = 0;
		codes->half[place * VDB_GROUP + lane] =
			used ? factors.norm2[lane] / 2 : INFINITY;
	}
}

static void
load(IvfWindow *window, uint32 first)
{
	uint32 end = Min(first + window->room, window->build->lists);

	if (window->loaded && window->first == first)
		return;
	window->loaded = true;
	window->first = first;
	window->codes.count = end - first;
	for (uint32 list = first; list < end; list += VDB_GROUP)
	{
		CHECK_FOR_INTERRUPTS();
		load_group(window, list / VDB_GROUP);
	}
	if (window->blocks.wanted > 0)
	{
		float *memory = palloc(2 * window->codes.dim * sizeof(float));

		vdb_blocks_means(&window->codes, end, &window->means, memory);
		vdb_screen_centroids(&window->codes, &window->screen);
		pfree(memory);
	}
	for (uint32 i = 0; window->decoded && i < window->codes.count; i++)
		vdb_centroid_get(&window->codes, i,
						 window->decoded + (Size) i * window->codes.dim);
}

void
ivf_window_nearest(IvfWindow *window, const VdbRow *rows, uint32 count,
				   uint32 most, uint32 *nearest, float *keys)
{
	vdb_nearest_begin(nearest, keys, (Size) count * most);
	for (uint32 first = 0; first < window->build->lists; first += window->room)
	{
		load(window, first);
		if (window->blocks.wanted > 0)
			vdb_blocks_nearest(&window->blocks, first, rows, count, most,
							   nearest, keys);
		else
			vdb_nearest_some(&window->codes, first, rows, count, most, nearest,
							 keys);
	}
}

void
ivf_window_centroid(IvfWindow *window, uint32 list, float *centroid)
{
	const IvfBuild *build = window->build;

	if (window->loaded && list >= window->first &&
		list - window->first < window->codes.count)
		vdb_centroid_get(&window->codes, list - window->first, centroid);
	else
		ivf_tree_centroid(build->index, build->state, list, centroid);
}

const float *
ivf_window_peek(IvfWindow *window, uint32 list, float *memory)
{
	if (window->decoded && window->loaded)
		return window->decoded + (Size) list * window->codes.dim;
	ivf_window_centroid(window, list, memory);
	return memory;
}
