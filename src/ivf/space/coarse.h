/*
 * coarse.h: what this process remembers of roots with very many lists.
 *
 * A search looks at coarse codes of all lists first (math/coarse.h), and reads
 * those groups of the root that have one which may be near.  The codes are made
 * from the root by a process that searches it often, and are its own: a
 * quarter of the bytes that the root's have.
 */
#ifndef VECDB_IVF_SPACE_COARSE_H
#define VECDB_IVF_SPACE_COARSE_H

#include "compat.h"

#include "ivf/space/index.h"

/* Lists from which on it pays. */
#define IVF_COARSE_LEAST 4096

typedef struct IvfCoarse
{
	const uint8 *groups; /* of the root, coarse */
	uint32 ngroups;
	float gain; /* mean */
} IvfCoarse;

/*
 * That of the index, whose root has lists, one in each of its slots; or NULL:
 * it was not searched often, its codes take too much memory, or they did not
 * help.  What is pointed to stays until the next call, which may have other
 * codes there.
 */
extern const IvfCoarse *ivf_coarse_find(Relation index, const IvfState *state);

/*
 * A search that began with it, perhaps long ago, had to read all of the root.
 */
extern void ivf_coarse_in_vain(Relation index, const IvfState *state);

#endif /* VECDB_IVF_SPACE_COARSE_H */
