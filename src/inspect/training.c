/*
 * training.c: whether an index serves its rows still.
 */
#include "compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/distributed.h"
#include "inspect/inspect.h"
#include "ivf/renew/renew.h"
#include "ivf/space/index.h"
#include "ivf/space/options.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#define COLUMNS 13

/* Why the index will be trained again, or NULL. */
static void
put_due(IvfRenewalReason reason, Datum *value, bool *isnull)
{
	*isnull = reason == IVF_KEEP;
	if (!*isnull)
		*value = CStringGetTextDatum(ivf_renewal_reason_text(reason));
}

/* A ratio, or NULL where it is not known. */
static void
put_ratio(double ratio, Datum *value, bool *isnull)
{
	*isnull = !(ratio > 0);
	*value = Float8GetDatum(ratio);
}

/*
 * vecdb_index_training(index regclass) returns (lists integer,
 * trained_rows bigint, rows bigint, added_rows bigint, autotrain boolean,
 * due text, due_by_hand text, trees bigint, litter boolean, fit float8,
 * imbalance float8, inserted_rows bigint, recoded_rows bigint)
 */
PG_FUNCTION_INFO_V1(vecdb_index_training);
Datum
vecdb_index_training(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor = ivf_inspect_row(fcinfo);
	Datum values[COLUMNS];
	bool nulls[COLUMNS] = {false};
	IvfRenewal renewal;
	IvfMetaPage meta;
	Relation heap;
	Relation index;

	Assert(descriptor->natts == COLUMNS);
	ivf_inspect_require_statistics(PG_GETARG_OID(0));
	ivf_inspect_open(PG_GETARG_OID(0), AccessShareLock, &heap, &index);
	ivf_distributed_tell(WARNING, heap, index, "vecdb_index_training");
	ivf_meta_read(index, &meta);
	ivf_renewal_judge(index, &renewal);
	put_due(renewal.reason, &values[5], &nulls[5]);
	put_due(renewal.by_hand, &values[6], &nulls[6]);

	values[0] = Int32GetDatum(meta.lists);
	values[1] = Int64GetDatum(rint(meta.trained_rows));
	values[2] = Int64GetDatum(renewal.rows);
	values[3] = Int64GetDatum(renewal.added);
	values[4] = BoolGetDatum(ivf_option_autotrain(index));
	values[7] = Int64GetDatum((int64) meta.trees.begun + 1);
	values[8] = BoolGetDatum(meta.trees.litter != 0);
	put_ratio(renewal.fit, &values[9], &nulls[9]);
	put_ratio(renewal.imbalance, &values[10], &nulls[10]);
	values[11] = Int64GetDatum(rint(renewal.inserted));
	values[12] = Int64GetDatum(rint(renewal.recoded));

	relation_close(index, AccessShareLock);
	table_close(heap, AccessShareLock);
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}
