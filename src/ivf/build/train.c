/*
 * train.c: mean, scale and centroids, from a sample.
 *
 * All in rotated space and bytes: k-means does not care, and rows need no way
 * back.
 */
#include "compat.h"

#include "ivf/build/calibrate.h"
#include "ivf/build/limits.h"
#include "ivf/build/progress.h"
#include "ivf/build/sample.h"
#include "ivf/build/scale.h"
#include "ivf/build/spill.h"
#include "ivf/build/stretch.h"
#include "ivf/build/team.h"
#include "ivf/build/train.h"
#include "ivf/space/options.h"
#include "math/rng.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "postmaster/autovacuum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Iterations of k-means; more gain nothing that can be measured. */
#define ITERATIONS 10

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

static void
train_on(IvfBuild *build, IvfTeam *team, const IvfSample *sample)
{
	Size count = set_queries_aside(build, sample);

	if (build->lists > 1)
		build->lists = run_kmeans(build, team, count);

	/* One list needs no centroid: it is the mean. */
	build->lists = Max(build->lists, 1);
	ivf_set_scale(build, sample);
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
 * indexes just now.  Autovacuum works alone, as in all it does.  A worker needs
 * memory of its own: the lists that were asked for come first.
 */
static int
plan_trainers(const IvfBuild *build)
{
	int workers;

	if (build->lists < 2 || (build->visit && vdb_is_autovacuum()))
		return 0;
	workers = ivf_plan_workers(build);
	while (workers > 0 && !ivf_training_fits(build, workers + 1))
		workers--;
	return workers;
}

/*
 * The table's statistics may be of when it was empty, or nobody saw its rows;
 * the tree before counts its own.
 */
static double
expected_rows(const IvfBuild *build)
{
	return build->visit ? build->visit_rows : ivf_estimated_rows(build->heap);
}

bool
ivf_train(IvfBuild *build)
{
	uint32 wanted = ivf_option_lists(build->index);
	uint32 padded = build->state->meta.padded;
	IvfSample sample;
	IvfTeam *team;
	int workers;
	bool enough;

	build->lists =
		wanted ? wanted : ivf_automatic_lists(expected_rows(build), padded);
	workers = plan_trainers(build);
	if (!wanted)
		build->lists = ivf_lists_that_fit(build->lists, padded, workers + 1);
	sample.limit = ivf_sample_limit(build, workers + 1);
	team = ivf_team_begin(workers, build->lists, padded, sample.limit);
	sample.rows = ivf_team_rows(team);
	ivf_sample_rows(build, &sample);
	enough = sample.rows_estimate >= build->least_rows;

	/* The sample knows better than statistics that may be old. */
	if (!wanted)
		build->lists = Min(build->lists,
						   ivf_automatic_lists(sample.rows_estimate, padded));
	if (wanted > sample.count && build->visit == NULL)
		warn_of_little_data();
	build->lists = Max(Min(build->lists, sample.count), 1);
	if (enough)
		ivf_warn_of_small_sample(build, &sample);
	if (enough && sample.count > 0)
		train_on(build, team, &sample);
	build->state->meta.trained_rows = sample.rows_estimate;
	build->state->meta.trained_sample = sample.count;
	ivf_team_end(team);
	pfree(sample.mean);
	return enough;
}
