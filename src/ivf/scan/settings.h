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

extern int ivf_probes;			 /* ivfflat.probes; 0: automatic */
extern int ivf_iterative_scan;	 /* ivfflat.iterative_scan, IvfIterative */
extern int ivf_max_probes;		 /* ivfflat.max_probes */
extern double ivf_target_recall; /* ivfflat.target_recall */

/* Define the settings. */
extern void ivf_settings_init(void);

#endif /* VECDB_IVF_SCAN_SETTINGS_H */
