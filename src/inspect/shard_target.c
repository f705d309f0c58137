/*
 * shard_target.c: vecdb_shard_target(), the target recall of each shard at
 * which the answer merged of all is as good as one index's at a given target.
 *
 * Of the k nearest rows of all, a shard of n has about k/n, and they are the
 * nearest of its own k.  Lists that a search leaves out hold farther rows
 * rather than near ones, so that it misses fewer of those than its target says:
 * with the recall t of each shard, the merged one is about t^(1/g), where
 *
 *     g = min(n, k)^(log10(k) / 6)
 *
 * One row gains nothing, ten gain n^(1/6), a hundred n^(1/3).  By that, GloVe's
 * words in 2 to 16 parts came out at what one index of all finds, or above:
 * docs/scale.md has the figures.  Beyond what was measured, 16 shards and 100
 * rows, g does not grow.
 */
#include "compat.h"

#include <math.h>

#include "fmgr.h"

#define SHARDS_MEASURED 16
#define ROWS_MEASURED 100

/*
 * vecdb_shard_target(target float8, shards integer, k integer) returns float8,
 * at most the target
 */
PG_FUNCTION_INFO_V1(vecdb_shard_target);
Datum
vecdb_shard_target(PG_FUNCTION_ARGS)
{
	double target = PG_GETARG_FLOAT8(0);
	int shards = PG_GETARG_INT32(1);
	int k = PG_GETARG_INT32(2);
	double gain;

	if (!(target > 0 && target <= 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("target of %g is out of range", target),
						errdetail("It must be above 0 and at most 1.")));
	if (shards < 1 || k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of %d is out of range", shards < 1 ? "shards" : "k",
						shards < 1 ? shards : k),
				 errdetail("It must be 1 or more.")));
	k = Min(k, ROWS_MEASURED);
	gain = pow(Min(Min(shards, SHARDS_MEASURED), k), log10(k) / 6);
	PG_RETURN_FLOAT8(pow(target, gain));
}
