/*
 * observe.h: what the calibration's queries see of lists and neighbours, as
 * observations of the model (math/choice.h).
 */
#ifndef VECDB_IVF_BUILD_OBSERVE_H
#define VECDB_IVF_BUILD_OBSERVE_H

#include "compat.h"

#include "ivf/build/match.h"
#include "ivf/disk/writer.h"
#include "ivf/space/shares.h"
#include "math/choice.h"

/* Queries that a rule is learnt from. */
typedef struct IvfQueries
{
	const uint32 *numbers; /* among all of the build's */
	uint32 count;		   /* > 0 */
	IvfMeasure measure;
	double misses; /* for each neighbour that may be missed */
} IvfQueries;

/* How many neighbours outcome d of the model is about, 0 <= d < IVF_DEPTHS. */
extern double ivf_outcome_neighbours(int d);

/*
 * A group for each of the queries, with the lists in the order in which it
 * comes to them; an outcome for each number of neighbours, of which a table
 * with few rows has fewer.  What it points to is in the current context.
 */
extern void ivf_observe(const IvfBuild *build, const IvfQueries *queries,
						const IvfNeighbours *neighbours,
						const IvfWritten *lists, VdbChoice *choice);

/* Bytes that all of what a query sees of so many lists takes. */
extern Size ivf_observation_bytes(uint32 lists);

/* What observations may take: of farther lists there are none beyond it. */
extern Size ivf_observation_memory(void);

/* The list that is nearest to each of the build's queries; palloc'd. */
extern VdbNear *ivf_see_nearest(const IvfBuild *build);

#endif /* VECDB_IVF_BUILD_OBSERVE_H */
