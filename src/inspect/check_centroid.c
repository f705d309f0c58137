/*
 * check_centroid.c: the mean, and the centroids in the root: I5 of their slots,
 * I6.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "inspect/check_centroid.h"
#include "inspect/check_page.h"
#include "ivf/space/vector.h"
#include "miscadmin.h"

/* Relative error of a sum of float32 products, summed in another order. */
#define TOLERANCE 1e-3

static double
inner_product(const float *a, const float *b, uint32 dim)
{
	double sum = 0;

	for (uint32 i = 0; i < dim; i++)
		sum += (double) a[i] * b[i];
	return sum;
}

static bool
close_to(double stored, double expected, double size)
{
	return fabs(stored - expected) <= TOLERANCE * size + FLT_MIN;
}

/* The factors of a centroid are those of what its code stands for. */
static void
compare_factors(IvfCheck *check, const float *factors, const float *centroid,
				BlockNumber block, int64 slot)
{
	uint32 padded = check->meta.padded;
	const float *mean = ivf_mean(check->state);
	double norm2 = inner_product(centroid, centroid, padded);
	double mean_dot = inner_product(centroid, mean, padded);

	if (!close_to(factors[0], norm2, norm2))
		ivf_check_found(check, I6_CENTROID, block, slot,
						"centroid has a squared norm of %g, but %g is stored",
						norm2, factors[0]);
	if (!close_to(factors[1], mean_dot,
				  sqrt(norm2 * inner_product(mean, mean, padded))))
		ivf_check_found(check, I6_CENTROID, block, slot,
						"centroid has a product of %g with the mean, but %g "
						"is stored",
						mean_dot, factors[1]);
}

/* I6, and the centroid itself for the check of rows; false if it is wrong. */
static bool
centroid_sound(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	IvfCheck *check = of->check;
	const float *factors = of->entry->factors.full;
	uint32 padded = check->meta.padded;
	uint32 before = check->findings;
	uint8 *fields;
	float *centroid;

	if (!(factors[2] >= 0) || isinf(factors[2]))
	{
		ivf_check_found(check, I6_CENTROID, block, slot,
						"centroid has the impossible gain %g", factors[2]);
		return false;
	}
	if (check->state == NULL)
		return true;

	fields = palloc(padded);
	centroid = palloc(padded * sizeof(float));
	ivf_centroid_decode(check->state, of->entry, fields, centroid);
	compare_factors(check, factors, centroid, block, slot);
	if (check->nchildren < check->centroids_room)
		memcpy(check->centroids + (Size) check->nchildren * padded, centroid,
			   padded * sizeof(float));
	pfree(fields);
	pfree(centroid);
	return check->findings == before;
}

void
ivf_check_add_child(IvfCheck *check, BlockNumber head, BlockNumber block,
					uint32 slot, bool centroid_sound)
{
	IvfChild *child;

	if (check->nchildren == check->children_room)
	{
		check->children_room = Max(check->children_room * 2, 64);
		check->children =
			check->children
				? repalloc_huge(check->children,
								check->children_room * sizeof(IvfChild))
				: palloc(check->children_room * sizeof(IvfChild));
	}
	child = &check->children[check->nchildren++];
	child->head = head;
	child->block = block;
	child->slot = slot;
	child->centroid_sound = centroid_sound;
	child->summaries = NULL;
}

/* What the root says of the last child's scalar columns. */
static void
keep_summaries(const IvfEntryCheck *of)
{
	IvfCheck *check = of->check;

	if (of->layout->columns == 0)
		return;
	check->children[check->nchildren - 1].summaries = MemoryContextAlloc(
		check->context, sizeof(VdbSummary[IVF_MOST_COLUMNS]));
	ivf_entry_summaries(of->layout, of->entry,
						check->children[check->nchildren - 1].summaries);
}

void
ivf_check_centroid(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	IvfCheck *check = of->check;
	ItemPointer tid = &of->entry->slot.tid;
	BlockNumber head = ItemPointerGetBlockNumberNoCheck(tid);

	if (ItemPointerGetOffsetNumberNoCheck(tid) != 1)
		ivf_check_found(check, I7_SLOT, block, slot,
						"slot of a list has the offset %u, not 1",
						ItemPointerGetOffsetNumberNoCheck(tid));
	ivf_check_add_child(check, head, block, slot,
						centroid_sound(of, block, slot));
	keep_summaries(of);
}

void
ivf_check_mean(IvfCheck *check)
{
	uint32 padded = check->meta.padded;
	uint32 left = padded * sizeof(float) / VDB_LINE;
	double norm2 = 0;
	IvfWalk walk;

	if (check->meta.mean != InvalidBlockNumber && !check->broken)
	{
		ivf_walk_init(&walk, check, IVF_MEAN, check->meta.mean);
		while (ivf_walk_next(&walk))
		{
			uint32 lines = Min(left, IVF_PAGE_LINES);
			const float *x = (float *) ivf_line((Page) walk.page, 0);

			norm2 += inner_product(x, x, lines * VDB_LINE / sizeof(float));
			left -= lines;
		}
		pfree(walk.page);
		if (left > 0 && !check->broken)
			ivf_check_found(check, I4_LENGTH, check->meta.mean,
							IVF_CHECK_NO_SLOT,
							"the mean ends %u lines before its end", left);
		else if (left == 0 && !close_to(check->meta.mean_norm2, norm2, norm2))
			ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK,
							IVF_CHECK_NO_SLOT,
							"the mean has a squared norm of %g, but %g is "
							"stored",
							norm2, check->meta.mean_norm2);
	}
	/* What is wrong by now would be an error there. */
	if (check->findings == 0)
		check->state = ivf_index_open(check->index, CurrentMemoryContext);
}

void
ivf_check_allocate_centroids(IvfCheck *check)
{
	Size row = check->meta.padded * sizeof(float);
	Size room = (Size) maintenance_work_mem * 1024 / 2 / row;

	if (!check->heapallindexed || check->state == NULL)
		return;
	room = Max(Min(room, check->meta.lists), 1);
	check->centroids =
		palloc_extended(room * row, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	check->centroids_room = room;
}
