/*
 * participant.h: a process that takes part in a parallel assignment; private to
 * participant.c and parallel.c.
 */
#ifndef VECDB_IVF_BUILD_PARTICIPANT_H
#define VECDB_IVF_BUILD_PARTICIPANT_H

#include "compat.h"

#include "access/relscan.h"
#include "ivf/build/build.h"
#include "ivf/build/match.h"
#include "ivf/build/progress.h"
#include "storage/condition_variable.h"
#include "storage/spin.h"
#include "utils/tuplesort.h"

/* Of the table of contents. */
#define IVF_KEY_SHARED UINT64CONST(0xB1F0000000000001)
#define IVF_KEY_SORT UINT64CONST(0xB1F0000000000002)
#define IVF_KEY_QUERY_TEXT UINT64CONST(0xB1F0000000000003)
#define IVF_KEY_WAL_USAGE UINT64CONST(0xB1F0000000000004)
#define IVF_KEY_BUFFER_USAGE UINT64CONST(0xB1F0000000000005)
#define IVF_KEY_QUERIES UINT64CONST(0xB1F0000000000006)
#define IVF_KEY_NEIGHBOURS UINT64CONST(0xB1F0000000000007)

typedef struct IvfShared
{
	Oid heap;
	Oid index;
	bool concurrent;
	int participants;
	int memory_kb; /* of each participant's sort */
	uint32 queries;

	IvfSharedProgress progress;
	ConditionVariable done;
	slock_t mutex; /* protects what follows */
	int ndone;
	double heap_rows;
	double index_rows;
	double residuals;
} IvfShared;

/* The parallel scan's state lies behind, aligned. */
static inline ParallelTableScanDesc
ivf_shared_scan(IvfShared *shared)
{
	return (ParallelTableScanDesc) ((char *) shared +
									BUFFERALIGN(sizeof(IvfShared)));
}

/*
 * Take one's share: scan, assign, and sort into a run of the shared sort.  The
 * neighbours are those of this process alone; "progress" is for the leader, who
 * reports it.
 */
extern void ivf_participant_assign(IvfBuild *build, IvfShared *shared,
								   Sharedsort *shared_sort,
								   IvfNeighbours *neighbours, bool progress);

#endif /* VECDB_IVF_BUILD_PARTICIPANT_H */
