/*
 * attempt.h: work that a value which cannot be read may end.
 */
#ifndef VECDB_IVF_SPACE_ATTEMPT_H
#define VECDB_IVF_SPACE_ATTEMPT_H

#include "compat.h"

/*
 * Do some work in a subtransaction of its own.  Returns NULL where it got to
 * its end, or a copy of the error that it ended with, in the current context,
 * as which the work runs.  Errors that say nothing of what was worked on, as
 * when it was cancelled or memory is full, are raised again.  Not for a process
 * whose parallel workers run.
 */
extern ErrorData *ivf_attempt(void (*work)(void *arg), void *arg);

#endif /* VECDB_IVF_SPACE_ATTEMPT_H */
