/*
 * observe.c: see observe.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/memory.h"
#include "ivf/build/observe.h"
#include "ivf/space/shares.h"
#include "miscadmin.h"

/*
 * Lists that the model looks at one by one; farther ones in bins, each by an
 * eighth larger than all before, of which it sees the mean.
 */
#define SINGLE_RANKS 16
#define BIN_SHARE 8

/* Numbers of neighbours, and the ranking in which they are counted. */
typedef struct Depth
{
	uint32 neighbours;
	int ranking;
} Depth;

static const Depth depths[] = {{10, 0}, {6, 1},	 {31, 1},
							   {62, 1}, {16, 2}, {62, 2}};

StaticAssertDecl(lengthof(depths) == IVF_DEPTHS, "all depths are there");
StaticAssertDecl(lengthof(depths) <= VDB_CHOICE_OUTCOMES &&
					 IVF_SHARES_FEATURES <= VDB_CHOICE_FEATURES,
				 "depths and features fit");

static void
check_interrupts(void *arg)
{
	CHECK_FOR_INTERRUPTS();
}

/* The end of the bin of ranks that begins there. */
static uint32
bin_end(uint32 begin, uint32 lists)
{
	uint32 size = begin < SINGLE_RANKS ? 1 : Max(begin / BIN_SHARE, 1);

	return Min(begin + size, lists);
}

static uint32
count_bins(uint32 lists)
{
	uint32 bins = 0;

	for (uint32 rank = 0; rank < lists; rank = bin_end(rank, lists))
		bins++;
	return bins;
}

double
ivf_outcome_neighbours(int d)
{
	return depths[d].neighbours * ivf_rankings[depths[d].ranking].step;
}

/*
 * A row that is in two lists is found in the one that the query comes to first:
 * "rank" has their places in its order.
 */
static uint32
list_of(const IvfRanked *row, const uint32 *rank)
{
	if (row->second != VDB_NO_SECOND && rank[row->second] < rank[row->list])
		return row->second;
	return row->list;
}

/*
 * Neighbours of one depth in each list; returns how many there are.  The
 * nearest row is the query itself, also where it comes first of every so many.
 */
static uint32
count_hits(const IvfNeighbours *neighbours, const Depth *depth,
		   const uint32 *rank, uint32 *hits)
{
	const IvfRanked *ranking =
		neighbours->rows + ivf_rankings[depth->ranking].begin;
	int first = ranking[0].key == neighbours->rows[0].key;
	uint32 count = 0;

	for (uint32 i = 0; i < depth->neighbours; i++)
		if (isfinite(ranking[first + i].key))
		{
			hits[list_of(&ranking[first + i], rank)]++;
			count++;
		}
	return count;
}

/* The model's observations; what is common to all of them. */
typedef struct Observer
{
	const IvfBuild *build;
	const IvfWritten *lists;
	const IvfQueries *queries;
	VdbChoice *choice;
} Observer;

/* Whether the query of a group has kept as many rows as a depth needs. */
static bool
has_depth(const Observer *observer, uint32 group, const Depth *depth)
{
	return depth->neighbours <
		   ivf_ranking_room(&ivf_rankings[depth->ranking],
							observer->queries->numbers[group],
							observer->build->queries);
}

/* Bin "member" of a query at "place": the mean of its lists, and all hits. */
static void
observe_bin(const Observer *observer, const IvfProbes *probes,
			const IvfPlace *place, uint32 *const *hits, uint32 group,
			uint32 member, uint32 begin, uint32 end)
{
	double mean[IVF_SHARES_FEATURES] = {0};
	double counts[lengthof(depths)] = {0};
	double weight = 0;
	double rows = 0;

	for (uint32 rank = begin; rank < end; rank++)
	{
		const IvfProbe *probe = ivf_nth_probe(probes, rank);
		double features[IVF_SHARES_FEATURES];

		ivf_share_features(place, ivf_nth_probe(probes, 0), probe, features);
		for (int i = 0; i < IVF_SHARES_FEATURES; i++)
			mean[i] += features[i] / (end - begin);
		weight += ivf_share_weight(probe);
		rows += observer->lists[probe->slot].rows;
		for (int d = 0; d < (int) lengthof(depths); d++)
			counts[d] += hits[d][probe->slot];
	}
	vdb_choice_observe(observer->choice, group, member, mean, weight, rows,
					   counts);
}

/* What the scan sees of one query: a group of observations, a bin each. */
static void
observe_query(const Observer *observer, const IvfProbes *probes, uint32 group,
			  const IvfNeighbours *neighbours)
{
	const IvfBuild *build = observer->build;
	VdbChoice *choice = observer->choice;
	IvfPlace place =
		ivf_query_place(&observer->queries->measure, ivf_nth_probe(probes, 0));
	uint32 *hits[lengthof(depths)];
	double found[lengthof(depths)];
	uint32 *rank = palloc(build->lists * sizeof(uint32));
	uint32 member = 0;

	for (uint32 i = 0; i < build->lists; i++)
		rank[ivf_nth_probe(probes, i)->slot] = i;
	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		hits[d] = palloc0(build->lists * sizeof(uint32));
		found[d] = choice->counts[d];
		if (has_depth(observer, group, &depths[d]))
			found[d] += count_hits(neighbours, &depths[d], rank, hits[d]);
	}
	for (uint32 begin = 0, end; member < choice->members; begin = end, member++)
	{
		end = bin_end(begin, build->lists);
		observe_bin(observer, probes, &place, hits, group, member, begin, end);
	}
	choice->bonus[group] = ivf_place_bonus(&place);
	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		/* What lies in lists that are farther away is to be found as well. */
		choice->counts[d] = found[d];
		pfree(hits[d]);
	}
	pfree(rank);
}

Size
ivf_observation_bytes(uint32 lists)
{
	return count_bins(lists) *
		   vdb_choice_size(IVF_SHARES_FEATURES, lengthof(depths));
}

Size
ivf_observation_memory(void)
{
	return ivf_build_memory() / 4;
}

static void
prepare(const Observer *observer)
{
	const IvfBuild *build = observer->build;
	Size size = vdb_choice_size(IVF_SHARES_FEATURES, lengthof(depths));
	Size all = observer->queries->count;
	Size members =
		Min(count_bins(build->lists),
			Max(ivf_observation_memory() / size / all, SINGLE_RANKS));

	members = Min(members, build->lists);
	*observer->choice = (VdbChoice){
		.features = IVF_SHARES_FEATURES,
		.outcomes = lengthof(depths),
		.groups = all,
		.members = members,
		.observations = palloc_extended(all * members * size, MCXT_ALLOC_HUGE),
		.bonus = palloc(all * sizeof(double)),
		.interrupt = check_interrupts};
}

/* The lists as query number i sees them, the first "wanted" in order. */
static void
see_lists(const IvfBuild *build, IvfQuery *query, uint32 i, uint32 wanted,
		  IvfProbes *probes)
{
	Size padded = build->state->meta.padded;

	CHECK_FOR_INTERRUPTS();
	ivf_query_set(query, build->query_rows + i * padded);
	ivf_tree_probes(build->index, query, NULL, build->lists, probes);
	ivf_probes_sort(probes, wanted);
}

void
ivf_observe(const IvfBuild *build, const IvfQueries *queries,
			const IvfNeighbours *neighbours, const IvfWritten *lists,
			VdbChoice *choice)
{
	Observer observer = {build, lists, queries, choice};
	IvfProbes probes = {0};
	IvfQuery query;

	prepare(&observer);
	ivf_query_init(&query, build->state);
	for (uint32 i = 0; i < queries->count; i++)
	{
		uint32 number = queries->numbers[i];

		see_lists(build, &query, number, build->lists, &probes);
		observe_query(&observer, &probes, i, &neighbours[number]);
	}
}

VdbNear *
ivf_see_nearest(const IvfBuild *build)
{
	VdbNear *nearest = palloc(build->queries * sizeof(VdbNear));
	IvfProbes probes = {0};
	IvfQuery query;

	ivf_query_init(&query, build->state);
	for (uint32 i = 0; i < build->queries; i++)
	{
		see_lists(build, &query, i, 1, &probes);
		nearest[i] = ivf_nth_probe(&probes, 0)->near;
	}
	return nearest;
}
