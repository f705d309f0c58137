/*
 * unranked.c: see unranked.h.
 *
 * Rows without a distance, and all rows where the query has none.
 */
#include "compat.h"

#include "ivf/scan/conditions.h"
#include "ivf/scan/unranked.h"
#include "utils/memutils.h"

static uint32
select_lanes(void *arg, const IvfGroup *group)
{
	return ivf_conditions_lanes(arg, group);
}

/* Few scans get here, so the stream's memory waits until one does. */
void
ivf_unranked_open(IndexScanDesc desc, BlockNumber head, const IvfLayout *layout,
				  IvfStreamFilter filter)
{
	IvfScan *scan = desc->opaque;

	if (scan->stream == NULL)
		scan->stream = (IvfStream *) TYPEALIGN(
			VDB_LINE,
			MemoryContextAlloc(scan->context, sizeof(IvfStream) + VDB_LINE));
	ivf_stream_open(scan->stream, desc->indexRelation, desc->xs_snapshot, head,
					layout, filter, scan->filter ? select_lanes : NULL, scan);
}

bool
ivf_unranked_next(IndexScanDesc desc, ItemPointer tid)
{
	IvfScan *scan = desc->opaque;

	if (!ivf_stream_next(scan->stream, tid))
		return false;
	ivf_refiner_require_row(scan->refiner, desc->indexRelation,
							ItemPointerGetBlockNumberNoCheck(tid),
							ItemPointerGetOffsetNumberNoCheck(tid));
	return true;
}

/* Of the lists that are not left out, the next one; false: there is none. */
static bool
open_leaf(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	IvfProbes *probes = &scan->probes;
	BlockNumber head;

	if (scan->next_list == probes->count)
		return false;
	ivf_probes_complete(probes);
	head = ivf_probe_at(probes, scan->next_list++).head;
	ivf_tree_require_leaf(desc->indexRelation, head);
	ivf_unranked_open(desc, head, &scan->state->leaf, IVF_STREAM_ALL);
	return true;
}

bool
ivf_unranked_leaf(IndexScanDesc desc, ItemPointer tid)
{
	IvfScan *scan = desc->opaque;

	for (;;)
	{
		if (scan->listing && ivf_unranked_next(desc, tid))
			return true;
		scan->listing = open_leaf(desc);
		if (!scan->listing)
			return false;
	}
}
