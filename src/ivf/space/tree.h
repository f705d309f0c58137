/*
 * tree.h: the way from the root to the leaves.
 *
 * An index is a root list that names leaf lists, each with its centroid; or the
 * root is a leaf itself, which then counts as the one child of a root that is
 * nowhere, with a centroid of zero.  Nobody else asks which of both it is.
 */
#ifndef VECDB_IVF_SPACE_TREE_H
#define VECDB_IVF_SPACE_TREE_H

#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/disk/list_summary.h"
#include "ivf/disk/writer.h"
#include "ivf/space/filter.h"
#include "ivf/space/query.h"

/* Centroids that the tree holds: none where the root is a leaf. */
static inline uint32
ivf_tree_centroids(const IvfMetaPage *meta)
{
	return meta->height > 0 ? meta->lists : 0;
}

/*
 * All leaf lists as a query sees them.  Zeros are an empty one.  Of those that
 * a filter leaves out, only every so many is there, which stands for others.
 */
typedef struct IvfProbes
{
	IvfProbe *lists; /* in the root's order */
	uint64 *order;	 /* by distance, those that are not left out: see
					  * ivf_nth_probe() */
	uint32 held;	 /* entries of "lists" */
	uint32 count;	 /* lists that are not left out */
	uint32 all;		 /* that there are */
	uint32 sorted;	 /* entries of "order" that are in their places */
	uint32 room;
	uint32 left_step; /* one for so many that are left out */
	IvfProbe nearest; /* of all */
	float rate;		  /* of rows that pass, in lists of which no more is known;
					   * 0: none was read, or there is no filter */
	float even;		  /* 1 where lists differ in that by chance, else less */
	double left_out[IVF_DEPTHS]; /* kept by space/shares.c; < 0: not known */
	uint32 asked[IVF_DEPTHS]; /* lists that a depth of the rule asks for, by the
							   * target of a scan; 0: not known */
} IvfProbes;

/*
 * Fill in the lists with their distances, none of them sorted, but those that
 * have no row that passes the filter, which may be NULL.  The arrays are
 * palloc'd, or repalloc'd where there is too little room.
 */
extern void ivf_tree_probes(Relation index, const IvfQuery *query,
							const IvfFilter *filter, IvfProbes *probes);

/* What of the root is read. */
typedef struct IvfRootReading
{
	int bytes;			  /* of each component of the query: 1, or both */
	const uint32 *groups; /* or NULL: all; the only ones, ascending */
	uint32 ngroups;
} IvfRootReading;

/* The root's groups with the products of a query.  The root has lists. */
extern void ivf_tree_visit_root(Relation index, const IvfQuery *query,
								const IvfRootReading *root, IvfVisit visit,
								void *arg);

/* See to it that the nearest n of the lists are sorted. */
extern void ivf_probes_sort(IvfProbes *probes, uint32 n);

/* The list of a rank, from 0, that has been sorted. */
static inline const IvfProbe *
ivf_nth_probe(const IvfProbes *probes, uint32 rank)
{
	Assert(rank < probes->sorted);
	return &probes->lists[(uint32) probes->order[rank]];
}

/* Of the list of a rank, which was read, such a share passed the filter. */
static inline void
ivf_probes_passed(IvfProbes *probes, uint32 rank, float passed)
{
	Assert(rank < probes->sorted);
	probes->lists[(uint32) probes->order[rank]].passed = passed;
}

/*
 * The centroid of the list in a slot of the root, as its code stands for it: D
 * floats; zeros for the only list of a root that is a leaf.
 */
extern void ivf_tree_centroid(Relation index, const IvfState *state,
							  uint32 slot, float *centroid);

/* A leaf list, by its first block and its slot in the root. */
typedef struct IvfLeaf
{
	BlockNumber head;
	uint32 slot;
} IvfLeaf;

/* All of them, palloc'd; returns how many. */
extern uint32 ivf_tree_leaves(Relation index, const IvfState *state,
							  IvfLeaf **leaves);

/* Where the root tells of the leaf in a slot, if there is a root above it. */
extern IvfParent ivf_tree_parent(const IvfState *state, uint32 slot);

/* Building --------------------------------------------------------------- */

/* A root of lists was written; their places are told later. */
extern void ivf_tree_set_root(IvfMetaPage *meta, BlockNumber head);

/* All leaves are written, in the order of the root's slots. */
extern void ivf_tree_set_leaves(IvfSite *site, IvfState *state,
								const IvfWritten *leaves, uint32 count);

#endif /* VECDB_IVF_SPACE_TREE_H */
