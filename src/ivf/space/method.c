/*
 * method.c: see method.h.
 */
#include "compat.h"

#include "access/amapi.h"
#include "ivf/space/method.h"
#include "ivf/space/options.h"
#include "utils/rel.h"

/* What the view calls the phases; clients of hnsw know two of them. */
static const char *const ivfflat_phases[IVF_PHASES] = {
	[IVF_PHASE_INITIALIZE] = "initializing",
	[IVF_PHASE_KMEANS] = "performing k-means",
	[IVF_PHASE_ASSIGN] = "assigning tuples",
	[IVF_PHASE_LOAD] = "loading tuples",
};

static const char *const hnsw_phases[IVF_PHASES] = {
	[IVF_PHASE_INITIALIZE] = "initializing",
	[IVF_PHASE_KMEANS] = "initializing",
	[IVF_PHASE_ASSIGN] = "loading tuples",
	[IVF_PHASE_LOAD] = "loading tuples",
};

static char *
phase_name(const char *const names[IVF_PHASES], int64 phase)
{
	return phase > 0 && phase < IVF_PHASES ? pstrdup(names[phase]) : NULL;
}

static char *
ivfflat_phase_name(int64 phase)
{
	return phase_name(ivfflat_phases, phase);
}

static char *
hnsw_phase_name(int64 phase)
{
	return phase_name(hnsw_phases, phase);
}

const IvfMethod ivf_ivfflat = {
	.name = "ivfflat",
	.options = ivf_ivfflat_options,
	.phase_name = ivfflat_phase_name,
	.settings = ivf_ivfflat_settings,
};

const IvfMethod ivf_hnsw = {
	.name = "hnsw",
	.options = ivf_hnsw_options,
	.phase_name = hnsw_phase_name,
	.settings = ivf_hnsw_settings,
};

const IvfMethod *
ivf_method_of(const IndexAmRoutine *routine)
{
	static const IvfMethod *const methods[] = {&ivf_ivfflat, &ivf_hnsw};

	for (int i = 0; i < lengthof(methods); i++)
		if (routine->amoptions == methods[i]->options)
			return methods[i];
	return NULL;
}

const IvfMethod *
ivf_method(Relation index)
{
	return ivf_method_of(index->rd_indam);
}
