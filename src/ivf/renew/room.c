/*
 * room.c: see room.h.
 *
 * Want of room would be an error in the middle, when most of the work is done,
 * however often VACUUM comes.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/limits.h"
#include "ivf/build/memory.h"
#include "ivf/build/share.h"
#include "ivf/build/sort.h"
#include "ivf/renew/old_rows.h"
#include "ivf/renew/room.h"
#include "ivf/space/options.h"
#include "utils/guc.h"
#include "utils/rel.h"

static bool
has_memory(const IvfBuild *build)
{
	Relation index = build->index;

	if (ivf_training_fits(build, 1))
		return true;
	ereport(
		ivf_build_notice(),
		(errmsg("index \"%s\" stays as it is", RelationGetRelationName(index)),
		 errdetail("%s does not suffice to train it again with %d lists.",
				   ivf_build_memory_setting(), ivf_option_lists(index)),
		 errhint("Increase %s.", ivf_build_memory_setting())));
	return false;
}

/* While rows go from the one sort to the other, files of both are there. */
static double
files(const IvfBuild *build, double rows)
{
	double entries = rows * (1 + ivf_most_share(build));

	return ivf_old_rows_files(rows) +
		   ivf_sort_files(entries, ivf_sort_entry_bytes(&build->state->leaf),
						  ivf_sort_memory(2));
}

static bool
has_files(const IvfBuild *build, double rows)
{
	double kilobytes = ceil(files(build, rows) / 1024);

	if (temp_file_limit < 0 || kilobytes <= temp_file_limit)
		return true;
	ereport(ivf_build_notice(),
			(errmsg("index \"%s\" stays as it is",
					RelationGetRelationName(build->index)),
			 errdetail("temp_file_limit does not suffice to train it again: it "
					   "takes some %.0f kB of temporary files.",
					   kilobytes),
			 errhint("Increase temp_file_limit or %s.",
					 ivf_build_memory_setting())));
	return false;
}

bool
ivf_has_room(Relation index, double rows)
{
	IvfBuild build = {.index = index,
					  .state = ivf_index_create(index, CurrentMemoryContext)};

	return has_memory(&build) && has_files(&build, rows);
}
