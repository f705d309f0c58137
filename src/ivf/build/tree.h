/*
 * tree.h: a tree of lists, from what training gave to its last page.
 */
#ifndef VECDB_IVF_BUILD_TREE_H
#define VECDB_IVF_BUILD_TREE_H

#include "compat.h"

#include "ivf/build/build.h"

/*
 * Behind training (train.h), write mean and root at build->site: what
 * assignment needs.  The state has them, and its metapage's fields.
 */
extern void ivf_build_root(IvfBuild *build);

/*
 * Assign all rows, write the lists, calibrate.  Adds to build->heap_rows,
 * index_rows and residuals.
 */
extern void ivf_build_lists(IvfBuild *build);

#endif /* VECDB_IVF_BUILD_TREE_H */
