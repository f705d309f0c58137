/*
 * size.h: whether a relation has a page, mostly without a call of the system.
 *
 * A relation that is locked does not shrink, so a number of pages that it had
 * once is enough for those below it.
 */
#ifndef VECDB_SHORTCUT_SIZE_H
#define VECDB_SHORTCUT_SIZE_H

#include "compat.h"

#include "shortcut/shortcuts.h"
#include "storage/bufmgr.h"
#include "storage/smgr.h"
#include "utils/rel.h"

/*
 * Has the relation, which the caller has locked, this page?  *blocks are so
 * many as it is known to have, at first 0.
 */
static inline bool
vdb_has_page(Relation relation, BlockNumber block, BlockNumber *blocks)
{
	if (block < *blocks)
		return true;
	if (block == InvalidBlockNumber)
		return false;
	if (vdb_shortcut(VDB_SHORTCUT_AHEAD))
		*blocks = vdb_known_blocks(relation);
	if (block >= *blocks)
		*blocks = RelationGetNumberOfBlocks(relation);
	return block < *blocks;
}

#endif /* VECDB_SHORTCUT_SIZE_H */
