/*
 * stretch.c: how a class's own distance stands to the metric's.
 *
 * A bound of the metric's distance bounds the own distance too, but badly: L1
 * is some eight times L2 in a hundred dimensions, its square 64 times.  But the
 * ratio hardly varies from pair to pair, by some percent, and less with more
 * dimensions.  So distances of the class are divided by a low quantile of the
 * ratio, over near pairs, which are those whose order matters; then bounds are
 * good ones, and fail for as few pairs as the quantile says.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/stretch.h"
#include "ivf/space/vector.h"
#include "kernel/kernel.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Rows that look for near ones among others, in memory of this size. */
#define MOST_QUERIES 64
#define LEAST_QUERIES 8
#define MOST_BYTES (2 * 1024 * 1024)
#define MOST_ROWS 4096

/* Near pairs of each query; and below how many altogether nothing is known. */
#define NEAR 8
#define LEAST_PAIRS 64

/* The share of the near pairs that may be below. */
#define QUANTILE 0.05

typedef struct Pair
{
	float metric; /* +inf: none */
	float ratio;
} Pair;

typedef struct Measurement
{
	const IvfSample *sample;
	uint32 queries;
	float *query; /* queries * D */
	Pair (*near)[NEAR];
	float *projected; /* D */
	float *row;		  /* D */
} Measurement;

/* Row i of the sample as it was before projection. */
static void
get_row(Measurement *measurement, Size i, float *out)
{
	ivf_sample_projected(measurement->sample, i, measurement->projected);
	ivf_unproject(measurement->sample->state, measurement->projected, out);
}

/* Equal rows, which a query is to itself, say nothing. */
static void
compare(Measurement *measurement, uint32 query)
{
	const IvfState *state = measurement->sample->state;
	const float *q = measurement->query + (Size) query * state->meta.padded;
	uint32 dim = state->meta.dim;
	Pair *near = measurement->near[query];
	float metric = vdb_kernel()->l2sq_f32(q, measurement->row, dim);
	int i = NEAR - 1;

	if (!(metric > 0 && metric < near[i].metric))
		return;
	for (; i > 0 && near[i - 1].metric > metric; i--)
		near[i] = near[i - 1];
	near[i].metric = metric;
	near[i].ratio = state->type->own(q, measurement->row, dim) / metric;
}

static void
init_measurement(Measurement *measurement, const IvfSample *sample)
{
	uint32 padded = sample->state->meta.padded;
	Size bytes = padded * sizeof(float);
	Size queries = Max(Min(MOST_QUERIES, MOST_BYTES / bytes), LEAST_QUERIES);

	measurement->sample = sample;
	measurement->queries = Min(queries, sample->count);
	measurement->query =
		palloc_extended(measurement->queries * bytes, MCXT_ALLOC_HUGE);
	measurement->near = palloc(measurement->queries * sizeof(Pair[NEAR]));
	measurement->projected = palloc(bytes);
	measurement->row = palloc(bytes);
	for (uint32 i = 0; i < measurement->queries; i++)
	{
		get_row(measurement, (Size) i * sample->count / measurement->queries,
				measurement->query + (Size) i * padded);
		for (int j = 0; j < NEAR; j++)
			measurement->near[i][j].metric = INFINITY;
	}
}

static void
compare_rows(Measurement *measurement)
{
	Size count = measurement->sample->count;
	Size rows = Min(count, MOST_ROWS);

	for (Size i = 0; i < rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		get_row(measurement, i * count / rows, measurement->row);
		for (uint32 query = 0; query < measurement->queries; query++)
			compare(measurement, query);
	}
}

static int
compare_floats(const void *a, const void *b)
{
	float x = *(const float *) a;
	float y = *(const float *) b;

	return x < y ? -1 : x > y;
}

/* The quantile of the near pairs' ratios. */
static float
low_ratio(const Measurement *measurement)
{
	float *ratios = palloc(measurement->queries * NEAR * sizeof(float));
	Size count = 0;

	for (uint32 i = 0; i < measurement->queries; i++)
		for (int j = 0; j < NEAR; j++)
			if (isfinite(measurement->near[i][j].metric) &&
				isfinite(measurement->near[i][j].ratio))
				ratios[count++] = measurement->near[i][j].ratio;
	if (count < LEAST_PAIRS)
		return 1;
	qsort(ratios, count, sizeof(float), compare_floats);
	return Max(ratios[(Size) (count * QUANTILE)], 1);
}

float
ivf_measure_stretch(const IvfSample *sample)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat stretch", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Measurement measurement;
	float stretch;

	init_measurement(&measurement, sample);
	compare_rows(&measurement);
	stretch = low_ratio(&measurement);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return stretch;
}
