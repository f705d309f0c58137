/*
 * limits.c: see limits.h.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "ivf/build/limits.h"
#include "ivf/build/memory.h"
#include "ivf/space/options.h"
#include "math/blocks.h"
#include "math/kmeans.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/*
 * Bytes that training with so many sample rows takes, for each process too.
 * More of them than addresses must not look like fewer.
 */
static uint64
training_bytes(uint32 lists, uint32 dim, Size rows, int processes)
{
	return (uint64) rows * vdb_row_size(dim) +
		   vdb_kmeans_work(lists, dim, rows) +
		   processes * vdb_kmeans_scratch(lists, dim) +
		   vdb_centroids_bytes(lists, dim); /* that outlive the team */
}

/* Too little memory even for a sample that is worth nothing. */
static void
refuse_lists(uint32 lists, uint64 needed)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("memory required is " UINT64_FORMAT
					" MB, maintenance_work_mem is %d MB",
					needed / (1024 * 1024) + 1, maintenance_work_mem / 1024),
			 errhint("Increase maintenance_work_mem, or create the index with "
					 "fewer than %u lists.",
					 lists)));
}

uint32
ivf_lists_that_fit(uint32 lists, uint32 dim, int processes)
{
	while (lists > 1 &&
		   training_bytes(lists, dim, (Size) lists * IVF_SAMPLE_WARNING,
						  processes) > ivf_build_memory())
		lists -= Max(lists / 32, 1);
	return lists;
}

/* Sample rows without which there is no training. */
static Size
least_sample(uint32 lists)
{
	return Max((Size) lists * 2, 16);
}

bool
ivf_training_fits(const IvfBuild *build, int processes)
{
	uint32 lists = ivf_option_lists(build->index);

	return lists <= 1 ||
		   training_bytes(lists, build->state->meta.padded, least_sample(lists),
						  processes) <= ivf_build_memory();
}

Size
ivf_sample_limit(const IvfBuild *build, int processes)
{
	uint32 lists = build->lists;
	uint32 padded = build->state->meta.padded;
	Size wanted = (Size) Max(lists, 10) * (lists < VDB_BLOCKS_LEAST
											   ? IVF_SAMPLE_PER_LIST
											   : IVF_SAMPLE_PER_LIST_OF_MANY);
	Size least = least_sample(lists);
	uint64 most =
		(uint64) RelationGetNumberOfBlocks(build->heap) * MaxHeapTuplesPerPage;

	wanted = Max(Min(wanted, most), 16);
	least = Min(least, wanted);
	if (lists > 1 &&
		training_bytes(lists, padded, least, processes) > ivf_build_memory())
		refuse_lists(lists, training_bytes(lists, padded, least, processes));
	while (wanted > least && training_bytes(lists, padded, wanted, processes) >
								 ivf_build_memory())
		wanted = Max(wanted - wanted / 32 - 1, least);
	return wanted;
}

void
ivf_warn_of_small_sample(const IvfBuild *build, const IvfSample *sample)
{
	if (build->lists < 2 || sample->seen <= sample->count ||
		sample->count >= (Size) build->lists * IVF_SAMPLE_WARNING)
		return;
	ereport(ivf_build_notice(),
			(errmsg("index \"%s\" is trained with %zu rows for %u lists",
					RelationGetRelationName(build->index), sample->count,
					build->lists),
			 errdetail("More did not fit %s, so searches will scan more rows "
					   "for the same recall.",
					   ivf_build_memory_setting()),
			 errhint("Increase %s, or create the index with fewer lists.",
					 ivf_build_memory_setting())));
}
