/*
 * spill.c: see spill.h.
 *
 * The loss of a second list over the row's own residual has a distribution
 * whose quantile at the share of the rows is the limit.  Rows that k-means has
 * seen are too near to their centroids: with 100 of them a list, half of them
 * were 57 % of all word vectors.  So the calibration's queries tell it, where
 * these were set aside and are enough, for an error of some percent.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/build/share.h"
#include "ivf/build/spill.h"
#include "ivf/space/options.h"
#include "math/least.h"
#include "math/spill.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Rows that the limit is learnt from at most, some at a time; and at least. */
#define MOST_ROWS 8192
#define BATCH 256
#define LEAST_ROWS 256

/* The ratios of rows begin .. begin + count of the sample. */
static void
find_ratios(IvfBuild *build, const IvfSample *sample, Size begin, Size count,
			float *ratios)
{
	uint32 padded = build->state->meta.padded;
	uint32 most = Min(VDB_SPILL_LISTS, build->lists);
	const VdbRow *rows = vdb_row_at(sample->rows, begin, padded);
	uint32 *nearest = palloc(count * most * sizeof(uint32));
	float *keys = palloc(count * most * sizeof(float));
	float *y = palloc(3 * padded * sizeof(float));

	CHECK_FOR_INTERRUPTS();
	vdb_nearest_begin(nearest, keys, count * most);
	vdb_nearest_some(&build->centroids, 0, rows, count, most, nearest, keys);
	for (Size i = 0; i < count; i++)
	{
		vdb_row_get(vdb_row_at(rows, i, padded), y, padded);
		ratios[i] =
			vdb_spill_second(y, padded, nearest + i * most, most,
							 vdb_spill_centroid, &build->centroids, y + padded)
				.ratio;
	}
	pfree(nearest);
	pfree(keys);
	pfree(y);
}

/* The ratios of the rows that the limit is learnt from. */
static IvfRatios
learn_ratios(IvfBuild *build, const IvfSample *sample)
{
	bool unseen = build->queries >= LEAST_ROWS;
	Size count = unseen ? build->queries : Min(sample->count, MOST_ROWS);
	Size first = unseen ? sample->count - count : 0;
	IvfRatios ratios = {count, palloc(count * sizeof(float))};

	for (Size begin = 0; begin < count; begin += BATCH)
		find_ratios(build, sample, first + begin, Min(BATCH, count - begin),
					ratios.sorted + begin);
	qsort(ratios.sorted, count, sizeof(float), vdb_compare_floats);
	return ratios;
}

float
ivf_ratios_limit(const IvfRatios *ratios, double share)
{
	Size place = Min((Size) (share * ratios->count), ratios->count - 1);

	return share < 1 ? Min(ratios->sorted[place], FLT_MAX) : FLT_MAX;
}

void
ivf_learn_spill(IvfBuild *build, const IvfSample *sample)
{
	IvfMetaPage *meta = &build->state->meta;
	double share = ivf_option_spill(build->index);
	IvfRatios ratios;

	meta->spill.asked = ivf_spill_asked(build->index);
	if (share == IVF_SPILL_AUTOMATIC && !ivf_share_is_open(build, sample))
		share = 0;
	if (build->lists < 2 || share == 0)
		return;
	ratios = learn_ratios(build, sample);
	if (share == IVF_SPILL_AUTOMATIC)
		share = ivf_automatic_share(build, sample, &ratios);
	if (share > 0)
		meta->spill.limit = ivf_ratios_limit(&ratios, share);
	if (meta->spill.limit > 0)
		meta->version |= IVF_WITH_SPILL;
	pfree(ratios.sorted);
}
