/*
 * probes.h: how many lists a query probes.
 */
#ifndef VECDB_IVF_SCAN_PROBES_H
#define VECDB_IVF_SCAN_PROBES_H

#include "compat.h"

#include "ivf/space/settings.h"
#include "ivf/space/tree.h"

/*
 * How many of so many lists a scan may probe in all: "max_probes" of the
 * settings, or "probes" where these are more.
 */
extern uint32 ivf_probes_most(const IvfSettings *settings, uint32 lists);

/*
 * Sort the lists that a scan for k answers probes at first, and return how many
 * they are: by the settings' "probes", or by calibration and target recall.
 */
extern uint32 ivf_probes_first(const IvfMetaPage *meta,
							   const IvfSettings *settings, double k,
							   IvfProbes *probes);

/*
 * Of lists of which "done" are probed, how many the k-th answer asks for, by
 * the calibration; they are sorted.  Never fewer.
 */
extern uint32 ivf_probes_deeper(const IvfMetaPage *meta,
								const IvfSettings *settings, double k,
								uint32 done, IvfProbes *probes);

/*
 * Of the k nearest rows, the share that passes the scan's filter, by the
 * calibration.
 */
extern double ivf_probes_rate(const IvfMetaPage *meta, IvfProbes *probes,
							  double k);

/* How many answers the calibration, which has points, tells the lists of. */
extern double ivf_probes_deepest(const IvfMetaPage *meta);

/*
 * Standard errors for the bounds of a scan: as the target recall asks for, more
 * where the user says which lists are probed, the most where answers that are
 * late are left out.
 */
extern float ivf_scan_epsilon(const IvfSettings *settings, bool late_left_out);

/* The share of the rows in the lists that k answers ask for, on average. */
extern double ivf_probed_share(const IvfMetaPage *meta,
							   const IvfSettings *settings, double k);

#endif /* VECDB_IVF_SCAN_PROBES_H */
