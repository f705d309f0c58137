/*
 * sample.h: a uniform sample of a table's rows for training.
 */
#ifndef VECDB_IVF_BUILD_SAMPLE_H
#define VECDB_IVF_BUILD_SAMPLE_H

#include "compat.h"

#include "ivf/build/build.h"
#include "math/nearest.h"

/*
 * Quantized rows: rotated, less the mean, over the scale.  Mean and scale are
 * those of a few rows from all over the table, which are taken first, since
 * bytes have no room for them.
 */
typedef struct IvfSample
{
	const IvfState *state;
	VdbRow *rows; /* the caller's memory, of "limit" rows */
	Size limit;
	Size count;
	float *mean;  /* D, unscaled; or another origin, which rows are close to */
	double close; /* how close, or 1; see origin.h */
	double reach; /* how far from there such rows are at most, or 0; unscaled */
	double scale;
	double seen;		  /* rows with a place that the sample stands for */
	double rows_estimate; /* of them in the whole table */
} IvfSample;

/* Rows of the table, by the planner's estimate; many, where that knows none. */
extern double ivf_estimated_rows(Relation heap);

/*
 * Row i in the space of the codes, once the state has its scale: D floats, as
 * exact as a byte a dimension.
 */
extern void ivf_sample_projected(const IvfSample *sample, Size i, float *out);

/* Fill in a uniform sample of at most sample->limit rows. */
extern void ivf_sample_rows(IvfBuild *build, IvfSample *sample);

#endif /* VECDB_IVF_BUILD_SAMPLE_H */
