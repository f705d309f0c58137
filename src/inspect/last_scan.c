/*
 * last_scan.c: vecdb_last_scan(), which tells what the scan of an ivfflat index
 * that was asked for a row last in this session did, and why it ended.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/distributed.h"
#include "inspect/inspect.h"
#include "ivf/scan/report.h"
#include "utils/builtins.h"

#define COLUMNS 11

static const char *const stop_names[] = {
	[IVF_STOP_CALLER] = "caller",
	[IVF_STOP_SETTINGS] = "probes",
	[IVF_STOP_END] = "end",
	[IVF_STOP_RADIUS] = "radius",
};

/*
 * vecdb_last_scan() returns (index regclass, lists integer,
 * first_probes integer, probes integer, codes bigint, fetches bigint,
 * invisible bigint, rows bigint, late bigint, passes integer, stop text)
 */
PG_FUNCTION_INFO_V1(vecdb_last_scan);
Datum
vecdb_last_scan(PG_FUNCTION_ARGS)
{
	const IvfScanReport *scan = ivf_report_last();
	TupleDesc descriptor = ivf_inspect_row(fcinfo);
	Datum values[COLUMNS] = {0};
	bool nulls[COLUMNS];

	if (!OidIsValid(scan->index))
		ivf_distributed_tell_of_scans();
	memset(nulls, !OidIsValid(scan->index), sizeof(nulls));
	if (OidIsValid(scan->index))
	{
		int i = 0;

		values[i++] = ObjectIdGetDatum(scan->index);
		values[i++] = Int32GetDatum(scan->lists);
		values[i++] = Int32GetDatum(scan->first_probes);
		values[i++] = Int32GetDatum(scan->probes);
		values[i++] = Int64GetDatum(scan->codes);
		values[i++] = Int64GetDatum(scan->fetches);
		values[i++] = Int64GetDatum(scan->invisible);
		values[i++] = Int64GetDatum(scan->rows);
		values[i++] = Int64GetDatum(scan->late);
		values[i++] = Int32GetDatum(scan->passes);
		values[i++] = CStringGetTextDatum(stop_names[scan->stop]);
		Assert(i == COLUMNS);
	}
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}

static const char *const reason_names[IVF_REASONS] = {
	[IVF_FOR_FIRST] = "first",
	[IVF_FOR_ANSWERS] = "answers",
	[IVF_FOR_EXHAUSTED] = "exhausted",
};

/*
 * vecdb_last_scan_lists() returns setof (reason text, times integer,
 * lists integer)
 */
PG_FUNCTION_INFO_V1(vecdb_last_scan_lists);
Datum
vecdb_last_scan_lists(PG_FUNCTION_ARGS)
{
	const IvfScanReport *scan = ivf_report_last();
	TupleDesc descriptor;
	Tuplestorestate *result = ivf_inspect_rows(fcinfo, &descriptor);

	for (int i = 0; i < IVF_REASONS; i++)
	{
		const IvfAdded *added = &scan->added[i];
		bool nulls[3] = {false};
		Datum values[3];

		if (!OidIsValid(scan->index) || added->times == 0)
			continue;
		values[0] = CStringGetTextDatum(reason_names[i]);
		values[1] = Int32GetDatum(added->times);
		values[2] = Int32GetDatum(added->lists);
		tuplestore_putvalues(result, descriptor, values, nulls);
	}
	PG_RETURN_VOID();
}
