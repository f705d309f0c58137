/*
 * nearness.h: how near all lists are to a query.
 *
 * Of very many lists few are probed, so of each no more is kept than its
 * distance and what lies beside it in the root, a group at a time; the lists
 * that are sorted, the nearest ones, become an IvfProbe each.
 */
#ifndef VECDB_IVF_SPACE_NEARNESS_H
#define VECDB_IVF_SPACE_NEARNESS_H

#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/space/query.h"
#include "math/least.h"

/* A group of the root as it was seen. */
typedef struct IvfSeen
{
	float gap2[VDB_GROUP];
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
	IvfSeen *seen;	 /* the root's groups */
	uint64 *order;	 /* lists that are not left out, by vdb_least_key() of
					  * distance and slot */
	IvfProbe *lists; /* those that are sorted, in their order */
	IvfProbe *left;	 /* some of those that are left out */
	uint32 seen_room;
	uint32 lists_room;
	uint32 left_room;
	uint32 left_count;
	uint32 count;	  /* lists that are not left out */
	uint32 all;		  /* that there are */
	uint32 sorted;	  /* entries of "order" that are in their places */
	uint32 left_step; /* one for so many that are left out */
	IvfProbe nearest; /* of all */
	float rate;		  /* of rows that pass, in lists of which no more is known;
					   * 0: none was read, or there is no filter */
	float even;		  /* 1 where lists differ in that by chance, else less */
	IvfShareSums sums[IVF_DEPTHS];
	uint32 asked[IVF_DEPTHS]; /* lists that a depth of the rule asks for, by the
							   * target of a scan; 0: not known */
} IvfProbes;

/*
 * Begin with no list, of about so many to come.  Arrays are palloc'd, or
 * repalloc'd where there is too little room.
 */
extern void ivf_probes_reset(IvfProbes *probes, uint32 lists);

/*
 * Add a group of the root, whose products with the query are known.  Lanes that
 * do not pass are left out.  Returns the greatest first block of its lists.
 */
extern BlockNumber ivf_probes_add(IvfProbes *probes, const IvfQuery *query,
								  const IvfGroup *group, uint32 passing);

/* Add the only list, whose centroid is zero. */
extern void ivf_probes_add_only(IvfProbes *probes, const IvfQuery *query);

/* See to it that the nearest n of the lists are sorted. */
extern void ivf_probes_sort(IvfProbes *probes, uint32 n);

/* A list by its place in "order", where it may not stay. */
static inline IvfProbe
ivf_probe_at(const IvfProbes *probes, uint32 place)
{
	uint64 key = probes->order[place];
	uint32 slot = (uint32) key;
	const IvfSeen *seen = &probes->seen[slot / VDB_GROUP];
	uint32 lane = slot % VDB_GROUP;

	return (IvfProbe){
		.near = {vdb_least_distance(key), seen->gap2[lane], seen->norm2[lane]},
		.head = ItemPointerGetBlockNumberNoCheck(&seen->slot[lane].tid),
		.slot = slot,
		.pages = seen->slot[lane].detail,
		.passed = IVF_PASSED_UNKNOWN};
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
