/*
 * effort.c: see effort.h.
 *
 * A graph does about the same work for one ef_search in all data, and finds
 * more where data is easy.  Lists are calibrated for a recall, at whatever
 * cost.  The calibration's curve leads from the one to the other: the target is
 * the recall for which the lists that are probed hold, on average, ef_search /
 * root(rows) of the rows.
 *
 * Why the root: what pgvector's graph (m 16, ef_construction 64) finds with an
 * ef_search of 10, 20 or 40 takes so many times ef_search x root(rows) codes in
 * lists: 0.81 to 0.84 among 100,000 random points of 10 dimensions, 0.74 to
 * 0.79 of 64 dimensions, 0.5 to 0.8 among 25,000 and 100,000 sentences, 0.47 to
 * 0.62 among 10,640 word vectors, 0.37 to 0.53 among 42,560, 0.26 to 0.33 among
 * 340,479, and 0.07 to 0.15 among 200,000 points of 2,000 clusters.  So with
 * one times it the lists find more everywhere; docs/hnsw.md has the recalls.
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/effort.h"
#include "ivf/scan/probes.h"

/*
 * Where the curve begins, and short of all lists and of bounds that are never
 * too high.
 */
#define LEAST_RECALL 0.5
#define MOST_RECALL 0.9999

/* Where there is no curve to look at. */
#define UNCALIBRATED_RECALL 0.99

/* Halvings of what lies between. */
#define STEPS 14

/* The recall that this share of the rows gives; the curve ascends. */
static double
recall_of_share(const IvfMetaPage *meta, double wanted)
{
	IvfSettings probe = {.max_probes = IVF_MAX_LISTS};
	double below = LEAST_RECALL;
	double above = MOST_RECALL;

	for (int i = 0; i < STEPS; i++)
	{
		probe.target_recall = (below + above) / 2;
		if (ivf_probed_share(meta, &probe, IVF_USUAL_DEPTH) <= wanted)
			below = probe.target_recall;
		else
			above = probe.target_recall;
	}
	return above;
}

IvfSettings
ivf_scan_settings(const IvfMethod *method, const IvfMetaPage *meta)
{
	IvfSettings settings = method->settings();

	if (settings.effort > 0)
		settings.target_recall =
			meta->calibration.points > 0
				? recall_of_share(meta,
								  settings.effort / sqrt(meta->trained_rows))
				: UNCALIBRATED_RECALL;
	return settings;
}
