/*
 * scan.h: the callbacks that scan an index in order of distance.
 */
#ifndef VECDB_IVF_SCAN_SCAN_H
#define VECDB_IVF_SCAN_SCAN_H

#include "compat.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "ivf/scan/report.h"
#include "utils/relcache.h"

extern IndexScanDesc ivf_scan_begin(Relation index, int nkeys, int norderbys);
extern void ivf_scan_restart(IndexScanDesc scan, ScanKey keys, int nkeys,
							 ScanKey orderbys, int norderbys);
extern bool ivf_scan_next(IndexScanDesc scan, ScanDirection direction);
extern void ivf_scan_end(IndexScanDesc scan);

/* What the scan did since it was started the last time. */
extern const IvfScanReport *ivf_scan_report(IndexScanDesc scan);

#endif /* VECDB_IVF_SCAN_SCAN_H */
