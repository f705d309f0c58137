/*
 * team.h: k-means in several processes.
 */
#ifndef VECDB_IVF_BUILD_TEAM_H
#define VECDB_IVF_BUILD_TEAM_H

#include "compat.h"

#include "math/kmeans.h"
#include "math/nearest.h"

/* Processes that train together, or one alone (team.c). */
typedef struct IvfTeam IvfTeam;

/*
 * A team with memory for a sample and the work on it.  Its workers, if it can
 * have any, start now.
 */
extern IvfTeam *ivf_team_begin(int workers, uint32 lists, uint32 dim,
							   Size rows);

/* The sample's rows, to be filled in. */
extern VdbRow *ivf_team_rows(IvfTeam *team);

/* Run the task, whose rows and memory the team sets, and let it report. */
extern uint32 ivf_team_kmeans(IvfTeam *team, VdbKmeans *task);

/* Free all memory of the team and let the workers go. */
extern void ivf_team_end(IvfTeam *team);

#endif /* VECDB_IVF_BUILD_TEAM_H */
