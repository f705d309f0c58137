/*
 * report.h: what a scan did.
 *
 * Each scan counts for itself.  The session remembers the report of the scan
 * that was asked for a row last, as it was when that row was returned.
 */
#ifndef VECDB_IVF_SCAN_REPORT_H
#define VECDB_IVF_SCAN_REPORT_H

#include "compat.h"

#include "postgres_ext.h"

typedef enum IvfStop
{
	IVF_STOP_CALLER,   /* nobody asked for more rows */
	IVF_STOP_SETTINGS, /* they allowed no further lists or rows */
	IVF_STOP_END,	   /* every row was returned */
	IVF_STOP_RADIUS,   /* what is left is beyond the radius */
} IvfStop;

/* Why lists came into a scan. */
typedef enum IvfReason
{
	IVF_FOR_FIRST,	   /* it began */
	IVF_FOR_ANSWERS,   /* so many answers ask for them */
	IVF_FOR_EXHAUSTED, /* nothing was left of those before */
	IVF_REASONS,
} IvfReason;

/* Lists that came for one reason. */
typedef struct IvfAdded
{
	uint32 times;
	uint32 lists;
} IvfAdded;

typedef struct IvfScanReport
{
	Oid index; /* InvalidOid: none yet */
	uint32 lists;
	uint32 first_probes; /* lists of the first batch */
	uint32 probes;		 /* lists of all batches */
	uint32 passes;		 /* over codes; more than one a batch: see queue.h */
	uint64 codes;		 /* estimated, over all passes */
	uint64 fetches;		 /* rows looked at in the heap */
	uint64 invisible;	 /* of them, rows that the snapshot did not see */
	uint64 rows;		 /* returned */
	uint64 late;		 /* nearer than one returned before: returned
						  * after it, or left out where sorted */
	IvfStop stop;
	IvfAdded added[IVF_REASONS];
} IvfScanReport;

/* Remember a copy of the report: by the scan, with each row that it returns. */
extern void ivf_report_publish(const IvfScanReport *report);

/* What was published last; without an index before the session's first scan. */
extern const IvfScanReport *ivf_report_last(void);

#endif /* VECDB_IVF_SCAN_REPORT_H */
