/*
 * radius.h: conditions on a distance, as conditions of an index.
 */
#ifndef VECDB_IVF_RADIUS_H
#define VECDB_IVF_RADIUS_H

#include "compat.h"

/*
 * Have the planner consider indexes for "column <-> q < r" and what comes to
 * the same.  Once in a process.
 */
extern void ivf_radius_init(void);

#endif /* VECDB_IVF_RADIUS_H */
