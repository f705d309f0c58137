/*
 * settings.c: see settings.h.
 */
#include "compat.h"

#include <limits.h>

#include "ivf/disk/meta.h"
#include "ivf/space/settings.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#define NO_LIMIT PG_UINT64_MAX

#define DEFAULT_EF_SEARCH 40
#define MOST_EF_SEARCH 1000

/* Rows that a graph compares for one of ef_search, or somewhat more. */
#define GRAPH_CODES 25

static const struct config_enum_entry iterative_scan_options[] = {
	{"off", IVF_ITERATIVE_OFF, false},
	{"relaxed_order", IVF_ITERATIVE_RELAXED, false},
	{"strict_order", IVF_ITERATIVE_STRICT, false},
	{NULL, 0, false}};

static void
define_iterative_scan(const char *name, int *variable)
{
	DefineCustomEnumVariable(
		name,
		"Whether a scan goes on with further lists when more rows are asked "
		"for.",
		"With strict_order, rows nearer than one returned before are left out.",
		variable, IVF_ITERATIVE_RELAXED, iterative_scan_options, PGC_USERSET, 0,
		NULL, NULL, NULL);
}

static Size
scan_memory(double times)
{
	return Min(work_mem * 1024.0 * times, (double) (MaxAllocHugeSize / 2));
}

/* ivfflat ----------------------------------------------------------------- */

static int probes = 0;
static int ivfflat_iterative_scan = IVF_ITERATIVE_RELAXED;
static int max_probes = IVF_MAX_LISTS;
static double target_recall = 0.95;

static void
define_ivfflat(void)
{
	DefineCustomIntVariable(
		"ivfflat.probes", "Number of lists to probe at first.",
		"0 chooses it by ivfflat.target_recall.", &probes, 0, 0, IVF_MAX_LISTS,
		PGC_USERSET, 0, NULL, NULL, NULL);
	define_iterative_scan("ivfflat.iterative_scan", &ivfflat_iterative_scan);
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
ivf_ivfflat_settings(void)
{
	return (IvfSettings){
		.probes = probes,
		.target_recall = target_recall,
		.iterative_scan = ivfflat_iterative_scan,
		.max_probes = max_probes,
		.most_rows = NO_LIMIT,
		.most_fetches = NO_LIMIT,
		.memory = scan_memory(1),
	};
}

/* hnsw -------------------------------------------------------------------- */

static int ef_search = DEFAULT_EF_SEARCH;
static int hnsw_iterative_scan = IVF_ITERATIVE_RELAXED;
static int max_scan_tuples = 20000;
static double scan_mem_multiplier = 1;

static void
define_hnsw(void)
{
	DefineCustomIntVariable(
		"hnsw.ef_search", "How thorough a scan is.",
		"A scan looks at a share of ef_search / root(rows) on average, and "
		"returns ef_search rows at most if hnsw.iterative_scan is off.",
		&ef_search, DEFAULT_EF_SEARCH, 1, MOST_EF_SEARCH, PGC_USERSET, 0, NULL,
		NULL, NULL);
	define_iterative_scan("hnsw.iterative_scan", &hnsw_iterative_scan);
	DefineCustomIntVariable(
		"hnsw.max_scan_tuples",
		"Number of rows of the table after which a scan does not go on.",
		"Those of the lists that it begins with are read in any case.",
		&max_scan_tuples, 20000, 1, INT_MAX, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomRealVariable("hnsw.scan_mem_multiplier",
							 "Multiple of work_mem that a scan may use.", NULL,
							 &scan_mem_multiplier, 1, 1, 1000, PGC_USERSET, 0,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("hnsw");
}

IvfSettings
ivf_hnsw_settings(void)
{
	bool off = hnsw_iterative_scan == IVF_ITERATIVE_OFF;

	return (IvfSettings){
		.effort = ef_search,
		.least_codes = GRAPH_CODES * ef_search,
		.iterative_scan = hnsw_iterative_scan,
		.max_probes = IVF_MAX_LISTS,
		.most_rows = off ? ef_search : NO_LIMIT,
		.most_fetches = max_scan_tuples,
		.memory = scan_memory(scan_mem_multiplier),
	};
}

void
ivf_settings_init(void)
{
	define_ivfflat();
	define_hnsw();
}
