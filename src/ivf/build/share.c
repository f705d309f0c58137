/*
 * share.c: see share.h.
 *
 * The calibration's queries look for their nearest rows among the sample.  Each
 * of these is found when the nearer one of its lists is probed; so the ranks of
 * these lists tell how many have to be probed with second entries and without,
 * and a second entry for a share s of the rows makes lists longer by s.  The
 * same number of lists for all queries is not what scans probe, but the saving
 * is nearly the same: codes for 0.95 with half of the rows in two lists, by
 * this rule and by that of scans, 0.57 and 0.61 (package descriptions), 0.62
 * and 0.61 (definitions), 0.88 and 0.87 (words) of those without.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/match.h"
#include "ivf/build/share.h"
#include "ivf/space/options.h"
#include "math/spill.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Neighbours of each query; the share of them that is to be found. */
#define NEIGHBOURS 10
#define TARGET 0.95

/*
 * Rows that are looked at, unless there are so many lists that more are needed
 * to have NEIGHBOURS for each; and pairs of a query and a row at most, beyond
 * what the fewest queries have.
 */
#define USUAL_ROWS 131072
#define MOST_PAIRS (32 * 1024 * 1024)

/* Rows that come as a matrix at a time, and queries whose lists are ranked. */
#define ROWS_AT_A_TIME 1024
#define QUERIES_AT_A_TIME 32

/* With fewer queries or lists than these, nothing is known. */
#define LEAST_QUERIES 64
#define LEAST_LISTS 32

/*
 * Below so many dimensions a row is a short code, and a query's neighbours lie
 * in many lists: on words of 100 dimensions half of the rows in a second list
 * save an eighth of the codes, and building took 1.7 times as long.
 */
#define LEAST_DIMENSIONS 256

/* Shares to choose from, and what one has to save for so much more room. */
static const double shares[] = {0.25, 0.5};

#define LEAST_SAVING 0.15
#define SAVING_FOR_SHARE 0.2

/* One of a query's neighbours. */
typedef struct Neighbour
{
	uint32 row;	   /* of the sample */
	uint32 first;  /* its lists */
	uint32 second; /* or VDB_NO_SECOND */
	float ratio;   /* of the second one */
	uint32 rank_first;
	uint32 rank_second;
} Neighbour;

typedef struct Trial
{
	IvfBuild *build;
	const IvfSample *sample;
	Size rows;		 /* of the sample, its first ones */
	uint32 queries;	 /* its last ones */
	Neighbour *near; /* NEIGHBOURS of each query */
	Size count;
} Trial;

static const VdbRow *
query_rows(const Trial *trial)
{
	return vdb_row_at(trial->sample->rows,
					  trial->sample->count - trial->queries,
					  trial->build->state->meta.padded);
}

/* The nearest rows of each query: the sample's rows are the centroids. */
static void
find_neighbours(Trial *trial)
{
	uint32 padded = trial->build->state->meta.padded;
	Size room = (Size) trial->queries * NEIGHBOURS;
	uint32 *nearest = palloc(room * sizeof(uint32));
	float *keys = palloc(room * sizeof(float));
	float *x = palloc(padded * sizeof(float));
	void *memory = palloc_extended(vdb_centroids_bytes(ROWS_AT_A_TIME, padded),
								   MCXT_ALLOC_HUGE);

	vdb_nearest_begin(nearest, keys, room);
	for (Size begin = 0; begin < trial->rows; begin += ROWS_AT_A_TIME)
	{
		uint32 count = Min(ROWS_AT_A_TIME, trial->rows - begin);
		VdbCentroids rows;

		CHECK_FOR_INTERRUPTS();
		vdb_centroids_place(&rows, memory, count, padded);
		vdb_centroids_clear(&rows);
		for (uint32 i = 0; i < count; i++)
		{
			vdb_row_get(vdb_row_at(trial->sample->rows, begin + i, padded), x,
						padded);
			vdb_centroid_set(&rows, i, x);
		}
		vdb_nearest_some(&rows, begin, query_rows(trial), trial->queries,
						 NEIGHBOURS, nearest, keys);
	}
	for (Size i = 0; i < room; i++)
		trial->near[i].row = nearest[i];
	pfree(nearest);
	pfree(keys);
	pfree(x);
	pfree(memory);
}

/* Both lists of each neighbour. */
static void
find_lists(Trial *trial)
{
	IvfBuild *build = trial->build;
	uint32 padded = build->state->meta.padded;
	uint32 nearest[VDB_SPILL_LISTS];
	float keys[VDB_SPILL_LISTS];
	float *y = palloc(3 * padded * sizeof(float));

	for (Size i = 0; i < trial->count; i++)
	{
		Neighbour *near = &trial->near[i];
		const VdbRow *row = vdb_row_at(trial->sample->rows, near->row, padded);
		VdbSecond second;

		CHECK_FOR_INTERRUPTS();
		vdb_nearest_begin(nearest, keys, VDB_SPILL_LISTS);
		vdb_nearest_some(&build->centroids, 0, row, 1, VDB_SPILL_LISTS, nearest,
						 keys);
		vdb_row_get(row, y, padded);
		second =
			vdb_spill_second(y, padded, nearest, VDB_SPILL_LISTS,
							 vdb_spill_centroid, &build->centroids, y + padded);
		near->first = nearest[0];
		near->second = second.list;
		near->ratio = second.ratio;
	}
	pfree(y);
}

/* How many lists are nearer than one of them. */
static uint32
rank_of(const float *keys, uint32 lists, uint32 list)
{
	uint32 rank = 0;

	for (uint32 i = 0; i < lists; i++)
		rank += keys[i] < keys[list];
	return rank;
}

/* The lists' keys for some queries: count * lists, of (|c|^2 / 2 - <x, c>). */
static void
find_keys(const Trial *trial, uint32 begin, uint32 count, float *keys)
{
	const IvfBuild *build = trial->build;
	uint32 padded = build->state->meta.padded;
	float *x = palloc((count + 1) * padded * sizeof(float));
	float *centroid = x + (Size) count * padded;

	for (uint32 i = 0; i < count; i++)
		vdb_row_get(vdb_row_at(query_rows(trial), begin + i, padded),
					x + (Size) i * padded, padded);
	for (uint32 list = 0; list < build->lists; list++)
	{
		vdb_centroid_get(&build->centroids, list, centroid);
		for (uint32 i = 0; i < count; i++)
			keys[(Size) i * build->lists + list] =
				build->centroids.half[list] -
				vdb_kernel()->dot_f32(x + (Size) i * padded, centroid, padded);
	}
	pfree(x);
}

static void
find_ranks(Trial *trial)
{
	uint32 lists = trial->build->lists;
	float *keys = palloc_extended(
		(Size) QUERIES_AT_A_TIME * lists * sizeof(float), MCXT_ALLOC_HUGE);

	for (uint32 begin = 0; begin < trial->queries; begin += QUERIES_AT_A_TIME)
	{
		uint32 count = Min(QUERIES_AT_A_TIME, trial->queries - begin);

		CHECK_FOR_INTERRUPTS();
		find_keys(trial, begin, count, keys);
		for (Size i = 0; i < (Size) count * NEIGHBOURS; i++)
		{
			Neighbour *near = &trial->near[(Size) begin * NEIGHBOURS + i];
			const float *own = keys + i / NEIGHBOURS * lists;

			near->rank_first = rank_of(own, lists, near->first);
			near->rank_second = near->second == VDB_NO_SECOND
									? PG_UINT32_MAX
									: rank_of(own, lists, near->second);
		}
	}
	pfree(keys);
}

static int
compare_ranks(const void *a, const void *b)
{
	uint32 x = *(const uint32 *) a;
	uint32 y = *(const uint32 *) b;

	return (x > y) - (x < y);
}

/* Lists to probe where rows up to this ratio have two. */
static uint32
lists_needed(const Trial *trial, float limit, uint32 *ranks)
{
	for (Size i = 0; i < trial->count; i++)
	{
		const Neighbour *near = &trial->near[i];

		ranks[i] = near->ratio <= limit
					   ? Min(near->rank_first, near->rank_second)
					   : near->rank_first;
	}
	qsort(ranks, trial->count, sizeof(uint32), compare_ranks);
	return ranks[(Size) (TARGET * (trial->count - 1))] + 1;
}

/* The share that saves most for its bytes, or zero. */
static double
best_share(const Trial *trial, const IvfRatios *ratios)
{
	uint32 *ranks = palloc(trial->count * sizeof(uint32));
	double without = lists_needed(trial, -1, ranks);
	double best = 0;
	double best_gain = 0;

	for (int i = 0; i < (int) lengthof(shares); i++)
	{
		float limit = ivf_ratios_limit(ratios, shares[i]);
		double lists = lists_needed(trial, limit, ranks);
		double saving = 1 - lists * (1 + shares[i]) / without;
		double gain = saving - SAVING_FOR_SHARE * shares[i];

		ereport(
			DEBUG1,
			(errmsg("with %g of the rows in two lists, a search probes %.0f "
					"lists in place of %.0f",
					shares[i], lists, without)));
		if (saving >= LEAST_SAVING && gain > best_gain)
		{
			best = shares[i];
			best_gain = gain;
		}
	}
	pfree(ranks);
	return best;
}

static Trial
trial_of(IvfBuild *build, const IvfSample *sample)
{
	Trial trial = {.build = build, .sample = sample};

	trial.rows = Min(sample->count - build->queries,
					 Max(USUAL_ROWS, (Size) build->lists * NEIGHBOURS));
	if (trial.rows > 0)
		trial.queries = Min(ivf_learning_queries(build->queries),
							Max(MOST_PAIRS / trial.rows, LEAST_QUERIES));
	trial.count = (Size) trial.queries * NEIGHBOURS;
	return trial;
}

static bool
has_dimensions(const IvfBuild *build)
{
	return build->state->meta.padded >= LEAST_DIMENSIONS;
}

double
ivf_most_share(const IvfBuild *build)
{
	double share = ivf_option_spill(build->index);

	if (share != IVF_SPILL_AUTOMATIC)
		return share;
	return has_dimensions(build) ? shares[lengthof(shares) - 1] : 0;
}

bool
ivf_share_is_open(IvfBuild *build, const IvfSample *sample)
{
	Trial trial = trial_of(build, sample);

	return trial.queries >= LEAST_QUERIES && build->lists >= LEAST_LISTS &&
		   has_dimensions(build) &&
		   trial.rows >= (Size) build->lists * NEIGHBOURS;
}

double
ivf_automatic_share(IvfBuild *build, const IvfSample *sample,
					const IvfRatios *ratios)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat share", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Trial trial = trial_of(build, sample);
	double share;

	trial.near = palloc(trial.count * sizeof(Neighbour));
	find_neighbours(&trial);
	find_lists(&trial);
	find_ranks(&trial);
	share = best_share(&trial, ratios);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return share;
}
