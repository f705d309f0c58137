/*
 * dimensions.h: how many dimensions an index has, by the catalog.
 */
#ifndef VECDB_IVF_SPACE_DIMENSIONS_H
#define VECDB_IVF_SPACE_DIMENSIONS_H

#include "compat.h"

#include "utils/relcache.h"

/* Of the indexed column or its domain, else of the option; 0: nobody tells. */
extern uint32 ivf_dimensions(Relation index);

/* The same for a build: an error where there are none, too many, or two. */
extern uint32 ivf_dimensions_require(Relation index);

/* Refuse an ALTER TABLE that takes them away, from now on. */
extern void ivf_dimensions_init(void);

#endif /* VECDB_IVF_SPACE_DIMENSIONS_H */
