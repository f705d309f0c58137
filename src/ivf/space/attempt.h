/*
 * attempt.h: work in a subtransaction, that may end with an error and nothing
 * else with it, or that is rolled back.
 *
 * Both run as what is current, in the current memory context, and are not for a
 * process whose parallel workers run.
 */
#ifndef VECDB_IVF_SPACE_ATTEMPT_H
#define VECDB_IVF_SPACE_ATTEMPT_H

#include "compat.h"

/*
 * Do some work.  Returns NULL where it got to its end, or a copy of the error
 * that it ended with, in the current context.  That it was cancelled is raised
 * again.
 */
extern ErrorData *ivf_attempt(void (*work)(void *arg), void *arg);

/*
 * Do some work, and have no lock of it any more, here or on a standby.  Errors
 * are raised again.
 */
extern void ivf_undone(void (*work)(void *arg), void *arg);

#endif /* VECDB_IVF_SPACE_ATTEMPT_H */
