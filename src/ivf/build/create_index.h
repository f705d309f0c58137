/*
 * create_index.h: the callbacks that build an index.
 */
#ifndef VECDB_IVF_BUILD_CREATE_INDEX_H
#define VECDB_IVF_BUILD_CREATE_INDEX_H

#include "compat.h"

#include "access/genam.h"
#include "nodes/execnodes.h"
#include "utils/relcache.h"

extern IndexBuildResult *ivf_build(Relation heap, Relation index,
								   IndexInfo *info);
extern void ivf_build_empty(Relation index);

#endif /* VECDB_IVF_BUILD_CREATE_INDEX_H */
