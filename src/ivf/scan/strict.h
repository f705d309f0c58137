/*
 * strict.h: going on with further lists without a row after a farther one.
 */
#ifndef VECDB_IVF_SCAN_STRICT_H
#define VECDB_IVF_SCAN_STRICT_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Nothing was returned. */
extern void ivf_strict_reset(IvfScan *scan);

/*
 * Should further lists be read before this answer, which is the next one, is
 * returned?  Never where there are none.
 */
extern bool ivf_strict_outrun(IvfScan *scan, const VdbCandidate *answer);

/*
 * How many lists the next batch reads, of "limit" at most, after one that read
 * "done"; and have what was returned known when it comes again.
 */
extern uint32 ivf_strict_next_batch(IvfScan *scan, uint32 done, uint32 limit);

/* Does an answer come again, or too late?  Either is counted. */
extern bool ivf_strict_passed(IvfScan *scan, const VdbCandidate *answer);

/* An answer is returned. */
extern void ivf_strict_returned(IvfScan *scan, const VdbCandidate *answer);

/* Rows that came too late since the scan began. */
extern uint64 ivf_strict_late(const IvfScan *scan);

#endif /* VECDB_IVF_SCAN_STRICT_H */
