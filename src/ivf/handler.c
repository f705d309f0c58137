/*
 * handler.c: the table of callbacks, which the access methods share but for
 * those that are not told of an index (space/method.h).
 */
#include "compat.h"

#include "access/amapi.h"
#include "commands/vacuum.h"
#include "fmgr.h"
#include "ivf/build/create_index.h"
#include "ivf/callbacks.h"
#include "ivf/pathkeys.h"
#include "ivf/radius.h"
#include "ivf/scan/demand.h"
#include "ivf/scan/scan.h"
#include "ivf/space/dimensions.h"
#include "ivf/space/method.h"
#include "ivf/space/options.h"
#include "ivf/space/settings.h"
#include "ivf/space/type.h"

static void
set_properties(IndexAmRoutine *routine)
{
	routine->amstrategies = 0;
	routine->amsupport = IVF_NUM_SUPPORT;
	routine->amoptsprocnum = 0;
	routine->amcanorderbyop = true;
	routine->amcanmulticol = true;
	routine->amoptionalkey = true;
	routine->amsearcharray = true;
	routine->amsearchnulls = true;
	/* A new tree is made by the one process that vacuums the table. */
	routine->amparallelvacuumoptions = VACUUM_OPTION_PARALLEL_BULKDEL;
	routine->amkeytype = InvalidOid;
	vdb_set_build_parallel(routine);
}

/* What pg_index_column_has_property() and friends say of a column. */
static bool
property(Oid index, int attribute, IndexAMProperty property, const char *name,
		 bool *result, bool *isnull)
{
	if (attribute == 0 || property != AMPROP_DISTANCE_ORDERABLE)
		return false;
	*result = attribute == 1;
	*isnull = false;
	return true;
}

void
ivf_init(void)
{
	ivf_options_init();
	ivf_settings_init();
	ivf_pathkeys_init();
	ivf_dimensions_init();
	ivf_radius_init();
	ivf_demand_init();
}

static IndexAmRoutine *
make_routine(const IvfMethod *method)
{
	IndexAmRoutine *routine = makeNode(IndexAmRoutine);

	set_properties(routine);
	routine->ambuild = ivf_build;
	routine->ambuildempty = ivf_build_empty;
	routine->aminsert = ivf_insert;
	routine->ambulkdelete = ivf_bulk_delete;
	routine->amvacuumcleanup = ivf_vacuum_cleanup;
	routine->amcostestimate = ivf_cost_estimate;
	routine->amoptions = method->options;
	routine->amproperty = property;
	routine->ambuildphasename = method->phase_name;
	routine->amvalidate = ivf_validate;
	routine->ambeginscan = ivf_scan_begin;
	routine->amrescan = ivf_scan_restart;
	routine->amgettuple = ivf_scan_next;
	routine->amendscan = ivf_scan_end;
	return routine;
}

PG_FUNCTION_INFO_V1(ivfflathandler);

/* ivfflathandler(internal) returns index_am_handler */
Datum
ivfflathandler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(make_routine(&ivf_ivfflat));
}

PG_FUNCTION_INFO_V1(hnswhandler);

/* hnswhandler(internal) returns index_am_handler */
Datum
hnswhandler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(make_routine(&ivf_hnsw));
}
