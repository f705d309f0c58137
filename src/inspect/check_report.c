/*
 * check_report.c: findings, as rows of the result.
 */
#include "compat.h"

#include "inspect/check_report.h"
#include "utils/builtins.h"

static void
put_finding(IvfCheck *check, IvfInvariant invariant, BlockNumber block,
			int64 slot, const char *text)
{
	Datum values[4];
	bool nulls[4] = {false};

	values[0] = Int32GetDatum(invariant);
	values[1] = Int64GetDatum(block);
	nulls[1] = block == InvalidBlockNumber;
	values[2] = Int64GetDatum(slot);
	nulls[2] = slot < 0;
	values[3] = CStringGetTextDatum(text);
	tuplestore_putvalues(check->result, check->descriptor, values, nulls);
	pfree(DatumGetPointer(values[3]));
}

void
ivf_check_found(IvfCheck *check, IvfInvariant invariant, BlockNumber block,
				int64 slot, const char *format, ...)
{
	char text[512];
	va_list args;

	if (ivf_check_full(check))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_finding(check, invariant, block, slot, text);
	check->findings++;
}

void
ivf_check_report_end(IvfCheck *check)
{
	if (ivf_check_full(check))
		put_finding(check, 0, InvalidBlockNumber, IVF_CHECK_NO_SLOT,
					"there may be more: the check ended here");
}
