/*
 * scan.c: answers in order of distance: a scan's begin, query and end.
 *
 * The scan has to see rows by an MVCC snapshot: then a heap TID that vacuum
 * took away and that now names another row names one that the snapshot cannot
 * see, and no pin is needed between an index page and the heap.
 */
#include "compat.h"

#include "ivf/scan/batch.h"
#include "ivf/scan/conditions.h"
#include "ivf/scan/effort.h"
#include "ivf/scan/probes.h"
#include "ivf/scan/radius.h"
#include "ivf/scan/ranked.h"
#include "ivf/scan/scan.h"
#include "ivf/scan/scan_state.h"
#include "ivf/scan/stages.h"
#include "ivf/space/method.h"
#include "ivf/space/options.h"
#include "ivf/space/vector.h"
#include "math/epsilon.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Begin and end ---------------------------------------------------------- */

static IvfScan *
create_scan(Relation index)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat scan", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	IvfScan *scan = palloc0(sizeof(IvfScan));
	IvfState *state = ivf_index_open(index, context);

	scan->context = context;
	scan->query_context =
		AllocSetContextCreate(context, "ivfflat query", ALLOCSET_SMALL_SIZES);
	scan->state = state;
	scan->normalized = palloc(ivf_view_dim(&state->meta) * sizeof(float));
	scan->projected = palloc(state->meta.padded * sizeof(float));
	if (state->format->verbatim)
		scan->bits = palloc(ivf_bits_size(state));
	ivf_query_init(&scan->query, state);
	MemoryContextSwitchTo(old_context);
	return scan;
}

static void
destroy_scan(IvfScan *scan)
{
	if (scan->refiner)
		ivf_refiner_destroy(scan->refiner);
	MemoryContextDelete(scan->context);
}

/*
 * The scan that begins now, in the tree that is in use now: the snapshot is
 * older, so the tree has all that it sees.  A scan goes on with the tree that
 * it began with.  A new state has just looked for its tree.
 */
static IvfScan *
current_scan(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;

	if (scan->used && !ivf_index_is_current(desc->indexRelation, scan->state))
	{
		const ScanKeyData *orderbys = scan->orderbys;
		IvfDemand *demand = scan->demand;
		MemoryContext old_context =
			MemoryContextSwitchTo(MemoryContextGetParent(scan->context));

		destroy_scan(scan);
		desc->opaque = scan = create_scan(desc->indexRelation);
		scan->orderbys = orderbys;
		scan->demand = demand;
		MemoryContextSwitchTo(old_context);
	}
	scan->used = true;
	return scan;
}

IndexScanDesc
ivf_scan_begin(Relation index, int nkeys, int norderbys)
{
	IndexScanDesc desc = RelationGetIndexScan(index, nkeys, norderbys);

	desc->opaque = create_scan(index);
	return desc;
}

void
ivf_scan_restart(IndexScanDesc desc, ScanKey keys, int nkeys, ScanKey orderbys,
				 int norderbys)
{
	IvfScan *scan = desc->opaque;

	if (keys && desc->numberOfKeys > 0)
		memmove(desc->keyData, keys, desc->numberOfKeys * sizeof(ScanKeyData));
	if (orderbys && desc->numberOfOrderBys > 0)
		memmove(desc->orderByData, orderbys,
				desc->numberOfOrderBys * sizeof(ScanKeyData));

	/* Looked for once: a nested loop restarts its scan for each row. */
	if (orderbys && orderbys != scan->orderbys)
	{
		scan->demand = ivf_demand_of(orderbys);
		scan->orderbys = orderbys;
	}
	scan->started = false;
}

void
ivf_scan_end(IndexScanDesc desc)
{
	destroy_scan(desc->opaque);
	desc->opaque = NULL;
}

const IvfScanReport *
ivf_scan_report(IndexScanDesc desc)
{
	const IvfScan *scan = desc->opaque;

	return &scan->report;
}

/* The query -------------------------------------------------------------- */

/* What rows are near to: by the order, or else by a radius; false: NULL. */
static bool
find_query(IndexScanDesc desc, Datum *value)
{
	ScanKey radius = ivf_radius_key(desc);

	if (desc->numberOfOrderBys == 0)
		return radius && ivf_radius_center(radius, value);
	*value = desc->orderByData[0].sk_argument;
	return !(desc->orderByData[0].sk_flags & SK_ISNULL);
}

/* Take the query over; false where no row has a distance to it. */
static bool
set_query(IvfScan *scan, Datum value)
{
	MemoryContext old_context;
	const float *raw;

	old_context = MemoryContextSwitchTo(scan->query_context);
	scan->value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	raw = ivf_raw(scan->state, scan->value);
	MemoryContextSwitchTo(old_context);
	if (scan->bits)
	{
		ivf_bits(scan->state, scan->value, scan->bits);
		scan->ones = vdb_bit_ones(scan->bits, ivf_bits_size(scan->state));
	}

	if (!ivf_normalize(scan->state, raw, scan->normalized))
		return false;
	ivf_project(scan->state, scan->normalized, scan->projected);
	ivf_query_set(&scan->query, scan->projected);
	return true;
}

/* Settings and demand --------------------------------------------------- */

/*
 * How many rows will be asked for.  Where all of them can wait until all are
 * certain, none comes late: true then.  Where what is late would be left out,
 * they wait as far as there is memory.
 */
static bool
set_demand(IvfScan *scan)
{
	Size room = scan->settings.memory / sizeof(VdbCandidate) / 2;
	uint64 most = scan->settings.most_rows;
	uint64 bound = scan->demand ? ivf_demand_bound(scan->demand) : 0;
	bool all_wait;

	scan->all = scan->sorted && ivf_demand_all(scan->demand);
	scan->ahead =
		bound > 0 ? Min(Min(bound, most), ivf_demand_expected(scan->demand, 0))
				  : 0;
	bound = Min(bound == 0 && scan->all ? PG_INT64_MAX : bound, most);
	all_wait = bound > 0 && bound <= room;
	scan->bound = all_wait || scan->sorted ? bound : 0;
	scan->all &= !all_wait;
	return all_wait;
}

/* Of a cursor, the rest may be asked for after some rows. */
static void
update_demand(IvfScan *scan)
{
	if (!scan->sorted || scan->bound > 0 || !ivf_demand_all(scan->demand))
		return;
	scan->all = true;
	scan->bound = scan->answers.bound = PG_INT64_MAX;
}

/*
 * The unit of bounds; "least": where nothing is to be missed.  Bounds of bits
 * are distances.
 */
static void
set_unit(IvfScan *scan, bool least)
{
	IvfFarStretch far = ivf_far_stretch(&scan->state->meta, least);

	if (scan->bits)
	{
		scan->unit = scan->far_unit = 1;
		scan->far_from = INFINITY;
		return;
	}
	scan->unit = ivf_unit(scan->state, least);
	scan->far_from = far.from;
	scan->far_unit =
		scan->unit * far.stretch / ivf_stretch(&scan->state->meta, least);
}

/* What waits for the first row: nested loops restart scans in vain often. */
static void
start(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	const IvfMethod *method = ivf_method(desc->indexRelation);
	Datum value;
	bool has_value;
	bool ordered;
	bool all_wait;
	bool some;

	if (!IsMVCCSnapshot(desc->xs_snapshot))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s index scans need an MVCC snapshot", method->name)));

	if (scan->refiner == NULL)
		scan->refiner = ivf_refiner_create(desc->heapRelation,
										   desc->indexRelation, scan->state);
	/* An index that was empty may have got its scale since the scan began. */
	if (scan->state->meta.scale == 0)
		ivf_index_update_scale(desc->indexRelation, scan->state);

	scan->report =
		(IvfScanReport){.index = RelationGetRelid(desc->indexRelation)};
	MemoryContextReset(scan->query_context);
	ivf_conditions_set(desc);
	has_value = find_query(desc, &value);
	ordered = has_value && set_query(scan, value);
	if (!ordered)
	{
		/* Any query serves to enumerate the lists. */
		memset(scan->projected, 0, scan->state->meta.padded * sizeof(float));
		ivf_query_set(&scan->query, scan->projected);
	}
	scan->settings = ivf_scan_settings(method, &scan->state->meta);
	/* Settings are of searches: without any, a condition has all its rows. */
	if (desc->numberOfOrderBys == 0 && ivf_radius_key(desc) == NULL)
		scan->settings.most_rows = PG_UINT64_MAX;
	scan->ordered = desc->numberOfOrderBys > 0;
	scan->sorted = scan->ordered && ivf_scan_sorted(&scan->settings);
	all_wait = set_demand(scan);
	ivf_tree_probes(desc->indexRelation, &scan->query, scan->filter,
					ivf_batch_wanted(scan), &scan->probes);
	scan->report.lists = scan->probes.count;
	ivf_refiner_set_query(scan->refiner, desc->xs_snapshot, scan->value);

	scan->epsilon =
		ivf_scan_epsilon(&scan->settings, scan->sorted && !all_wait);
	set_unit(scan, scan->epsilon >= VDB_MOST_EPSILON);
	/* With fewer bits it is fetches that this costs, where all is wanted. */
	if (scan->state->meta.padded <= IVF_FEW_DIMENSIONS &&
		(scan->state->meta.bits == 8 || scan->epsilon >= VDB_MOST_EPSILON))
		scan->epsilon *= VDB_MAX_ERROR_RATIO;
	scan->least = vdb_space_least(scan->state->space, scan->unit);
	/* What single precision cannot tell from zero may be out of order. */
	if (scan->sorted && !all_wait)
		scan->least = Min(scan->least, 0);
	scan->next_list = 0;
	scan->listing = false;
	some = ivf_radius_set(desc, has_value, ordered);
	ivf_stages_begin(desc, ordered);
	if (!some)
		ivf_stop_by_radius(scan);
	ivf_ranked_reset(scan);
	ivf_batch_reset(scan);
	scan->started = true;
	vdb_count_index_scan(desc);
}

bool
ivf_scan_next(IndexScanDesc desc, ScanDirection direction)
{
	IvfScan *scan = desc->opaque;
	bool found;

	Assert(ScanDirectionIsForward(direction));

	if (!scan->started)
	{
		MemoryContext old_context;

		scan = current_scan(desc);
		old_context = MemoryContextSwitchTo(scan->context);

		start(desc);
		MemoryContextSwitchTo(old_context);
	}
	else
		update_demand(scan);

	found = ivf_stages_next(desc, &desc->xs_heaptid);
	scan->report.rows += found;
	scan->report.late = scan->answers.late;
	ivf_report_publish(&scan->report);
	desc->xs_recheck = scan->recheck;
	desc->xs_recheckorderby = false;
	return found;
}
