/*
 * settings.h: settings of a session that say how it searches.
 */
#ifndef VECDB_IVF_SPACE_SETTINGS_H
#define VECDB_IVF_SPACE_SETTINGS_H

#include "compat.h"

typedef enum IvfIterative
{
	IVF_ITERATIVE_OFF,
	IVF_ITERATIVE_RELAXED,
	IVF_ITERATIVE_STRICT,
} IvfIterative;

/*
 * The settings as a scan takes them over when its first row is asked for, and
 * the planner for an estimate: nobody else looks at the variables.  Each method
 * has settings of its own that come to these figures (method.h).
 */
typedef struct IvfSettings
{
	uint32 probes;		  /* lists at first; 0: automatic */
	double target_recall; /* of automatic ones, in (0, 1] */
	double effort;		/* which sets it, if above 0: the share of the rows that
						 * are looked at, times their number's root */
	uint32 least_codes; /* in automatic ones, as far as there are so many */
	IvfIterative iterative_scan;
	uint32 max_probes;	 /* lists in all, unless "probes" are more */
	uint64 most_rows;	 /* returned, unless it goes on with further lists */
	uint64 most_fetches; /* then no further lists */
	Size memory;		 /* for candidates, and for answers that wait */
} IvfSettings;

extern IvfSettings ivf_ivfflat_settings(void);
extern IvfSettings ivf_hnsw_settings(void);

/*
 * May no row come after a farther one?  Then one that turns out to be nearer
 * too late is left out.
 */
static inline bool
ivf_scan_sorted(const IvfSettings *settings)
{
	return settings->iterative_scan != IVF_ITERATIVE_RELAXED;
}

/*
 * May more lists be probed than for the usual number of answers?  Not where the
 * scan ends with them; but where it ends with a number of rows.
 */
static inline bool
ivf_scan_goes_on(const IvfSettings *settings)
{
	return settings->iterative_scan != IVF_ITERATIVE_OFF ||
		   settings->most_rows != PG_UINT64_MAX;
}

/* Define the settings. */
extern void ivf_settings_init(void);

#endif /* VECDB_IVF_SPACE_SETTINGS_H */
