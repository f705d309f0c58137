/*
 * train.c: mean, scale and centroids, from a sample.
 *
 * All in rotated space: k-means does not care, and rows need no way back.
 */
#include "compat.h"

#include <math.h>

#include "commands/progress.h"
#include "ivf/build.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Iterations of k-means; more gain nothing that can be measured. */
#define ITERATIONS 10

/* Rows that the scale is judged by. */
#define SCALE_ROWS 10000

Size
ivf_build_memory(void)
{
	return (Size) maintenance_work_mem * 1024;
}

/* Bytes that training with so many sample rows takes. */
static Size
training_bytes(const IvfIndex *ivf, uint32 lists, Size rows)
{
	Size row = ivf->meta.padded * sizeof(float);

	return (rows + lists) * row +
		   vdb_kmeans_work(lists, ivf->meta.padded, rows);
}

/*
 * The most sample rows, up to what is wanted, that fit the memory beside the
 * centroids; but at least a few a list, or training is worth nothing.
 */
static Size
sample_limit(const IvfIndex *ivf, uint32 lists)
{
	Size wanted = (Size) Max(lists, 10) * IVF_SAMPLE_PER_LIST;
	Size least = Max((Size) lists * 2, 16);

	while (wanted > least &&
		   training_bytes(ivf, lists, wanted) > ivf_build_memory())
		wanted = Max(wanted - wanted / 8, least);
	return wanted;
}

/* Subtract the mean, which goes to "mean", and return the mean squared norm. */
static double
centre(const IvfIndex *ivf, IvfSample *sample, double *mean)
{
	uint32 dim = ivf->meta.padded;
	double norm2 = 0;

	memset(mean, 0, dim * sizeof(double));
	for (Size i = 0; i < sample->count; i++)
		for (uint32 j = 0; j < dim; j++)
			mean[j] += sample->rows[i * dim + j];
	for (uint32 j = 0; j < dim; j++)
		mean[j] /= sample->count;

	for (Size i = 0; i < sample->count; i++)
		for (uint32 j = 0; j < dim; j++)
		{
			float *x = &sample->rows[i * dim + j];

			*x -= mean[j];
			norm2 += (double) *x * *x;
		}
	return norm2 / sample->count;
}

static void
scale_floats(float *x, Size n, float factor)
{
	for (Size i = 0; i < n; i++)
		x[i] *= factor;
}

static void
report_kmeans(void *arg, int iteration, double share)
{
	double rows = *(Size *) arg;

	CHECK_FOR_INTERRUPTS();
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE,
								 (int64) ((iteration - 1 + share) * rows));
}

/* The centroids of the sample; returns how many there are. */
static uint32
run_kmeans(IvfBuild *build, const IvfSample *sample)
{
	uint32 dim = build->ivf->meta.padded;
	Size count = sample->count;
	Size work = vdb_kmeans_work(build->lists, dim, count);
	char *memory = palloc_extended(work + PG_CACHE_LINE_SIZE, MCXT_ALLOC_HUGE);
	VdbKmeans task = {
		.dim = dim,
		.count = build->lists,
		.n = count,
		.rows = sample->rows,
		.iterations = ITERATIONS,
		.seed = build->ivf->meta.seed ^ IVF_KMEANS_STREAM,
		.centroids = build->centroids,
		.work = (void *) CACHELINEALIGN(memory),
		.progress = report_kmeans,
		.progress_arg = &count,
	};
	uint32 made;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, IVF_PHASE_KMEANS);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL,
								 count * ITERATIONS);
	made = vdb_kmeans(&task);
	pfree(memory);
	return made;
}

/* Mean squared distance of rows to their centroids. */
static double
residual_norm2(const IvfBuild *build, const IvfSample *sample)
{
	uint32 dim = build->ivf->meta.padded;
	Size n = Min(sample->count, SCALE_ROWS);
	VdbPanels panels;
	float *memory;
	uint32 *nearest = palloc(n * sizeof(uint32));
	float *half = palloc(n * sizeof(float));
	double sum = 0;

	memory = palloc_extended(
		vdb_panels_floats(build->lists, dim) * sizeof(float), MCXT_ALLOC_HUGE);
	vdb_panels_pack(&panels, memory, build->centroids, build->lists, dim);
	vdb_nearest(&panels, sample->rows, dim, n, nearest, half);
	for (Size i = 0; i < n; i++)
	{
		const float *x = sample->rows + i * dim;

		sum += Max(vdb_kernel()->dot_f32(x, x, dim) + 2 * half[i], 0);
	}
	pfree(memory);
	pfree(nearest);
	pfree(half);
	return sum / n;
}

/* Set scale and mean, and bring the centroids to that scale. */
static void
finish_scale(IvfBuild *build, const double *mean, double scale, float factor)
{
	IvfIndex *ivf = build->ivf;
	uint32 dim = ivf->meta.padded;
	float *out = ivf_mean(ivf);

	ivf->meta.scale = scale;
	for (uint32 i = 0; i < dim; i++)
		out[i] = mean[i] / scale;
	ivf->meta.mean_norm2 = vdb_kernel()->dot_f32(out, out, dim);
	if (build->centroids)
		scale_floats(build->centroids, (Size) build->lists * dim, factor);
}

/* Rows of the sample, spread over it, as the calibration's queries. */
static void
choose_queries(IvfBuild *build, const IvfSample *sample, float factor)
{
	uint32 dim = build->ivf->meta.padded;

	build->queries = ivf_calibration_queries(build, sample->count);
	if (build->queries == 0)
		return;
	build->query_rows = palloc((Size) build->queries * dim * sizeof(float));
	for (Size i = 0; i < build->queries; i++)
		memcpy(build->query_rows + i * dim,
			   sample->rows + i * sample->count / build->queries * dim,
			   dim * sizeof(float));
	scale_floats(build->query_rows, (Size) build->queries * dim, factor);
}

static void
train_on(IvfBuild *build, IvfSample *sample)
{
	uint32 dim = build->ivf->meta.padded;
	double *mean = palloc(dim * sizeof(double));
	double norm2 = centre(build->ivf, sample, mean);
	double scale = ivf_scale_for(sqrt(norm2));
	double factor;

	scale_floats(sample->rows, sample->count * dim, 1 / scale);
	norm2 /= scale * scale;
	if (build->lists > 1)
	{
		build->centroids = palloc_extended(
			(Size) build->lists * dim * sizeof(float), MCXT_ALLOC_HUGE);
		build->lists = run_kmeans(build, sample);
	}
	if (build->lists > 1)
		norm2 = residual_norm2(build, sample);
	else
	{
		/* One list needs no centroid: it is the mean. */
		build->lists = 1;
		build->centroids = NULL;
	}
	factor = ivf_scale_for(sqrt(norm2));
	finish_scale(build, mean, scale * factor, 1 / factor);
	build->ivf->meta.calibration.residual2 = norm2 / (factor * factor);
	choose_queries(build, sample, 1 / factor);
	pfree(mean);
}

void
ivf_train(IvfBuild *build)
{
	uint32 wanted = ivf_option_lists(build->index);
	uint32 dim = build->ivf->meta.padded;
	IvfSample sample;

	build->lists =
		wanted ? wanted
			   : ivf_automatic_lists(ivf_estimated_rows(build->heap), dim);
	ivf_sample_rows(build, sample_limit(build->ivf, build->lists), &sample);

	/* The sample knows better than statistics that may be old. */
	if (!wanted)
		build->lists =
			Min(build->lists, ivf_automatic_lists(sample.rows_estimate, dim));
	build->lists = Max(Min(build->lists, sample.count), 1);
	if (sample.count > 0)
		train_on(build, &sample);
	build->ivf->meta.trained_rows = sample.rows_estimate;
	build->ivf->meta.trained_sample = sample.count;
	pfree(sample.rows);
}
