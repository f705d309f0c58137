/*
 * check_code.c: the code that a row has in the index against the one that its
 * vector has to have, a part of I11.
 */
#include "compat.h"

#include <math.h>

#include "inspect/check_code.h"
#include "ivf/space/tree.h"

/*
 * Codes are the same to the byte where the same instruction set made them.
 * Elsewhere they may differ, and then have to tell the same: this is the part
 * of their size by which numbers may be off, for halves and for sums.
 */
#define TOLERANCE 4e-3

/* As math/space.h has it, with room for rounding. */
#define MAX_ERROR_RATIO (VDB_MAX_ERROR_RATIO * 1.01)

static const float *
list_centroid(IvfCodeCheck *code, uint32 child)
{
	IvfCheck *check = code->check;
	uint32 padded = check->meta.padded;

	if (child < check->centroids_room)
		return check->centroids + (Size) child * padded;
	ivf_tree_centroid(check->index, check->state, check->children[child].slot,
					  code->centroid);
	return code->centroid;
}

/* What a code says of a residual, in double precision. */
typedef struct CodeFigures
{
	double residual2;		/* |r|^2 */
	double code2;			/* |o|^2 */
	double code_residual;	/* <o, r> */
	double code_centroid;	/* <o, c> */
	double residual_origin; /* <r, c + m> */
	double origin2;			/* |c + m|^2, or |c|^2 */
} CodeFigures;

static void
measure_code(IvfCodeCheck *code, const IvfEntry *entry, const float *centroid,
			 CodeFigures *figures)
{
	const IvfState *state = code->check->state;
	const float *mean = ivf_mean(state);
	bool at_origin = vdb_space_mean(state->space) != 0;
	uint8 *fields = code->coder.code.fields;

	memset(figures, 0, sizeof(*figures));
	for (uint32 line = 0; line < state->leaf.code_lines; line++)
		vdb_code_get(state->format, (const uint8 *) &entry->lanes[line], line,
					 0, fields);
	for (uint32 i = 0; i < state->meta.padded; i++)
	{
		double r = (double) code->y[i] - centroid[i];
		double o = fields[i] - state->format->center;
		double origin = (double) centroid[i] + (at_origin ? mean[i] : 0);

		figures->residual2 += r * r;
		figures->code2 += o * o;
		figures->code_residual += o * r;
		figures->code_centroid += o * centroid[i];
		figures->residual_origin += r * origin;
		figures->origin2 += origin * origin;
	}
}

/* Is the stored "add" what belongs to the code and the gain? */
static bool
add_fits(const IvfState *state, const CodeFigures *figures, double add,
		 double gain)
{
	const VdbSpace *space = state->space;
	double expected = space->norm * figures->residual2 -
					  vdb_space_mean(space) * figures->residual_origin +
					  space->inner * gain * figures->code_centroid;
	double size =
		space->norm * figures->residual2 +
		space->inner * (gain * sqrt(figures->code2 * figures->origin2) +
						sqrt(figures->residual2 * figures->origin2));

	return fabs(add - expected) <= TOLERANCE * size + 1e-6;
}

/* Does another code than ours serve as well? */
static bool
code_serves(IvfCodeCheck *code, const IvfEntry *entry, const float *centroid)
{
	const IvfState *state = code->check->state;
	double add = vdb_f16_to_f32(entry->factors.half[0]);
	double gain = vdb_f16_to_f32(entry->factors.half[1]);
	CodeFigures figures;
	double rest;

	/* Minus infinity bounds everything. */
	if (isinf(add) && add < 0)
		return true;
	measure_code(code, entry, centroid, &figures);
	if (!add_fits(state, &figures, add, gain))
		return false;
	if (fabs(gain * figures.code_residual - figures.residual2) >
		TOLERANCE * (figures.residual2 +
					 gain * sqrt(figures.code2 * figures.residual2)) +
			1e-6)
		return false;

	/* |o|^2 (1 - cos^2) / (D - 1), the square of the code's error */
	if (figures.residual2 <= 1e-6)
		return true;
	rest = figures.code2 -
		   figures.code_residual * figures.code_residual / figures.residual2;
	return sqrt(Max(rest, 0) / (state->meta.padded - 1)) <=
		   MAX_ERROR_RATIO * state->format->error;
}

void
ivf_check_code_init(IvfCodeCheck *code, IvfCheck *check)
{
	Size bytes = check->meta.padded * sizeof(float);

	code->check = check;
	code->y = palloc(bytes);
	code->centroid = palloc(bytes);
	code->entry = ivf_entry_create(&check->leaf);
	ivf_coder_init(&code->coder, check->state);
}

bool
ivf_check_code(IvfCodeCheck *code, uint32 child, const float *x,
			   const IvfEntry *entry)
{
	const IvfState *state = code->check->state;
	Size code_bytes = state->leaf.code_lines * sizeof(uint32);
	ItemPointerData tid = entry->slot.tid;
	const float *centroid;

	/* Where the centroid is wrong, all codes of its list would be. */
	if (!code->check->children[child].centroid_sound)
		return true;
	centroid = list_centroid(code, child);
	ivf_project(state, x, code->y);
	memset(code->entry, 0, ivf_entry_size(&state->leaf));
	ivf_code_row(&code->coder, code->y, centroid, &tid, code->entry);
	if (memcmp(&code->entry->factors.half, &entry->factors.half,
			   sizeof(code->entry->factors.half)) == 0 &&
		memcmp(code->entry->lanes, entry->lanes, code_bytes) == 0)
		return true;
	return code_serves(code, entry, centroid);
}
