/*
 * filter.h: the index conditions of a scan on scalar columns, as sets of keys.
 *
 * All conditions on a column come to a set of ranges of its keys (column.h) and
 * whether NULL passes.  Groups of 16 lanes and the summaries of whole lists
 * (math/summary.h) are tested against that.
 */
#ifndef VECDB_IVF_SPACE_FILTER_H
#define VECDB_IVF_SPACE_FILTER_H

#include "compat.h"

#include "access/skey.h"
#include "ivf/space/column.h"
#include "math/ranges.h"
#include "math/summary.h"

/* What is asked of one column. */
typedef struct IvfColumnFilter
{
	int column;	  /* among the scalar columns, from 0 */
	uint32 width; /* of its keys */
	bool nulls;	  /* NULL passes */
	bool values;  /* every value does: "set" is the range of all keys */
	uint32 nset;
	VdbRange *set;
	uint64 hashes; /* of the set's keys: vdb_summary_hashes() */
} IvfColumnFilter;

typedef struct IvfFilter
{
	bool never;	  /* no row can pass: nothing else counts */
	bool recheck; /* rows that pass may fail the conditions: xs_recheck */
	int ncolumns; /* that anything is asked of; 0: every row passes */
	IvfColumnFilter columns[IVF_MOST_COLUMNS]; /* in the columns' order */
} IvfFilter;

/*
 * The filter of scan keys as the server hands them in, in memory of the current
 * context.  Keys of the first column (sk_attno 1) are not looked at: they are
 * the caller's.  Reads the catalog where an operator compares two types, and
 * calls functions of the types, which may fail.
 */
extern IvfFilter *ivf_filter_make(const IvfColumn *columns, int ncolumns,
								  ScanKey keys, int nkeys);

/*
 * Which lanes of "lanes" (bit v is lane v) pass.  keys[i] are the 16 keys of
 * scalar column i, at any address, nulls[i] the mask of its lanes that are
 * NULL; only those of columns that the filter names are read.  Must not be
 * called where "never" is set.
 */
extern uint32 ivf_filter_lanes(const IvfFilter *filter,
							   const uint8 *const keys[], const uint16 nulls[],
							   uint32 lanes);

/*
 * The column that alone decides, by its keys and no NULL; NULL where none does.
 */
static inline const IvfColumnFilter *
ivf_filter_only(const IvfFilter *filter)
{
	const IvfColumnFilter *column = &filter->columns[0];

	return filter->ncolumns == 1 && !column->nulls && !column->values &&
				   column->nset > 0
			   ? column
			   : NULL;
}

/*
 * The range that all keys of rows that pass are in, of the first scalar column;
 * false where it is asked nothing of, or NULL passes.
 */
extern bool ivf_filter_range(const IvfFilter *filter, VdbRange *range);

/*
 * Which of a group's lists, of "lanes", may have a row that passes, by the 16
 * summaries of each scalar column.
 */
extern uint32 ivf_filter_lists(const IvfFilter *filter,
							   const VdbSummary *const summaries[],
							   uint32 lanes);

#endif /* VECDB_IVF_SPACE_FILTER_H */
