/*
 * distributed.h: indexes of tables that Citus distributes.  Here, where such a
 * table was made, it is an empty shell: its rows and what is worth knowing of
 * its indexes are in its shards, on the workers.
 */
#ifndef VECDB_INSPECT_DISTRIBUTED_H
#define VECDB_INSPECT_DISTRIBUTED_H

#include "compat.h"

#include "utils/relcache.h"

/*
 * Raise a message of this level, ERROR or WARNING, if the table is a shell,
 * with the statement that calls the function of this name for the index of each
 * shard.
 */
extern void ivf_distributed_tell(int level, Relation heap, Relation index,
								 const char *function);

/* A notice, if this database has a shell: other servers do its scans. */
extern void ivf_distributed_tell_of_scans(void);

#endif /* VECDB_INSPECT_DISTRIBUTED_H */
