/*
 * nearness.h: how near all lists are to a query.
 *
 * Of very many lists few are probed, so of each no more is kept than its
 * distance and what lies beside it in the root, a group at a time.  Where there
 * are many, those within a limit alone are looked at one by one, until more are
 * wanted; and those that are sorted, the nearest ones, become an IvfProbe each.
 *
 * Where coarse codes of all lists are there (coarse.h), groups of the root that
 * have none which may be within the limit are not read until then: their lists
 * are unseen, and have a rough distance alone.
 */
#ifndef VECDB_IVF_SPACE_NEARNESS_H
#define VECDB_IVF_SPACE_NEARNESS_H

#include "compat.h"

#include <math.h>

#include "ivf/disk/list.h"
#include "ivf/space/coarse.h"
#include "ivf/space/query.h"
#include "math/least.h"

/* A group of the root as it was seen, without distances. */
typedef struct IvfSeen
{
	float norm2[VDB_GROUP];
	IvfSlot slot[VDB_GROUP];
} IvfSeen;

/*
 * Of a depth of the rule, sums over lists of their sizes by their densities,
 * which space/shares.c keeps while a scan under a filter goes on.
 */
typedef struct IvfShareSums
{
	double left_out; /* of those that are left out; < 0: not known */
	uint32 read;	 /* so many lists, from the nearest on, were read: */
	double all;		 /* theirs, */
	double passed;	 /* and of the rows that passed */
	uint32 begin;	 /* those from here on, if so many are sorted: ... */
	uint32 sorted;
	double others; /* theirs; < 0: not known */
} IvfShareSums;

/*
 * All leaf lists as a query sees them.  Zeros are an empty one.  Of those that
 * a filter leaves out, only every so many is there, which stands for others.
 */
typedef struct IvfProbes
{
	Relation index;
	const IvfQuery *query;
	bool unseen;	   /* lists may be, all of which have coarse codes */
	float coarse_gain; /* mean of these */
	IvfSeen *seen;	   /* the root's groups */
	float *distance;   /* of the root's slots */
	float *gap2;	   /* the same, which may be "distance" */
	uint16 *passing;   /* of each group, the mask of lists not left out; 0 while
						* they are unseen */
	uint64 *order;	   /* lists that are not left out, by vdb_least_key() of
						* distance and slot: those within the limit, or all */
	IvfProbe *lists;   /* those that are sorted, in their order */
	IvfProbe *left;	   /* some of those that are left out */
	uint32 groups;
	uint32 room; /* for groups */
	uint32 order_room;
	uint32 lists_room;
	uint32 left_room;
	uint32 left_count;
	uint32 count;	  /* lists that are not left out */
	uint32 all;		  /* that there are */
	uint32 within;	  /* entries of "order": no more than "count" */
	uint32 sorted;	  /* of these, in their places */
	uint32 left_step; /* one for so many that are left out */
	uint32 near;	  /* by coarse codes: to be looked for next */
	float limit;	  /* INFINITY: all are within; NaN: none is yet */
	uint64 left_key;  /* of the nearest that is left out; or PG_UINT64_MAX */
	IvfProbe nearest; /* of all */
	float rate;		  /* of rows that pass, in lists of which no more is known;
					   * 0: none was read, or there is no filter */
	float even;		  /* 1 where lists differ in that by chance, else less */
	IvfShareSums sums[IVF_DEPTHS];
	uint32 asked[IVF_DEPTHS]; /* lists that a depth of the rule asks for, by the
							   * target of a scan; 0: not known */
} IvfProbes;

/*
 * Begin with no list.  Arrays are palloc'd, or repalloc'd where there is too
 * little room.  Index and query stay as long as the lists are asked for.
 */
extern void ivf_probes_reset(IvfProbes *probes, Relation index,
							 const IvfQuery *query);

/*
 * Add all lists, of which the nearest "near" ones, about, are seen, and more
 * where they are wanted.  False, with none added, where most would be.
 */
extern bool ivf_probes_foresee(IvfProbes *probes, const IvfCoarse *coarse,
							   uint32 near);

/*
 * Add the next group of the root, or one whose lists are unseen, with its
 * products with the query.  Lanes that do not pass are left out: none, if lists
 * are unseen.
 */
extern void ivf_probes_add(IvfProbes *probes, const IvfGroup *group,
						   uint32 passing);

/* Add the only list, whose centroid is zero. */
extern void ivf_probes_add_only(IvfProbes *probes);

/* All lists were added, one by one or in groups. */
extern void ivf_probes_added(IvfProbes *probes);

/* See to it that all lists that are not left out have a place in "order". */
extern void ivf_probes_complete(IvfProbes *probes);

/* See to it that the nearest n <= count of the lists are sorted. */
extern void ivf_probes_sort(IvfProbes *probes, uint32 n);

/* The list in a slot of the root. */
static inline IvfProbe
ivf_probe_of(const IvfProbes *probes, uint32 slot)
{
	const IvfSeen *seen = &probes->seen[slot / VDB_GROUP];
	uint32 lane = slot % VDB_GROUP;

	return (IvfProbe){
		.near = {probes->distance[slot], probes->gap2[slot], seen->norm2[lane]},
		.head = ItemPointerGetBlockNumberNoCheck(&seen->slot[lane].tid),
		.slot = slot,
		.pages = seen->slot[lane].detail,
		.passed = IVF_PASSED_UNKNOWN};
}

/* A list by its place in "order", where it may not stay. */
static inline IvfProbe
ivf_probe_at(const IvfProbes *probes, uint32 place)
{
	Assert(place < probes->within);
	return ivf_probe_of(probes, (uint32) probes->order[place]);
}

/* Is there a list in a slot that is not left out? */
static inline bool
ivf_probe_passes(const IvfProbes *probes, uint32 slot)
{
	return probes->passing[slot / VDB_GROUP] >> slot % VDB_GROUP & 1;
}

/* Is there one that is unseen? */
static inline bool
ivf_probe_unseen(const IvfProbes *probes, uint32 slot)
{
	return probes->unseen && probes->passing[slot / VDB_GROUP] == 0 &&
		   probes->distance[slot] < INFINITY;
}

/* Is there a list that is not left out, but is not within the limit either? */
static inline bool
ivf_probe_beyond(const IvfProbes *probes, uint32 slot)
{
	return ivf_probe_passes(probes, slot) &&
		   !(probes->distance[slot] <= probes->limit);
}

/* The list of a rank, from 0, that has been sorted. */
static inline const IvfProbe *
ivf_nth_probe(const IvfProbes *probes, uint32 rank)
{
	Assert(rank < probes->sorted);
	return &probes->lists[rank];
}

/* Of the list of a rank, which was read, such a share passed the filter. */
static inline void
ivf_probes_passed(IvfProbes *probes, uint32 rank, float passed)
{
	Assert(rank < probes->sorted);
	probes->lists[rank].passed = passed;
}

#endif /* VECDB_IVF_SPACE_NEARNESS_H */
