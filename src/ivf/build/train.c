/*
 * train.c: mean, scale and centroids, from a sample.
 *
 * All in rotated space and bytes: k-means does not care, and rows need no way
 * back.
 */
#include "compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "ivf/build/calibrate.h"
#include "ivf/build/memory.h"
#include "ivf/build/progress.h"
#include "ivf/build/sample.h"
#include "ivf/build/spill.h"
#include "ivf/build/stretch.h"
#include "ivf/build/team.h"
#include "ivf/build/train.h"
#include "ivf/space/options.h"
#include "math/blocks.h"
#include "math/rng.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "postmaster/autovacuum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Iterations of k-means; more gain nothing that can be measured. */
#define ITERATIONS 10

/* Sample rows a list below which quality suffers so much that users are told.
 */
#define IVF_SAMPLE_WARNING 20

/* Rows that the scale is judged by. */
#define SCALE_ROWS 10000

/*
 * Below this closeness, factors of rows lack digits, each time the scale is
 * halved at half of it; the least part of the scale; and the norm of a residual
 * whose factors still have room.
 */
#define CLOSE_DIGITS (1.0 / 1024)
#define LEAST_CLOSE_FACTOR (1.0f / 16)
#define GREATEST_RESIDUAL 192

/* A centroid is at the origin if its squared norm is this share of rows'. */
#define SNAP_SHARE (1.0 / 64)

/* Bytes that training with so many sample rows takes, for each process too. */
static Size
training_bytes(uint32 lists, uint32 dim, Size rows, int processes)
{
	return rows * vdb_row_size(dim) + vdb_kmeans_work(lists, dim, rows) +
		   processes * vdb_kmeans_scratch(lists, dim) +
		   vdb_centroids_bytes(lists, dim); /* that outlive the team */
}

/* Too little memory even for a sample that is worth nothing. */
static void
refuse_lists(uint32 lists, Size needed)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("memory required is %zu MB, maintenance_work_mem is %d MB",
					needed / (1024 * 1024) + 1, maintenance_work_mem / 1024),
			 errhint("Increase maintenance_work_mem, or create the index with "
					 "fewer than %u lists.",
					 lists)));
}

/* Fewer lists, where nobody asked for these and memory is too small for them.
 */
static uint32
lists_that_fit(uint32 lists, uint32 dim, int processes)
{
	while (lists > 1 &&
		   training_bytes(lists, dim, (Size) lists * IVF_SAMPLE_WARNING,
						  processes) > ivf_build_memory())
		lists -= Max(lists / 32, 1);
	return lists;
}

/* Sample rows without which there is no training. */
static Size
least_sample(uint32 lists)
{
	return Max((Size) lists * 2, 16);
}

bool
ivf_training_fits(const IvfBuild *build)
{
	uint32 lists = ivf_option_lists(build->index);

	return lists <= 1 ||
		   training_bytes(lists, build->state->meta.padded, least_sample(lists),
						  1) <= ivf_build_memory();
}

/*
 * The most sample rows, up to what is wanted, that fit the memory beside the
 * centroids.
 */
static Size
sample_limit(const IvfBuild *build, int processes)
{
	uint32 lists = build->lists;
	uint32 padded = build->state->meta.padded;
	Size wanted = (Size) Max(lists, 10) * (lists < VDB_BLOCKS_LEAST
											   ? IVF_SAMPLE_PER_LIST
											   : IVF_SAMPLE_PER_LIST_OF_MANY);
	Size least = least_sample(lists);
	Size most =
		(Size) RelationGetNumberOfBlocks(build->heap) * MaxHeapTuplesPerPage;

	wanted = Max(Min(wanted, most), 16);
	least = Min(least, wanted);
	if (lists > 1 &&
		training_bytes(lists, padded, least, processes) > ivf_build_memory())
		refuse_lists(lists, training_bytes(lists, padded, least, processes));
	while (wanted > least && training_bytes(lists, padded, wanted, processes) >
								 ivf_build_memory())
		wanted = Max(wanted - wanted / 32 - 1, least);
	return wanted;
}

/* Tell the user when memory and not the table makes the sample small. */
static void
warn_of_small_sample(const IvfBuild *build, const IvfSample *sample)
{
	if (build->lists < 2 || sample->seen <= sample->count ||
		sample->count >= (Size) build->lists * IVF_SAMPLE_WARNING)
		return;
	ereport(NOTICE,
			(errmsg("index \"%s\" is trained with %zu rows for %u lists",
					RelationGetRelationName(build->index), sample->count,
					build->lists),
			 errdetail("More did not fit maintenance_work_mem, so searches "
					   "will scan more rows for the same recall."),
			 errhint("Increase maintenance_work_mem, or create the index with "
					 "fewer lists.")));
}

/*
 * Tell the user who asked for more lists than there are rows.  Fewer are made,
 * and rows that come later find no better ones.
 */
static void
warn_of_little_data(void)
{
	ereport(NOTICE, (errmsg("ivfflat index created with little data"),
					 errdetail("This will cause low recall."),
					 errhint("Drop the index until the table has more data.")));
}

static void
report_kmeans(void *arg, int iteration, double share)
{
	double rows = *(Size *) arg;

	CHECK_FOR_INTERRUPTS();
	ivf_report_rows((iteration - 1 + share) * rows);
}

/* The centroids of so many rows; returns how many there are. */
static uint32
run_kmeans(IvfBuild *build, IvfTeam *team, Size count)
{
	uint32 padded = build->state->meta.padded;
	VdbKmeans task = {
		.dim = padded,
		.count = build->lists,
		.n = count,
		.iterations = ITERATIONS,
		.seed = build->state->meta.seed ^ IVF_KMEANS_STREAM,
		.progress = report_kmeans,
		.progress_arg = &count,
	};
	VdbCentroids made;
	Size bytes;
	uint32 lists;

	ivf_report_phase(IVF_PHASE_KMEANS, (double) count * ITERATIONS);
	lists = ivf_team_kmeans(team, &task);
	vdb_kmeans_centroids(&task, &made);
	bytes = vdb_centroids_bytes(build->lists, padded);
	vdb_centroids_place(&build->centroids,
						palloc_extended(bytes, MCXT_ALLOC_HUGE), build->lists,
						padded);
	memcpy(build->centroids.lines, made.lines, bytes);
	return lists;
}

/*
 * Many rows close to the origin have residuals as small.  A smaller scale
 * leaves their factors, which are halves, more digits, as long as the greatest
 * residual of all, in the scale of now, has room.
 */
static float
close_factor(const IvfSample *sample, double greatest)
{
	float factor = 1;

	while (factor > LEAST_CLOSE_FACTOR && sample->close > 0 &&
		   sample->close < CLOSE_DIGITS * factor &&
		   2 * greatest / factor <= GREATEST_RESIDUAL)
		factor /= 2;
	return factor;
}

/*
 * Mean squared distance of rows to their centroids, or to zero without, and the
 * greatest.
 */
static double
residual_norm2(const IvfBuild *build, const IvfSample *sample, double *greatest)
{
	uint32 padded = build->state->meta.padded;
	Size n = Min(sample->count, SCALE_ROWS);
	uint32 *nearest = palloc(n * sizeof(uint32));
	float *keys = palloc0(n * sizeof(float));
	float *x = palloc(padded * sizeof(float));
	double sum = 0;
	double norm2;

	*greatest = 0;
	if (build->lists > 1)
	{
		vdb_nearest_begin(nearest, keys, n);
		vdb_nearest(&build->centroids, 0, sample->rows, n, nearest, keys);
	}
	for (Size i = 0; i < n; i++)
	{
		vdb_row_get(vdb_row_at(sample->rows, i, padded), x, padded);
		norm2 = Max(vdb_kernel()->dot_f32(x, x, padded) + 2 * keys[i], 0);
		*greatest = Max(*greatest, norm2);
		sum += norm2;
	}
	pfree(x);
	pfree(nearest);
	pfree(keys);
	return sum / n;
}

/* Set scale and mean; the centroids get to that scale when they are coded. */
static void
finish_scale(IvfBuild *build, const IvfSample *sample, float factor)
{
	IvfState *state = build->state;
	uint32 padded = state->meta.padded;
	double scale = sample->scale * factor;
	float *out = ivf_mean(state);

	state->meta.scale = scale;
	for (uint32 i = 0; i < padded; i++)
		out[i] = sample->mean[i] / scale;
	state->meta.mean_norm2 = vdb_kernel()->dot_f32(out, out, padded);
	/* What single precision takes for zero has no page: it has to be zero. */
	if (state->meta.mean_norm2 == 0)
		memset(out, 0, padded * sizeof(float));
	build->centroid_factor = 1 / factor;
}

static void
swap_rows(const IvfSample *sample, Size i, Size j)
{
	uint32 padded = sample->state->meta.padded;
	VdbRow *a = vdb_row_at(sample->rows, i, padded);
	VdbRow *b = vdb_row_at(sample->rows, j, padded);
	Size size = vdb_row_size(padded);
	VdbRow *copy = palloc(size);

	memcpy(copy, a, size);
	memcpy(a, b, size);
	memcpy(b, copy, size);
	pfree(copy);
}

/* So that some of the queries, which are the last rows, are like all. */
static void
shuffle_queries(const IvfBuild *build, const IvfSample *sample)
{
	VdbRng rng = {build->state->meta.seed ^ IVF_QUERIES_STREAM};
	Size first = sample->count - build->queries;

	for (uint32 i = build->queries; i > 1; i--)
		swap_rows(sample, first + i - 1, first + vdb_rng_below(&rng, i));
}

/*
 * The calibration's queries are the sample's last rows, taken from all over it.
 * If there are enough others, k-means does not see them: what it has seen is
 * nearer to its centroid than rows that it has not, which at a hundred rows a
 * list made up for 6 % of the lists to probe.  Returns the rows to train on.
 */
static Size
set_queries_aside(IvfBuild *build, const IvfSample *sample)
{
	Size count = sample->count;
	Size others;

	build->queries =
		ivf_calibration_queries(build, count, sample->reach > 0 ? 2 : 1);
	others = count - build->queries;
	for (Size i = build->queries; i-- > 0;)
		swap_rows(sample, i * count / build->queries, others + i);
	shuffle_queries(build, sample);
	return others >= (Size) build->lists * IVF_SAMPLE_WARNING ? others : count;
}

static void
project_queries(IvfBuild *build, const IvfSample *sample)
{
	uint32 padded = build->state->meta.padded;
	Size first = sample->count - build->queries;

	if (build->lists < 2)
		build->queries = 0;
	if (build->queries == 0)
		return;
	build->query_rows = palloc((Size) build->queries * padded * sizeof(float));
	for (Size i = 0; i < build->queries; i++)
		ivf_sample_projected(sample, first + i, build->query_rows + i * padded);
}

/*
 * Where many rows are one and the same vector, the origin, and a few others are
 * in its list, the centroid is a little beside it.  Exactly there it leaves
 * these rows no residual, so that bounds of theirs are their distances.
 */
static void
snap_centroid(IvfBuild *build, const IvfSample *sample, double norm2)
{
	uint32 padded = build->state->meta.padded;
	float *centroid = palloc(padded * sizeof(float));
	double least = norm2 * SNAP_SHARE;
	uint32 nearest = build->lists;

	for (uint32 i = 0; i < build->lists; i++)
	{
		float square;

		vdb_centroid_get(&build->centroids, i, centroid);
		square = vdb_kernel()->dot_f32(centroid, centroid, padded);
		if (square < least)
		{
			least = square;
			nearest = i;
		}
	}
	if (nearest < build->lists)
	{
		memset(centroid, 0, padded * sizeof(float));
		vdb_centroid_set(&build->centroids, nearest, centroid);
	}
	pfree(centroid);
}

static void
train_on(IvfBuild *build, IvfTeam *team, const IvfSample *sample)
{
	Size count = set_queries_aside(build, sample);
	double norm2;
	double greatest;
	double factor;

	if (build->lists > 1)
		build->lists = run_kmeans(build, team, count);

	/* One list needs no centroid: it is the mean. */
	build->lists = Max(build->lists, 1);
	norm2 = residual_norm2(build, sample, &greatest);
	if (build->lists > 1 && sample->close == 0)
		snap_centroid(build, sample, norm2);
	factor = vdb_space_scale(sqrt(norm2));
	factor *= close_factor(sample, sqrt(greatest) / factor);
	finish_scale(build, sample, factor);
	build->state->meta.calibration.residual2 = norm2 / (factor * factor);
	build->close_reach = sample->reach / build->state->meta.scale;
	project_queries(build, sample);
	ivf_learn_spill(build, sample);
	if (build->state->type->own)
		ivf_measure_stretch(sample, &build->state->meta);
}

int
ivf_plan_workers(const IvfBuild *build)
{
	return plan_create_index_workers(RelationGetRelid(build->heap),
									 RelationGetRelid(build->index));
}

/*
 * Workers of a VACUUM train too, whether or not it has some that vacuum other
 * indexes just now.  Autovacuum works alone, as in all it does.
 */
static int
plan_trainers(const IvfBuild *build)
{
	if (build->lists < 2 || (build->visit && vdb_is_autovacuum()))
		return 0;
	return ivf_plan_workers(build);
}

void
ivf_train(IvfBuild *build)
{
	uint32 wanted = ivf_option_lists(build->index);
	uint32 padded = build->state->meta.padded;
	IvfSample sample;
	IvfTeam *team;
	int workers;

	build->lists =
		wanted ? wanted
			   : ivf_automatic_lists(ivf_estimated_rows(build->heap), padded);
	workers = plan_trainers(build);
	if (!wanted)
		build->lists = lists_that_fit(build->lists, padded, workers + 1);
	sample.limit = sample_limit(build, workers + 1);
	team = ivf_team_begin(workers, build->lists, padded, sample.limit);
	sample.rows = ivf_team_rows(team);
	ivf_sample_rows(build, &sample);

	/* The sample knows better than statistics that may be old. */
	if (!wanted)
		build->lists = Min(build->lists,
						   ivf_automatic_lists(sample.rows_estimate, padded));
	if (wanted > sample.count && build->visit == NULL)
		warn_of_little_data();
	build->lists = Max(Min(build->lists, sample.count), 1);
	warn_of_small_sample(build, &sample);
	if (sample.count > 0)
		train_on(build, team, &sample);
	build->state->meta.trained_rows = sample.rows_estimate;
	build->state->meta.trained_sample = sample.count;
	ivf_team_end(team);
	pfree(sample.mean);
}
