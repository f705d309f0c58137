/*
 * ranges.h: sets of unsigned keys as ranges.
 *
 * A set is an array of ranges in ascending order that neither overlap nor
 * touch; an empty one has none.  Memory is the caller's.
 */
#ifndef VECDB_RANGES_H
#define VECDB_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

/* Make n ranges of any order a set, in place: how many it has. */
extern size_t vdb_ranges_join(VdbRange *ranges, size_t n);

/* What is in both sets: how many ranges, at most na + nb, go to "out". */
extern size_t vdb_ranges_meet(const VdbRange *a, size_t na, const VdbRange *b,
							  size_t nb, VdbRange *out);

/* Is a key of the set from "first" to "last"? */
extern bool vdb_ranges_overlap(const VdbRange *set, size_t n, uint64_t first,
							   uint64_t last);

/*
 * The lanes among "lanes" whose keys are in the set, as keys_in_ranges() of the
 * kernel has it.  Few ranges are compared with all lanes at once, of many each
 * lane's is looked for.
 */
extern uint32_t vdb_ranges_lanes(const VdbRange *set, size_t n,
								 const uint8_t *keys, size_t width,
								 uint32_t lanes);

#endif /* VECDB_RANGES_H */
