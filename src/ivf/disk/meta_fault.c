/*
 * meta_fault.c: what cannot be in a metapage.
 *
 * Whoever reads the metapage asks ivf_meta_fault(), so that nothing behind it
 * meets a number that is none; vecdb_check_index() asks part by part.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/disk/meta.h"
#include "math/rabitq.h"
#include "math/rotate.h"
#include "math/sketch.h"
#include "math/space.h"

/*
 * Why something is no curve, or NULL: densities fall and shares grow.  Negated,
 * so that the rules hold for NaN.
 */
static const char *
curve_fault(const float *density, const float *share, uint32 points)
{
	for (uint32 i = 0; i < points; i++)
	{
		float most_density = i > 0 ? density[i - 1] : FLT_MAX;
		float least_share = i > 0 ? share[i - 1] : 0;

		if (!(density[i] <= most_density && density[i] >= -FLT_MAX))
			return "calibration has an impossible density";
		if (!(share[i] >= least_share && share[i] <= 1))
			return "calibration has an impossible share";
	}
	return NULL;
}

static const char *
recalls_fault(const IvfCalibration *calibration)
{
	for (uint32 i = 0; i < calibration->points; i++)
	{
		float least_recall = i > 0 ? calibration->recall[i - 1] : 0;

		if (!(calibration->recall[i] > least_recall &&
			  calibration->recall[i] <= 1))
			return "calibration has an impossible recall";
	}
	return NULL;
}

static const char *
coefficients_fault(const float *coefficient, int count)
{
	for (int i = 0; i < count; i++)
		if (!isfinite(coefficient[i]))
			return "calibration has an impossible coefficient";
	return NULL;
}

static const char *
shares_fault(const IvfSharesRule *rule, uint32 points)
{
	const char *fault = NULL;

	if (rule->count > IVF_DEPTHS || (rule->count > 0 && points == 0))
		return "calibration has an impossible number of depths";
	if (!isfinite(rule->far))
		return "calibration has an impossible distance of the nearest list";
	for (uint32 i = 0; i < rule->count && fault == NULL; i++)
	{
		float least = i > 0 ? rule->depth[i - 1] : 0;

		if (!(rule->depth[i] > least && rule->depth[i] <= FLT_MAX))
			return "calibration has an impossible depth";
		if (!(fault = coefficients_fault(rule->coefficient[i],
										 IVF_SHARES_FEATURES)))
			fault = curve_fault(rule->score[i], rule->share[i], points);
	}
	return fault;
}

static const char *
close_fault(const IvfClose *close, uint32 points)
{
	bool learnt = close->shares.count > 0;

	if (!(close->reach >= 0 && close->reach <= FLT_MAX) ||
		(close->reach > 0) != learnt)
		return "calibration has an impossible reach of close rows";
	if (!(close->residual2 >= 0 && close->residual2 <= FLT_MAX) ||
		(close->residual2 > 0) != learnt)
		return "calibration has an impossible unit of distances of close rows";
	if (!isfinite(close->near))
		return "calibration has an impossible distance of the nearest list";
	return shares_fault(&close->shares, points);
}

const char *
ivf_calibration_fault(const IvfMetaPage *meta)
{
	const IvfCalibration *calibration = &meta->calibration;
	uint32 points = calibration->points;
	const char *fault;

	if (points != 0 && points != IVF_CURVE_POINTS)
		return "calibration has an impossible number of points";
	/* What divides distances must be above zero. */
	if (!(calibration->residual2 >= 0 && calibration->residual2 <= FLT_MAX) ||
		(points > 0 && calibration->residual2 == 0))
		return "calibration has an impossible unit of distances";
	if ((fault = coefficients_fault(calibration->coefficient, IVF_FEATURES)) ||
		(fault = recalls_fault(calibration)) ||
		(fault = curve_fault(calibration->density, calibration->share, points)))
		return fault;
	if ((fault = shares_fault(&meta->shares, points)))
		return fault;
	return close_fault(&meta->close, points);
}

const char *
ivf_spread_fault(const IvfMetaPage *meta)
{
	const IvfSpread *spread = &meta->spread;

	if (spread->points != 0 && spread->points != IVF_SPREAD_POINTS)
		return "spread has an impossible number of points";
	for (uint32 i = 0; i < spread->points; i++)
	{
		float least_share = i > 0 ? spread->share[i - 1] : 0;
		float least = i > 0 ? spread->distance[i - 1] : -FLT_MAX;

		if (!(spread->share[i] > least_share && spread->share[i] <= 1))
			return "spread has an impossible share";
		if (!(spread->distance[i] >= least && spread->distance[i] <= FLT_MAX))
			return "spread has an impossible distance";
	}
	return NULL;
}

/* Negated, so that the rules hold for NaN. */
const char *
ivf_spill_fault(const IvfMetaPage *meta)
{
	const IvfSpill *spill = &meta->spill;

	if (!(spill->asked >= -1 && spill->asked <= 1))
		return "impossible share of rows in two lists";
	if (!(spill->limit >= 0 && spill->limit <= FLT_MAX) ||
		(spill->limit > 0) != ivf_spills(meta))
		return "impossible limit of the loss of a second list";
	if (!(spill->entries >= 0 && spill->entries <= meta->trained_rows) ||
		(spill->entries > 0 && !ivf_spills(meta)))
		return "impossible number of second entries";
	return NULL;
}

const char *
ivf_history_fault(const IvfMetaPage *meta)
{
	const IvfHistory *history = &meta->history;

	if (!(history->residual2 >= 0 && history->residual2 <= FLT_MAX))
		return "impossible mean residual at training";
	if (!(history->imbalance >= 0 && history->imbalance <= FLT_MAX))
		return "impossible imbalance at training";
	if (!(history->inserted >= 0 && history->inserted <= DBL_MAX) ||
		!(history->recoded >= 0 && history->recoded <= DBL_MAX))
		return "impossible number of rows inserted or coded anew";
	return NULL;
}

/* Far pairs have less than near ones, or keys would not be in order. */
const char *
ivf_far_fault(const IvfMetaPage *meta)
{
	const float near[] = {meta->stretch, meta->least_stretch};

	StaticAssertStmt(lengthof(near) == lengthof(meta->far), "one for each");
	for (int i = 0; i < (int) lengthof(meta->far); i++)
		if (!(meta->far[i].from >= 0 && meta->far[i].from <= FLT_MAX) ||
			!(meta->far[i].stretch >= 0 && meta->far[i].stretch <= near[i]))
			return "impossible stretch of far pairs";
	return NULL;
}

const char *
ivf_dim_fault(const IvfMetaPage *meta, uint32 *value)
{
	uint32 most = meta->sketch > 0 ? IVF_MAX_DIM : IVF_MAX_VIEW;

	*value = meta->dim;
	if (meta->dim < 1 || meta->dim > most)
		return "impossible number of dimensions";
	*value = meta->sketch;
	if (meta->sketch > IVF_MAX_VIEW || meta->sketch > meta->dim ||
		meta->sketch % VDB_SKETCH_BLOCKS != 0)
		return "impossible dimensions of sketches";
	*value = meta->padded;
	if (meta->padded != vdb_padded_dim(ivf_view_dim(meta)))
		return "impossible number of padded dimensions";
	return NULL;
}

const char *
ivf_columns_fault(const IvfMetaPage *meta)
{
	const IvfColumnFormats *columns = &meta->columns;

	if (columns->count > IVF_MOST_COLUMNS ||
		(columns->count > 0) != ((meta->version & IVF_WITH_COLUMNS) != 0))
		return "impossible number of scalar columns";
	for (uint32 i = 0; i < columns->count; i++)
	{
		uint32 width = columns->column[i].width;

		if (width < 1 || width > sizeof(uint64) || (width & (width - 1)) != 0)
			return "impossible width of a scalar column";
	}
	return NULL;
}

const char *
ivf_meta_fault(const IvfMetaPage *meta)
{
	const char *fault;
	uint32 value;

	if (meta->magic != IVF_MAGIC)
		return "metapage has a wrong magic number";
	if (ivf_dim_fault(meta, &value))
		return "metapage has impossible dimensions";
	if (vdb_code_format(meta->bits) == NULL)
		return "metapage has an impossible number of bits";
	if (vdb_space_numbered(meta->metric) == NULL)
		return "metapage has an unknown metric";
	if (meta->height > 1)
		return "metapage has an impossible height";
	if (ivf_columns_fault(meta))
		return "metapage has impossible scalar columns";
	if (!isfinite(meta->scale) || meta->scale < 0 ||
		!isfinite(meta->mean_norm2) || meta->mean_norm2 < 0 ||
		!isfinite(meta->stretch) || meta->least_stretch < 0 ||
		!(meta->least_stretch <= meta->stretch))
		return "metapage has impossible figures";
	if (meta->trees.tree > meta->trees.begun)
		return "metapage has an impossible tree";
	if ((fault = ivf_spread_fault(meta)) || (fault = ivf_spill_fault(meta)) ||
		(fault = ivf_history_fault(meta)) || (fault = ivf_far_fault(meta)))
		return fault;
	/* With numbers that are none, a search would read all lists, or one. */
	return ivf_calibration_fault(meta);
}
