/*
 * comparison.h: the keys of a column that pass one comparison with a constant.
 */
#ifndef VECDB_IVF_SPACE_COMPARISON_H
#define VECDB_IVF_SPACE_COMPARISON_H

#include "compat.h"

#include "access/skey.h"
#include "ivf/space/column.h"

typedef struct IvfComparison
{
	const IvfColumn *column;
	StrategyNumber strategy;
	Oid type; /* of the constants */
	Oid collation;
	bool cross;			 /* that is not the column's type: these are for it */
	FmgrInfo less;		 /* value < constant */
	FmgrInfo less_equal; /* value <= constant */
} IvfComparison;

/* From a scan key: false if the column's keys cannot tell what it asks. */
extern bool ivf_comparison_init(IvfComparison *comparison,
								const IvfColumn *column, ScanKey key);

/*
 * The keys whose values may pass for a constant that is not NULL: false if none
 * does.  Sets *recheck if some of them may not, and leaves it alone otherwise.
 */
extern bool ivf_comparison_range(IvfComparison *comparison, Datum constant,
								 VdbRange *range, bool *recheck);

#endif /* VECDB_IVF_SPACE_COMPARISON_H */
