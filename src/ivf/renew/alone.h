/*
 * alone.h: a moment in which nobody else has an index open.
 */
#ifndef VECDB_IVF_RENEW_ALONE_H
#define VECDB_IVF_RENEW_ALONE_H

#include "compat.h"

#include "utils/relcache.h"

/*
 * Let "work", which may be NULL, be done while nobody else has the index open,
 * here or on a standby; what it changes is not undone by anything.  Returns
 * false, and does nothing, where somebody has, or where workers of this process
 * run.  Afterwards whoever had it open before is gone.
 */
extern bool ivf_alone(Relation index, void (*work)(void *arg), void *arg);

#endif /* VECDB_IVF_RENEW_ALONE_H */
