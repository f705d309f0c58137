/*
 * spread.c: see spread.h.
 *
 * The calibration's queries know their nearest rows: ten of all, and 63 each of
 * every sixteenth and every 256th.  Beyond these a query counts how many of
 * some other queries are within a distance, each of which stands for its share
 * of all rows.  The mean of these counts is what the planner can expect of a
 * radius; it is kept at distances between which it grows by the same factor.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/spread.h"
#include "ivf/space/vector.h"
#include "math/least.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Other queries that each one looks at. */
#define OTHERS 128

/* Halvings of the range in which a distance is looked for. */
#define HALVINGS 40

/*
 * Distances of one query, as the type gives them, ascending: those of a ranking
 * begin where its rows do in IvfNeighbours, and are one fewer.
 */
typedef struct Seen
{
	float ranked[IVF_RANKED_ROWS];
	float others[OTHERS];
} Seen;

typedef struct Spread
{
	const IvfBuild *build;
	double unit;
	uint32 queries; /* the first ones of the build's */
	uint32 others;	/* of each query */
	float *rows;	/* queries as they were before projection; or NULL */
	Seen *seen;		/* one a query */
} Spread;

static const float *
projected(const Spread *spread, uint32 query)
{
	return spread->build->query_rows +
		   (Size) query * spread->build->state->meta.padded;
}

static double
product(const Spread *spread, const float *a, const float *b)
{
	return vdb_kernel()->dot_f32(a, b, spread->build->state->meta.padded);
}

/*
 * What a key (match.h) of a query leaves out of the distance: see space.h for
 * d = norm |y - z|^2 - mean <y + m, z + m>, of which the key has what depends
 * on y, over "inner".
 */
static double
key_offset(const Spread *spread, uint32 query)
{
	const IvfState *state = spread->build->state;
	const float *z = projected(spread, query);
	double mean = vdb_space_mean(state->space);

	if (state->type->own)
		return 0;
	return vdb_space_part(state->space->norm, product(spread, z, z)) -
		   vdb_space_part(mean, product(spread, ivf_mean(state), z) +
									state->meta.mean_norm2);
}

static double
distance_of_key(const Spread *spread, double key, double offset)
{
	const IvfState *state = spread->build->state;
	double weight = state->type->own ? 1 : state->space->inner;

	return (weight * key + offset) * spread->unit;
}

static double
distance_of_pair(const Spread *spread, uint32 query, uint32 other,
				 double offset)
{
	const IvfState *state = spread->build->state;
	Size padded = state->meta.padded;
	const float *y = projected(spread, other);
	double key;

	if (spread->rows)
		return ivf_own(state, spread->rows + query * padded,
					   spread->rows + other * padded);
	key = vdb_space_half(state->space, product(spread, y, y)) -
		  product(spread, y, projected(spread, query)) -
		  vdb_space_part(vdb_space_column(state->space),
						 product(spread, y, ivf_mean(state)));
	return distance_of_key(spread, key, offset);
}

/* The first row is the query itself, or may be: it counts for nobody. */
static void
see_ranking(const Spread *spread, const IvfNeighbours *neighbours,
			const IvfRanking *ranking, double offset, Seen *seen)
{
	const IvfRanked *rows = neighbours->rows + ranking->begin;
	int itself = rows[0].key == neighbours->rows[0].key;

	for (uint32 i = 0; i + 1 < ranking->room; i++)
		seen->ranked[ranking->begin + i] =
			distance_of_key(spread, rows[i + itself].key, offset);
}

static void
see(const Spread *spread, uint32 query, const IvfNeighbours *neighbours)
{
	Seen *seen = &spread->seen[query];
	double offset = key_offset(spread, query);
	uint32 step = spread->queries / (spread->others + 1);

	for (int i = 0; i < IVF_RANKINGS; i++)
		see_ranking(spread, neighbours, &ivf_rankings[i], offset, seen);
	for (uint32 i = 0; i < spread->others; i++)
		seen->others[i] = distance_of_pair(
			spread, query, (query + (i + 1) * step) % spread->queries, offset);
	qsort(seen->others, spread->others, sizeof(float), vdb_compare_floats);
}

static void
see_all(Spread *spread, const IvfNeighbours *neighbours)
{
	const IvfBuild *build = spread->build;
	Size padded = build->state->meta.padded;

	spread->seen =
		palloc_extended(spread->queries * sizeof(Seen), MCXT_ALLOC_HUGE);
	if (build->state->type->own)
		spread->rows = palloc_extended(spread->queries * padded * sizeof(float),
									   MCXT_ALLOC_HUGE);
	for (uint32 i = 0; spread->rows && i < spread->queries; i++)
		ivf_unproject(build->state, projected(spread, i),
					  spread->rows + i * padded);
	for (uint32 i = 0; i < spread->queries; i++)
	{
		CHECK_FOR_INTERRUPTS();
		see(spread, i, &neighbours[i]);
	}
}

/* How many of the ascending numbers are at most the limit. */
static uint32
count_within(const float *numbers, uint32 count, float limit)
{
	uint32 begin = 0;

	while (begin < count)
	{
		uint32 middle = (begin + count) / 2;

		if (numbers[middle] <= limit)
			begin = middle + 1;
		else
			count = middle;
	}
	return begin;
}

static double
rows_within(const Spread *spread, const Seen *seen, float distance)
{
	double rows = spread->build->index_rows;
	double others = count_within(seen->others, spread->others, distance);
	double least = 0;

	for (int i = 0; i < IVF_RANKINGS; i++)
	{
		const IvfRanking *ranking = &ivf_rankings[i];
		uint32 count = count_within(seen->ranked + ranking->begin,
									ranking->room - 1, distance);

		least = Max((double) count * ranking->step, least);
		if (count < ranking->room - 1)
			return Min(least, rows);
	}
	return Min(Max(others / spread->others * rows, least), rows);
}

/*
 * The geometric mean, of one more row: where some places are crowded and others
 * empty, the arithmetic one is that of the crowded alone, many times what a
 * query finds.
 */
static double
mean_within(const Spread *spread, float distance)
{
	double sum = 0;

	for (uint32 i = 0; i < spread->queries; i++)
		sum += log(1 + rows_within(spread, &spread->seen[i], distance));
	return exp(sum / spread->queries) - 1;
}

/* The least and the greatest distance that was seen. */
static void
find_range(const Spread *spread, float *least, float *most)
{
	*least = INFINITY;
	*most = -INFINITY;
	for (uint32 i = 0; i < spread->queries; i++)
	{
		*least = Min(*least, spread->seen[i].ranked[0]);
		*least = Min(*least, spread->seen[i].others[0]);
		*most = Max(*most, spread->seen[i].others[spread->others - 1]);
	}
}

static float
distance_of_rows(const Spread *spread, double rows, float least, float most)
{
	for (int i = 0; i < HALVINGS && least < most; i++)
	{
		float middle = least + (most - least) / 2;

		if (mean_within(spread, middle) < rows)
			least = middle;
		else
			most = middle;
	}
	return most;
}

static void
store(const Spread *spread, IvfSpread *out)
{
	double rows = spread->build->index_rows;
	float least;
	float most;

	find_range(spread, &least, &most);
	if (!isfinite(least) || !isfinite(most))
		return;
	out->points = IVF_SPREAD_POINTS;
	for (int i = 0; i < IVF_SPREAD_POINTS; i++)
	{
		double wanted = pow(rows, i / (IVF_SPREAD_POINTS - 1.0));

		least = distance_of_rows(spread, wanted, least, most);
		out->share[i] = Min(wanted / rows, 1);
		out->distance[i] = least;
	}
}

void
ivf_measure_spread(IvfBuild *build, const IvfNeighbours *neighbours)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat spread", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	uint32 queries = ivf_learning_queries(build->queries);
	Spread spread = {.build = build,
					 .unit = ivf_unit(build->state, false),
					 .queries = queries,
					 .others = Min(OTHERS, queries - 1)};

	if (!build->state->type->reach_by_query && build->index_rows > 1)
	{
		see_all(&spread, neighbours);
		store(&spread, &build->state->meta.spread);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
