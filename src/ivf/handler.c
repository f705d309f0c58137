/*
 * handler.c: the access method's table of callbacks.
 */
#include "compat.h"

#include "access/amapi.h"
#include "commands/progress.h"
#include "commands/vacuum.h"
#include "fmgr.h"
#include "ivf/build/create_index.h"
#include "ivf/build/progress.h"
#include "ivf/callbacks.h"
#include "ivf/pathkeys.h"
#include "ivf/scan/scan.h"
#include "ivf/scan/settings.h"
#include "ivf/space/options.h"
#include "ivf/space/type.h"

/* The build's phases as the progress view names them. */
static char *
phase_name(int64 phase)
{
	switch (phase)
	{
		case PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE:
			return "initializing";
		case IVF_PHASE_KMEANS:
			return "performing k-means";
		case IVF_PHASE_ASSIGN:
			return "assigning tuples";
		case IVF_PHASE_LOAD:
			return "loading tuples";
		default:
			return NULL;
	}
}

static void
set_properties(IndexAmRoutine *routine)
{
	routine->amstrategies = 0;
	routine->amsupport = IVF_NUM_SUPPORT;
	routine->amoptsprocnum = 0;
	routine->amcanorderbyop = true;
	routine->amoptionalkey = true;
	routine->amparallelvacuumoptions =
		VACUUM_OPTION_PARALLEL_BULKDEL | VACUUM_OPTION_PARALLEL_CLEANUP;
	routine->amkeytype = InvalidOid;
	vdb_set_build_parallel(routine);
}

/* What pg_index_column_has_property() and friends say of the column. */
static bool
property(Oid index, int attribute, IndexAMProperty property, const char *name,
		 bool *result, bool *isnull)
{
	if (attribute == 0 || property != AMPROP_DISTANCE_ORDERABLE)
		return false;
	*result = true;
	*isnull = false;
	return true;
}

void
ivf_init(void)
{
	ivf_options_init();
	ivf_settings_init();
	ivf_pathkeys_init();
}

PG_FUNCTION_INFO_V1(ivfflathandler);

/* ivfflathandler(internal) returns index_am_handler */
Datum
ivfflathandler(PG_FUNCTION_ARGS)
{
	IndexAmRoutine *routine = makeNode(IndexAmRoutine);

	set_properties(routine);
	routine->ambuild = ivf_build;
	routine->ambuildempty = ivf_build_empty;
	routine->aminsert = ivf_insert;
	routine->ambulkdelete = ivf_bulk_delete;
	routine->amvacuumcleanup = ivf_vacuum_cleanup;
	routine->amcostestimate = ivf_cost_estimate;
	routine->amoptions = ivf_options;
	routine->amproperty = property;
	routine->ambuildphasename = phase_name;
	routine->amvalidate = ivf_validate;
	routine->ambeginscan = ivf_scan_begin;
	routine->amrescan = ivf_scan_restart;
	routine->amgettuple = ivf_scan_next;
	routine->amendscan = ivf_scan_end;
	PG_RETURN_POINTER(routine);
}
