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
#include "ivf/space/nearness.h"
#include "ivf/space/query.h"

/* Centroids that the tree holds: none where the root is a leaf. */
static inline uint32
ivf_tree_centroids(const IvfMetaPage *meta)
{
	return meta->height > 0 ? meta->lists : 0;
}

/*
 * Fill in the lists with their distances, none of them sorted, but those that
 * have no row that passes the filter, which may be NULL.  So many of them will
 * be wanted, on average.
 */
extern void ivf_tree_probes(Relation index, const IvfQuery *query,
							const IvfFilter *filter, double wanted,
							IvfProbes *probes);

/* What of the root is read. */
typedef struct IvfRootReading
{
	int bytes;				 /* of each component of the query: 1, or both */
	const Bitmapset *groups; /* or NULL: all; the only ones */
} IvfRootReading;

/* The root's groups with the products of a query.  The root has lists. */
extern void ivf_tree_visit_root(Relation index, const IvfQuery *query,
								const IvfRootReading *root, IvfVisit visit,
								void *arg);

/*
 * The centroid of the list in a slot of the root, as its code stands for it: D
 * floats; zeros for the only list of a root that is a leaf.
 */
extern void ivf_tree_centroid(Relation index, const IvfState *state,
							  uint32 slot, float *centroid);

/*
 * Raise an error unless a leaf list that begins there can lie in the index:
 * reading it gives a puzzling one.
 */
extern void ivf_tree_require_leaf(Relation index, BlockNumber head);

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
