/*
 * recall_measure.c: an index's answers beside the exact ones: for queries that
 * the caller brings, or for rows of the table itself, each of which is left out
 * of both of its answers.
 *
 * What is compared is distances, which both searches (recall_search.c) compute
 * by the same operator: an answer as near as the k-th exact one is right,
 * whichever of several such rows it is.
 */
#include "compat.h"

#include <math.h>

#include "inspect/recall.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* One query --------------------------------------------------------------- */

/* Take the result's distances; rows without one are not looked for. */
static int
take_distances(double *distances)
{
	int count = 0;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		Datum value = SPI_getbinval(SPI_tuptable->vals[i],
									SPI_tuptable->tupdesc, 1, &isnull);

		if (!isnull && !isnan(DatumGetFloat8(value)))
			distances[count++] = DatumGetFloat8(value);
	}
	SPI_freetuptable(SPI_tuptable);
	return count;
}

/* The statement is right for this index, but it may not serve this snapshot. */
static void
require_index_used(const IvfRecall *recall, const IvfScanReport *report)
{
	const char *name = RelationGetRelationName(recall->index);

	if (!OidIsValid(report->index))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a search cannot use index \"%s\"", name),
						errhint("If this transaction created it, try again in "
								"another one.")));
}

/* A measurement of query number i, which may be the row at "self". */
typedef void (*Measure)(IvfRecall *recall, int i, Datum query,
						ItemPointer self);

static void
measure_exact(IvfRecall *recall, int i, Datum query, ItemPointer self)
{
	Datum values[2] = {query, PointerGetDatum(self)};
	IvfTruth *truth = &recall->truth[i];

	recall->exact_ms[i] = ivf_recall_run(recall, recall->exact, values, NULL);
	truth->count = take_distances(recall->distances);
	if (truth->count > 0)
		truth->farthest = recall->distances[truth->count - 1];
}

static void
measure_index(IvfRecall *recall, int i, Datum query, ItemPointer self)
{
	Datum values[2] = {query, PointerGetDatum(self)};
	const IvfTruth *truth = &recall->truth[i];
	IvfScanReport report;
	int found = 0;
	int count;

	/* Nothing has a distance to this query, so there is nothing to find. */
	if (truth->count == 0)
		return;

	recall->index_ms[recall->queries] =
		ivf_recall_run(recall, recall->by_index, values, &report);
	count = take_distances(recall->distances);
	require_index_used(recall, &report);
	for (int j = 0; j < count; j++)
		found += recall->distances[j] <= truth->farthest;

	recall->exact_ms[recall->queries++] = recall->exact_ms[i];
	recall->wanted += truth->count;
	recall->found += Min(found, truth->count);
	recall->probes += report.probes;
	recall->codes += report.codes;
	recall->fetches += report.fetches;
}

/* Many queries ------------------------------------------------------------ */

static void
prepare_searches(IvfRecall *recall, int queries)
{
	Size room = Max(queries, 1);

	recall->exact = ivf_recall_prepare_search(recall, CURSOR_OPT_PARALLEL_OK);
	recall->by_index = ivf_recall_prepare_search(recall, 0);
	recall->query_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat recall", ALLOCSET_DEFAULT_SIZES);
	recall->distances = palloc(recall->k * sizeof(double));
	recall->truth = palloc0(room * sizeof(IvfTruth));
	recall->exact_ms = palloc(room * sizeof(double));
	recall->index_ms = palloc(room * sizeof(double));
}

/* Rows of the table by their TIDs, in random order. */
static ItemPointerData *
sample_rows(const IvfRecall *recall, int sample, int *count)
{
	ItemPointerData *tids;

	ivf_recall_run(recall, ivf_recall_prepare_sample(recall, sample), NULL,
				   NULL);
	*count = SPI_processed;
	tids = palloc(Max(*count, 1) * sizeof(ItemPointerData));
	for (int i = 0; i < *count; i++)
	{
		bool isnull;
		Datum tid = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
								  1, &isnull);

		tids[i] = *(ItemPointer) DatumGetPointer(tid);
	}
	SPI_freetuptable(SPI_tuptable);
	return tids;
}

/*
 * The value of a row in the query's context, detoasted: the searches would do
 * it once a row.  False where the row cannot be seen any more.
 */
static bool
fetch_query(const IvfRecall *recall, SPIPlanPtr fetch, ItemPointer tid,
			Datum *query)
{
	Datum values[1] = {PointerGetDatum(tid)};
	MemoryContext old;
	bool isnull = true;

	*query = (Datum) 0;
	ivf_recall_run(recall, fetch, values, NULL);
	if (SPI_processed > 0)
		*query = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
							   &isnull);
	old = MemoryContextSwitchTo(recall->query_context);
	if (!isnull)
		*query = PointerGetDatum(PG_DETOAST_DATUM_COPY(*query));
	MemoryContextSwitchTo(old);
	SPI_freetuptable(SPI_tuptable);
	return !isnull;
}

static void
measure_rows(IvfRecall *recall, SPIPlanPtr fetch, ItemPointerData *tids,
			 int count, Measure measure)
{
	for (int i = 0; i < count; i++)
	{
		Datum query;

		if (fetch_query(recall, fetch, &tids[i], &query))
			measure(recall, i, query, &tids[i]);
		MemoryContextReset(recall->query_context);
	}
}

/*
 * The exact searches come first, all of them: one between two searches by the
 * index would drive that out of the processor's caches.
 */
void
ivf_recall_measure_sample(IvfRecall *recall, int sample)
{
	SPIPlanPtr fetch = ivf_recall_prepare_fetch(recall);
	int count;
	ItemPointerData *tids = sample_rows(recall, sample, &count);

	prepare_searches(recall, count);
	measure_rows(recall, fetch, tids, count, measure_exact);
	measure_rows(recall, fetch, tids, count, measure_index);
}

void
ivf_recall_measure_queries(IvfRecall *recall, const Datum *queries, int count)
{
	prepare_searches(recall, count);
	for (int i = 0; i < count; i++)
		measure_exact(recall, i, queries[i], NULL);
	for (int i = 0; i < count; i++)
		measure_index(recall, i, queries[i], NULL);
}
