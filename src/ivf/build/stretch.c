/*
 * stretch.c: how a class's own distance stands to the metric's.
 *
 * A bound of the metric's distance bounds the own distance too, but badly: L1
 * is some eight times L2 in a hundred dimensions, its square 64 times.  But the
 * ratio hardly varies from pair to pair, by some percent, and less with more
 * dimensions.  So distances of the class are divided by a low quantile of the
 * ratio, over near pairs, which are those whose order matters; then bounds are
 * good ones, and fail for as few pairs as the quantile says.  Searches that are
 * to miss nothing take the least ratio that was found.  Pairs that are far
 * apart may have another one (rows of two clusters, say, which differ by much
 * in few elements); if it is less, it counts from the own distance on that they
 * have.
 *
 * The sample's rows are rounded, each element by a little, which an L1 distance
 * of many elements sums up; where rows differ in few elements, that would be
 * most of it.  So elements that differ by no more than rounding are equal.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/stretch.h"
#include "ivf/space/vector.h"
#include "kernel/kernel.h"
#include "math/least.h"
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

/* One row in so many stands for those that are anywhere. */
#define ANYWHERE 8

/* Far pairs count for themselves where they are so much below near ones. */
#define FAR_SHARE 0.95

/* The share of far pairs that may be below, where nothing is to be missed. */
#define LEAST_QUANTILE 0.002

/* Standard errors of rounding up to which elements are equal. */
#define ROUNDING 3

/* The share of the near pairs that may be below. */
#define QUANTILE 0.05

typedef struct Pair
{
	float metric; /* +inf: none */
	float ratio;
} Pair;

/* Any pair, by its own distance. */
typedef struct FarPair
{
	float ratio;
	float own;
} FarPair;

typedef struct Measurement
{
	const IvfSample *sample;
	uint32 queries;
	float *query;		/* queries * D */
	float *query_error; /* of each: standard error of its elements */
	Pair (*near)[NEAR];
	FarPair *any; /* of all queries with one row in ANYWHERE */
	Size nany;
	float *projected; /* D */
	float *row;		  /* D */
	float *rounded;	  /* D: it, equal where it differs by rounding alone */
} Measurement;

/*
 * Row i of the sample as it was before projection, and the standard error of
 * its elements, which the rotation leaves as it was.
 */
static float
get_row(Measurement *measurement, Size i, float *out)
{
	const IvfSample *sample = measurement->sample;
	uint32 padded = sample->state->meta.padded;

	ivf_sample_projected(sample, i, measurement->projected);
	ivf_unproject(sample->state, measurement->projected, out);
	return vdb_row_at(sample->rows, i, padded)->step * sample->scale /
		   sqrtf(12);
}

/* Equal rows, which a query is to itself, say nothing. */
static void
compare(Measurement *measurement, uint32 query, float row_error, bool anywhere)
{
	const IvfState *state = measurement->sample->state;
	const float *q = measurement->query + (Size) query * state->meta.padded;
	uint32 dim = ivf_view_dim(&state->meta);
	Pair *near = measurement->near[query];
	float *row = measurement->rounded;
	float error = ROUNDING * hypotf(measurement->query_error[query], row_error);
	float metric;
	float own;
	int i = NEAR - 1;

	for (uint32 j = 0; j < dim; j++)
		row[j] = fabsf(measurement->row[j] - q[j]) <= error
					 ? q[j]
					 : measurement->row[j];
	metric = vdb_kernel()->l2sq_f32(q, row, dim);

	if (!(metric > 0) || !(metric < near[i].metric || anywhere))
		return;
	own = ivf_own(state, q, row);
	if (anywhere && isfinite(own) && isfinite(own / metric))
		measurement->any[measurement->nany++] = (FarPair){own / metric, own};
	if (metric >= near[i].metric)
		return;
	for (; i > 0 && near[i - 1].metric > metric; i--)
		near[i] = near[i - 1];
	near[i].metric = metric;
	near[i].ratio = own / metric;
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
	measurement->any = palloc((MOST_ROWS / ANYWHERE + 1) *
							  measurement->queries * sizeof(FarPair));
	measurement->nany = 0;
	measurement->projected = palloc(bytes);
	measurement->row = palloc(bytes);
	measurement->rounded = palloc(bytes);
	measurement->query_error = palloc(measurement->queries * sizeof(float));
	for (uint32 i = 0; i < measurement->queries; i++)
	{
		measurement->query_error[i] = get_row(
			measurement, (Size) i * sample->count / measurement->queries,
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
		float error;

		CHECK_FOR_INTERRUPTS();
		error = get_row(measurement, i * count / rows, measurement->row);
		for (uint32 query = 0; query < measurement->queries; query++)
			compare(measurement, query, error, i % ANYWHERE == 0);
	}
}

static int
by_ratio(const void *a, const void *b)
{
	return vdb_compare_floats(&((const FarPair *) a)->ratio,
							  &((const FarPair *) b)->ratio);
}

/*
 * The stretch of far pairs, of which this share may be below: where near ones
 * have clearly more, from the least own distance on that a pair with less has.
 * All pairs are sorted by their ratios.
 */
static IvfFarStretch
far_stretch(const Measurement *measurement, float near, double share)
{
	const FarPair *any = measurement->any;
	float far = any[(Size) (measurement->nany * share)].ratio;
	float from = INFINITY;

	if (far >= near * FAR_SHARE)
		return (IvfFarStretch){0};
	for (Size i = 0; i < measurement->nany && any[i].ratio < sqrtf(near * far);
		 i++)
		from = Min(from, any[i].own);
	return (IvfFarStretch){from, far};
}

/* The least of the near pairs' ratios, and their quantile; the same of far. */
static void
set_stretch(const Measurement *measurement, IvfMetaPage *meta)
{
	float *ratios = palloc(measurement->queries * NEAR * sizeof(float));
	Size count = 0;

	for (uint32 i = 0; i < measurement->queries; i++)
		for (int j = 0; j < NEAR; j++)
			if (isfinite(measurement->near[i][j].metric) &&
				isfinite(measurement->near[i][j].ratio))
				ratios[count++] = measurement->near[i][j].ratio;
	if (count < LEAST_PAIRS)
		return;
	qsort(ratios, count, sizeof(float), vdb_compare_floats);
	meta->stretch = ratios[(Size) (count * QUANTILE)];
	meta->least_stretch = ratios[0];
	memset(meta->far, 0, sizeof(meta->far));
	if (measurement->nany < LEAST_PAIRS)
		return;
	qsort(measurement->any, measurement->nany, sizeof(FarPair), by_ratio);
	meta->far[false] = far_stretch(measurement, meta->stretch, QUANTILE);
	meta->far[true] =
		far_stretch(measurement, meta->least_stretch, LEAST_QUANTILE);
}

void
ivf_measure_stretch(const IvfSample *sample, IvfMetaPage *meta)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat stretch", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Measurement measurement;

	init_measurement(&measurement, sample);
	compare_rows(&measurement);
	set_stretch(&measurement, meta);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
