/*
 * sample.c: a uniform sample of a table's rows for training.
 *
 * Blocks are drawn at random, as many as rows are wanted, so that small tables
 * are read whole; the rows in them pass through a reservoir (Vitter,
 * "Random sampling with a reservoir", 1985, algorithm R), in which each row
 * seen so far is equally likely.  Only a row that enters the reservoir is
 * detoasted.
 */
#include "compat.h"

#include "access/tableam.h"
#include "ivf/build.h"
#include "math/rng.h"
#include "optimizer/plancat.h"
#include "types/distance.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/sampling.h"

/* A vector's norm up to which its rotation cannot overflow. */
#define MAX_NORM 1e36

double
ivf_estimated_rows(Relation heap)
{
	BlockNumber pages;
	double tuples;
	double all_visible;

	estimate_rel_size(heap, NULL, &pages, &tuples, &all_visible);
	return tuples;
}

typedef struct Sampler
{
	IvfSample *sample;
	VdbRng rng;
	MemoryContext row_context;
	double seen;
} Sampler;

/* Where the next row goes in the reservoir, or "limit" for nowhere. */
static Size
reservoir_place(Sampler *sampler)
{
	IvfSample *sample = sampler->sample;
	uint64 place;

	if (sample->count < sample->limit)
		return sample->count;
	place = vdb_rng_below(&sampler->rng, (uint64) sampler->seen + 1);
	return Min(place, sample->limit);
}

static void
take_row(Sampler *sampler, Datum value, Size place)
{
	IvfSample *sample = sampler->sample;
	const IvfIndex *ivf = sample->ivf;
	const float *raw = ivf_raw(ivf, value);
	float *row = sample->rows + place * ivf->meta.padded;

	/* One row that overflows would take the mean and all centroids along. */
	if (ivf->meta.metric != IVF_COSINE &&
		vdb_norm(raw, ivf->meta.dim) > MAX_NORM)
		return;

	/* Under cosine, a zero vector has no place to train. */
	if (!ivf_normalize(ivf, raw, row))
		return;
	if (place == sample->count)
		sample->count++;
	sampler->seen++;
}

static void
sample_callback(Relation index, ItemPointer tid, Datum *values, bool *isnull,
				bool alive, void *state)
{
	Sampler *sampler = state;
	Size place;

	if (isnull[0] || !alive)
		return;

	place = reservoir_place(sampler);
	if (place < sampler->sample->limit)
	{
		MemoryContext old = MemoryContextSwitchTo(sampler->row_context);

		take_row(sampler, values[0], place);
		MemoryContextSwitchTo(old);
		MemoryContextReset(sampler->row_context);
	}
	else
		sampler->seen++;
}

static void
sample_blocks(IvfBuild *build, Sampler *sampler, BlockNumber blocks,
			  BlockNumber wanted)
{
	BlockSamplerData block_sampler;

	BlockSampler_Init(&block_sampler, blocks, wanted,
					  (uint32) vdb_rng_next(&sampler->rng));
	while (BlockSampler_HasMore(&block_sampler))
	{
		BlockNumber block = BlockSampler_Next(&block_sampler);

		table_index_build_range_scan(build->heap, build->index, build->info,
									 false, false, false, block, 1,
									 sample_callback, sampler, NULL);
	}
}

/* Turn the rows, which are as wide as the rotation, in place. */
static void
rotate_rows(const IvfIndex *ivf, IvfSample *sample)
{
	uint32 dim = ivf->meta.padded;
	float *row = palloc(ivf->meta.dim * sizeof(float));

	for (Size i = 0; i < sample->count; i++)
	{
		memcpy(row, sample->rows + i * dim, ivf->meta.dim * sizeof(float));
		vdb_rotate(ivf_rotation(ivf), row, ivf->meta.dim,
				   sample->rows + i * dim);
	}
	pfree(row);
}

void
ivf_sample_rows(IvfBuild *build, Size limit, IvfSample *sample)
{
	Sampler sampler = {.sample = sample,
					   .rng = {build->ivf->meta.seed ^ IVF_SAMPLE_STREAM}};
	BlockNumber blocks = RelationGetNumberOfBlocks(build->heap);
	BlockNumber wanted = Min(blocks, limit);

	sample->ivf = build->ivf;
	sample->limit = limit;
	sample->count = 0;
	sample->rows = palloc_extended(
		limit * build->ivf->meta.padded * sizeof(float), MCXT_ALLOC_HUGE);
	sampler.row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat sample row", ALLOCSET_DEFAULT_SIZES);

	if (wanted < blocks)
		sample_blocks(build, &sampler, blocks, wanted);

	/*
	 * Where values are so rare that no block had one, look everywhere: rows
	 * cannot be coded before there is a scale.
	 */
	if (sample->count == 0 && blocks > 0)
	{
		wanted = blocks;
		table_index_build_range_scan(build->heap, build->index, build->info,
									 false, false, false, 0, InvalidBlockNumber,
									 sample_callback, &sampler, NULL);
	}

	MemoryContextDelete(sampler.row_context);
	rotate_rows(build->ivf, sample);
	sample->seen = sampler.seen;
	sample->rows_estimate = wanted > 0 ? sampler.seen * blocks / wanted : 0;
}
