/*
 * settings.c: see settings.h.
 */
#include "compat.h"

#include "ivf/disk/meta.h"
#include "ivf/scan/settings.h"
#include "utils/guc.h"

static int probes = 0;
static int iterative_scan = IVF_ITERATIVE_RELAXED;
static int max_probes = IVF_MAX_LISTS;
static double target_recall = 0.95;

static const struct config_enum_entry iterative_scan_options[] = {
	{"off", IVF_ITERATIVE_OFF, false},
	{"relaxed_order", IVF_ITERATIVE_RELAXED, false},
	{NULL, 0, false}};

void
ivf_settings_init(void)
{
	DefineCustomIntVariable(
		"ivfflat.probes", "Number of lists to probe at first.",
		"0 chooses it by ivfflat.target_recall.", &probes, 0, 0, IVF_MAX_LISTS,
		PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("ivfflat.iterative_scan",
							 "Whether a scan goes on with further lists when "
							 "more rows are asked for.",
							 NULL, &iterative_scan, IVF_ITERATIVE_RELAXED,
							 iterative_scan_options, PGC_USERSET, 0, NULL, NULL,
							 NULL);
	DefineCustomIntVariable(
		"ivfflat.max_probes", "Number of lists that a scan probes at most.",
		"ivfflat.probes prevails where it is higher.", &max_probes,
		IVF_MAX_LISTS, 1, IVF_MAX_LISTS, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomRealVariable("ivfflat.target_recall",
							 "Share of the true nearest rows that a scan "
							 "aims for when ivfflat.probes is 0.",
							 "It is above 0 and at most 1; with 1, all "
							 "lists are probed.",
							 &target_recall, 0.95, 1e-6, 1, PGC_USERSET, 0,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("ivfflat");
}

IvfSettings
ivf_settings(void)
{
	return (IvfSettings){
		.probes = probes,
		.target_recall = target_recall,
		.iterative_scan = iterative_scan,
		.max_probes = max_probes,
	};
}
