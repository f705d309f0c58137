/*
 * watch.h: what the server does while it is measured.
 *
 * A thread looks at pg_stat_activity fifty times a second, by a connection of
 * its own: at who runs a query, and who of these waits for a lightweight lock.
 */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stddef.h>

typedef struct Watch Watch;

/* Begin to look; ends the program where the server cannot be reached. */
extern Watch *watch_begin(const char *conninfo);

/* What was seen. */
typedef struct Watched
{
	size_t active;		  /* sessions that ran a query, over all looks */
	size_t waiting;		  /* of them, for a lightweight lock, */
	char waited_for[256]; /* by names, parted by spaces */
} Watched;

extern Watched watch_end(Watch *watch);

/*
 * Kilobytes that a process of this machine has to itself, without shared memory
 * and files; 0 where the system does not tell.
 */
extern size_t process_kilobytes(int pid);

#endif /* BENCH_WATCH_H */
