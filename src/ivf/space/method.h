/*
 * method.h: the access methods, which are names for one kind of index: a row
 * for each, of what differs between them.
 *
 * ivfflat and hnsw are what other servers call two kinds of index.  Here both
 * are lists: clients find the options, settings and messages that they know.
 */
#ifndef VECDB_IVF_SPACE_METHOD_H
#define VECDB_IVF_SPACE_METHOD_H

#include "compat.h"

#include "access/amapi.h"
#include "ivf/space/settings.h"
#include "utils/relcache.h"

/* Phases of a build in the progress view; the first one is PostgreSQL's own. */
#define IVF_PHASE_INITIALIZE 1
#define IVF_PHASE_KMEANS 2
#define IVF_PHASE_ASSIGN 3
#define IVF_PHASE_LOAD 4
#define IVF_PHASES 5

typedef struct IvfMethod
{
	const char *name; /* in messages */

	/*
	 * Callbacks that the server calls without saying for which index.  An index
	 * is known by the first one: users may give a method any name.
	 */
	bytea *(*options)(Datum reloptions, bool validate);
	char *(*phase_name)(int64 phase);

	/* The session's settings as they are now. */
	IvfSettings (*settings)(void);
} IvfMethod;

extern const IvfMethod ivf_ivfflat;
extern const IvfMethod ivf_hnsw;

/* The method of an index, or of one that has such callbacks; NULL: not ours. */
extern const IvfMethod *ivf_method(Relation index);
extern const IvfMethod *ivf_method_of(const IndexAmRoutine *routine);

#endif /* VECDB_IVF_SPACE_METHOD_H */
