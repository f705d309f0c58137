/*
 * sample.c: a uniform sample of a table's rows for training.
 *
 * Blocks are drawn at random, as many as rows are wanted, so that small tables
 * are read whole, and of large ones those that have some times as many rows;
 * the rows in them pass through a reservoir (Vitter,
 * "Random sampling with a reservoir", 1985, algorithm R), in which each row
 * seen so far is equally likely.  Only a row that enters the reservoir is
 * detoasted.
 *
 * Rows are kept in a byte a dimension, less the mean and over the scale, which
 * therefore come first, from a few rows of some hundred other blocks.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "access/htup_details.h"
#include "access/tableam.h"
#include "commands/vacuum.h"
#include "ivf/build/norms.h"
#include "ivf/build/origin.h"
#include "ivf/build/sample.h"
#include "ivf/space/vector.h"
#include "math/rng.h"
#include "optimizer/plancat.h"
#include "types/distance.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/sampling.h"

/* A vector's norm up to which its rotation cannot overflow. */
#define MAX_NORM 1e36

/*
 * Statistics of no rows on some pages are of when nobody saw them, or of when
 * they were gone: then as many as there is room for, of which the sample takes
 * away what is too much.
 */
double
ivf_estimated_rows(Relation heap)
{
	BlockNumber pages;
	double tuples;
	double all_visible;

	estimate_rel_size(heap, NULL, &pages, &tuples, &all_visible);
	return tuples > 0 ? tuples : (double) pages * MaxHeapTuplesPerPage;
}

/* Blocks, and rows of each, that mean and scale are taken from. */
#define MOMENT_BLOCKS 1024
#define MOMENT_ROWS 4

/*
 * Blocks that are read in any case, as far as rows are wanted; and beyond, rows
 * of them for each that is wanted.  Rows of a block may be alike, so few of
 * each are taken; but one process reads while others wait.
 */
#define ALL_BLOCKS 65536
#define ROWS_FOR_ONE 2

typedef struct Sampler
{
	IvfSample *sample;
	VdbRng rng;
	MemoryContext row_context;
	double seen;
	double most;   /* norm of a row to learn from */
	double beyond; /* rows with a greater one */
	double norm;   /* of the row in work */
	float *raw;	   /* D */
	float *x;	   /* D */

	/* For mean and scale. */
	double *sum; /* D */
	double norm2;
	double rows;
	double met; /* rows with a value, of which those above are some */
	double rows_per_block;
	IvfNorms norms;
	IvfOrigin origin;
	BlockNumber block; /* of the last row */
	int block_rows;
} Sampler;

/*
 * Rotate a value into sampler->x.  False for one that is not learnt from: the
 * zero vector under cosine, which has no place, and one that would take the
 * mean and all centroids along.
 */
static bool
rotate_value(Sampler *sampler, Datum value)
{
	const IvfState *state = sampler->sample->state;
	const float *raw = ivf_raw(state, value);
	uint32 dim = ivf_view_dim(&state->meta);

	sampler->norm = state->space->normalize ? 1 : vdb_norm(raw, dim);
	if (sampler->norm > sampler->most)
	{
		sampler->beyond++;
		return false;
	}
	if (!ivf_normalize(state, raw, sampler->raw))
		return false;
	vdb_rotate(ivf_rotation(state), sampler->raw, dim, sampler->x);
	return true;
}

/* Mean and scale --------------------------------------------------------- */

static void
moment_callback(Relation index, ItemPointer tid, Datum *values, bool *isnull,
				bool alive, void *arg)
{
	Sampler *sampler = arg;
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	uint32 padded = sampler->sample->state->meta.padded;
	MemoryContext old;

	if (block != sampler->block)
		sampler->block_rows = 0;
	sampler->block = block;
	if (isnull[0] || !alive)
		return;
	sampler->met++;
	if (sampler->block_rows == MOMENT_ROWS)
		return;

	old = MemoryContextSwitchTo(sampler->row_context);
	if (rotate_value(sampler, values[0]))
	{
		for (uint32 i = 0; i < padded; i++)
		{
			sampler->sum[i] += sampler->x[i];
			sampler->norm2 += (double) sampler->x[i] * sampler->x[i];
		}
		ivf_origin_show(&sampler->origin, sampler->x, sampler->rows);
		ivf_norms_show(&sampler->norms, sampler->norm);
		sampler->rows++;
		sampler->block_rows++;
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(sampler->row_context);
}

static void
set_moments(Sampler *sampler)
{
	IvfSample *sample = sampler->sample;
	uint32 padded = sample->state->meta.padded;
	double norm2 = 0;
	double mean_norm2 = 0;
	double variance;

	if (sampler->rows > 0)
	{
		norm2 = sampler->norm2 / sampler->rows;
		for (uint32 i = 0; i < padded; i++)
		{
			double mean = sampler->sum[i] / sampler->rows;

			sample->mean[i] = mean;
			mean_norm2 += mean * mean;
		}
	}
	/*
	 * Of rows that single precision does not tell apart, the mean would be far
	 * out in the unit of what it rounds, or beyond its range.
	 */
	variance = norm2 - mean_norm2;
	if (variance <= norm2 * FLT_EPSILON * FLT_EPSILON)
		variance = norm2;
	sample->scale = vdb_space_scale(sqrt(variance));
}

/* Rows ------------------------------------------------------------------- */

/* Where the next row goes in the reservoir, or "limit" for nowhere. */
static Size
reservoir_place(Sampler *sampler)
{
	Size limit = sampler->sample->limit;
	uint64 place = vdb_rng_place(&sampler->rng, (uint64) sampler->seen, limit);

	return Min(place, limit);
}

static void
take_row(Sampler *sampler, Datum value, Size place)
{
	IvfSample *sample = sampler->sample;
	uint32 padded = sample->state->meta.padded;
	float factor = 1 / sample->scale;

	if (!rotate_value(sampler, value))
		return;
	for (uint32 i = 0; i < padded; i++)
		sampler->x[i] = (sampler->x[i] - sample->mean[i]) * factor;

	/* What is not finite here has no place either. */
	if (!vdb_row_set(vdb_row_at(sample->rows, place, padded), sampler->x,
					 padded))
		return;
	if (place == sample->count)
		sample->count++;
	sampler->seen++;
}

static void
sample_callback(Relation index, ItemPointer tid, Datum *values, bool *isnull,
				bool alive, void *arg)
{
	Sampler *sampler = arg;
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
scan_blocks(IvfBuild *build, Sampler *sampler, BlockNumber blocks,
			BlockNumber wanted, IndexBuildCallback callback)
{
	BlockSamplerData block_sampler;

	BlockSampler_Init(&block_sampler, blocks, wanted,
					  (uint32) vdb_rng_next(&sampler->rng));
	while (BlockSampler_HasMore(&block_sampler))
	{
		BlockNumber block = BlockSampler_Next(&block_sampler);

		vdb_vacuum_delay_point();
		table_index_build_range_scan(build->heap, build->index, build->info,
									 false, false, false, block, 1, callback,
									 sampler, NULL);
	}
}

static void
scan_table(IvfBuild *build, Sampler *sampler, IndexBuildCallback callback)
{
	table_index_build_range_scan(build->heap, build->index, build->info, false,
								 false, false, 0, InvalidBlockNumber, callback,
								 sampler, NULL);
}

/*
 * Where values are so rare that no block had one, look everywhere: rows
 * cannot be coded before there is a scale.
 */
static void
gather_moments(IvfBuild *build, Sampler *sampler, BlockNumber blocks)
{
	BlockNumber some = Min(blocks, MOMENT_BLOCKS);
	uint32 padded = build->state->meta.padded;

	memset(sampler->sum, 0, padded * sizeof(double));
	sampler->norm2 = sampler->rows = sampler->met = 0;
	sampler->block = InvalidBlockNumber;
	ivf_origin_begin(&sampler->origin, padded,
					 build->state->meta.seed ^ IVF_ORIGIN_STREAM);
	scan_blocks(build, sampler, blocks, some, moment_callback);
	sampler->rows_per_block = some > 0 ? sampler->met / some : 0;
	if (sampler->rows == 0 && blocks > 0)
		scan_table(build, sampler, moment_callback);
}

/* Where there are rows not to learn from, the same blocks without them. */
static void
find_moments(IvfBuild *build, Sampler *sampler, BlockNumber blocks)
{
	IvfSample *sample = sampler->sample;
	VdbRng rng = sampler->rng;
	double most;
	bool some;

	sampler->sum = palloc(build->state->meta.padded * sizeof(double));
	sampler->most = MAX_NORM;
	ivf_norms_begin(&sampler->norms, MOMENT_BLOCKS * MOMENT_ROWS,
					build->state->meta.seed ^ IVF_NORMS_STREAM);
	gather_moments(build, sampler, blocks);
	some = ivf_norms_end(&sampler->norms, &most);
	sampler->most = Min(most, MAX_NORM);
	if (some)
	{
		sampler->rng = rng;
		pfree(sampler->origin.rows);
		gather_moments(build, sampler, blocks);
	}
	set_moments(sampler);
	sample->close =
		ivf_origin_end(&sampler->origin, sample->mean, &sample->reach);
	pfree(sampler->sum);
}

/* Blocks to read for the sample, once it is known how many rows they have. */
static BlockNumber
wanted_blocks(const Sampler *sampler, BlockNumber blocks)
{
	double rows = (double) sampler->sample->limit * ROWS_FOR_ONE;
	double enough = rows / Max(sampler->rows_per_block, 1);

	return Min(Min(blocks, sampler->sample->limit),
			   Max(enough, (double) ALL_BLOCKS));
}

void
ivf_sample_rows(IvfBuild *build, IvfSample *sample)
{
	Sampler sampler = {.sample = sample,
					   .rng = {build->state->meta.seed ^ IVF_SAMPLE_STREAM}};
	BlockNumber blocks = RelationGetNumberOfBlocks(build->heap);
	BlockNumber wanted;
	uint32 padded = build->state->meta.padded;

	sample->state = build->state;
	sample->count = 0;
	sample->mean = palloc0(padded * sizeof(float));
	sampler.raw = palloc0(padded * sizeof(float));
	sampler.x = palloc(padded * sizeof(float));
	sampler.row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat sample row", ALLOCSET_DEFAULT_SIZES);

	find_moments(build, &sampler, blocks);
	sampler.beyond = 0;
	wanted = wanted_blocks(&sampler, blocks);
	if (wanted < blocks)
		scan_blocks(build, &sampler, blocks, wanted, sample_callback);
	if (sample->count == 0 && blocks > 0)
	{
		wanted = blocks;
		sampler.beyond = 0;
		scan_table(build, &sampler, sample_callback);
	}

	MemoryContextDelete(sampler.row_context);
	pfree(sampler.raw);
	pfree(sampler.x);
	sample->seen = sampler.seen;
	sample->rows_estimate =
		wanted > 0 ? (sampler.seen + sampler.beyond) * blocks / wanted : 0;
}

void
ivf_sample_projected(const IvfSample *sample, Size i, float *out)
{
	uint32 padded = sample->state->meta.padded;
	float factor = sample->scale / sample->state->meta.scale;

	vdb_row_get(vdb_row_at(sample->rows, i, padded), out, padded);
	for (uint32 j = 0; j < padded; j++)
		out[j] *= factor;
}
