/*
 * mixed.h: numbers of many relations as keys of one small table in memory.
 */
#ifndef VECDB_SHORTCUT_MIXED_H
#define VECDB_SHORTCUT_MIXED_H

#include "compat.h"

#include "utils/rel.h"

/*
 * A number (of a block, say) mixed with that of its relation's file:
 * neighbours get neighbouring keys, relations other ones.  Two numbers may get
 * the same key, so what is found by it is only a hint.
 */
static inline uint32
vdb_mixed(Relation relation, uint32 number)
{
	return number + vdb_file_number(relation) * UINT32_C(0x9E3779B1);
}

#endif /* VECDB_SHORTCUT_MIXED_H */
