/*
 * settings.h: settings of a session that say how it searches.
 */
#ifndef VECDB_IVF_SCAN_SETTINGS_H
#define VECDB_IVF_SCAN_SETTINGS_H

#include "compat.h"

typedef enum IvfIterative
{
	IVF_ITERATIVE_OFF,
	IVF_ITERATIVE_RELAXED,
} IvfIterative;

/*
 * The settings as a scan takes them over when its first row is asked for, and
 * the planner for an estimate: nobody else looks at the variables.
 */
typedef struct IvfSettings
{
	uint32 probes;				 /* ivfflat.probes; 0: automatic */
	double target_recall;		 /* ivfflat.target_recall */
	IvfIterative iterative_scan; /* ivfflat.iterative_scan */
	uint32 max_probes;			 /* ivfflat.max_probes */
} IvfSettings;

extern IvfSettings ivf_settings(void);

/*
 * Where a scan does not go on with further lists, no row may come after a
 * farther one: a row that turns out to be nearer too late is left out.
 */
static inline bool
ivf_scan_sorted(const IvfSettings *settings)
{
	return settings->iterative_scan == IVF_ITERATIVE_OFF;
}

/* Define the settings. */
extern void ivf_settings_init(void);

#endif /* VECDB_IVF_SCAN_SETTINGS_H */
