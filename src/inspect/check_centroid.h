/*
 * check_centroid.h: the mean that everything in an index rests on, and the leaf
 * lists with their centroids, as the root has them.
 */
#ifndef VECDB_INSPECT_CHECK_CENTROID_H
#define VECDB_INSPECT_CHECK_CENTROID_H

#include "inspect/check_entry.h"

/*
 * The mean, which is floats without groups, and check->state, where nothing has
 * been found so far.
 */
extern void ivf_check_mean(IvfCheck *check);

/*
 * Those centroids that fit into half of maintenance_work_mem stay in
 * check->centroids, if the table's rows are to be compared (I11).
 */
extern void ivf_check_allocate_centroids(IvfCheck *check);

/*
 * One more leaf list, in check->children: it begins at block "head", by a slot
 * of the root on "block".
 */
extern void ivf_check_add_child(IvfCheck *check, BlockNumber head,
								BlockNumber block, uint32 slot,
								bool centroid_sound);

/* A live entry of the root, in slot number "slot": a leaf list more. */
extern void ivf_check_centroid(const IvfEntryCheck *of, BlockNumber block,
							   int64 slot);

#endif /* VECDB_INSPECT_CHECK_CENTROID_H */
