/*
 * nearness_order.h: the arrays of IvfProbes, for nearness.c and
 * nearness_order.c alone.
 */
#ifndef VECDB_IVF_SPACE_NEARNESS_ORDER_H
#define VECDB_IVF_SPACE_NEARNESS_ORDER_H

#include "compat.h"

#include "ivf/space/nearness.h"

/* An array, which may be NULL, with room for so many elements or more. */
extern void *ivf_probes_grow(void *array, uint32 *room, uint32 wanted,
							 Size size);

/* Room for what is known of so many groups of the root. */
extern void ivf_probes_make_room(IvfProbes *probes, uint32 groups);

#endif /* VECDB_IVF_SPACE_NEARNESS_ORDER_H */
