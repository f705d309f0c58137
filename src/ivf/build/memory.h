/*
 * memory.h: what a build may take.
 *
 * All processes together stay within maintenance_work_mem.  Training has it for
 * itself.  In the assignment, sorts have a half of it, batches of rows and
 * windows on the centroids an eighth each, calibration the rest.
 */
#ifndef VECDB_IVF_BUILD_MEMORY_H
#define VECDB_IVF_BUILD_MEMORY_H

#include "compat.h"

/* Bytes of maintenance_work_mem, or of what autovacuum has in its place. */
extern Size ivf_build_memory(void);

/* The name of that setting, for messages. */
extern const char *ivf_build_memory_setting(void);

/* The level of one for who waits; of autovacuum nobody does but the log. */
extern int ivf_build_notice(void);

/* One of so many equal parts of it in kilobytes, as sorts are told. */
extern int ivf_sort_memory(int parts);

/*
 * Bytes of temporary files that a sort of so many tuples makes, of so many
 * bytes each there, with so many kilobytes of memory: 0 where they fit it.
 */
extern double ivf_sort_files(double tuples, Size bytes, int memory_kb);

#endif /* VECDB_IVF_BUILD_MEMORY_H */
