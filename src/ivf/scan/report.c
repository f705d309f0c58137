/*
 * report.c: the report that the session remembers; see report.h.
 */
#include "compat.h"

#include "ivf/scan/report.h"

static IvfScanReport last;

void
ivf_report_publish(const IvfScanReport *report)
{
	last = *report;
}

const IvfScanReport *
ivf_report_last(void)
{
	return &last;
}
