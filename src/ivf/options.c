/*
 * options.c: options of an index and settings of a session.
 */
#include "compat.h"

#include <math.h>

#include "access/reloptions.h"
#include "ivf/ivf.h"
#include "utils/guc.h"
#include "utils/rel.h"

int ivf_probes = 0;
int ivf_iterative_scan = IVF_ITERATIVE_RELAXED;
int ivf_max_probes = IVF_MAX_LISTS;
double ivf_target_recall = 0.95;

static relopt_kind ivf_relopt_kind;

static const struct config_enum_entry iterative_scan_options[] = {
	{"off", IVF_ITERATIVE_OFF, false},
	{"relaxed_order", IVF_ITERATIVE_RELAXED, false},
	{NULL, 0, false}};

static void
validate_bits(int bits)
{
	if (vdb_code_format(bits) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %d out of bounds for option \"bits\"", bits),
				 errdetail("Valid values are 2, 4 and 8.")));
}

static void
define_options(void)
{
	ivf_relopt_kind = add_reloption_kind();
	add_int_reloption(ivf_relopt_kind, "lists",
					  "Number of lists; chosen by the number of rows if not "
					  "given",
					  0, IVF_MIN_LISTS, IVF_MAX_LISTS, AccessExclusiveLock);
	add_int_reloption(ivf_relopt_kind, "bits",
					  "Bits of a dimension in a row's code: 2, 4 or 8",
					  IVF_DEFAULT_BITS, 2, 8, AccessExclusiveLock);
}

void
ivf_init(void)
{
	define_options();

	DefineCustomIntVariable(
		"ivfflat.probes", "Number of lists to probe at first.",
		"0 chooses it by ivfflat.target_recall.", &ivf_probes, 0, 0,
		IVF_MAX_LISTS, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("ivfflat.iterative_scan",
							 "Whether a scan goes on with further lists when "
							 "more rows are asked for.",
							 NULL, &ivf_iterative_scan, IVF_ITERATIVE_RELAXED,
							 iterative_scan_options, PGC_USERSET, 0, NULL, NULL,
							 NULL);
	DefineCustomIntVariable("ivfflat.max_probes",
							"Number of lists at which an iterative scan "
							"stops.",
							NULL, &ivf_max_probes, IVF_MAX_LISTS, 1,
							IVF_MAX_LISTS, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomRealVariable("ivfflat.target_recall",
							 "Share of the true nearest rows that a scan "
							 "aims for when ivfflat.probes is 0.",
							 "It is above 0 and at most 1; with 1, all "
							 "lists are probed.",
							 &ivf_target_recall, 0.95, 1e-6, 1, PGC_USERSET, 0,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("ivfflat");
}

bytea *
ivf_options(Datum reloptions, bool validate)
{
	static const relopt_parse_elt table[] = {
		{"lists", RELOPT_TYPE_INT, offsetof(IvfOptions, lists)},
		{"bits", RELOPT_TYPE_INT, offsetof(IvfOptions, bits)},
	};
	IvfOptions *options = (IvfOptions *) build_reloptions(
		reloptions, validate, ivf_relopt_kind, sizeof(IvfOptions), table,
		lengthof(table));

	if (options && validate)
		validate_bits(options->bits);
	return (bytea *) options;
}

int
ivf_option_lists(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->lists : 0;
}

int
ivf_option_bits(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->bits : IVF_DEFAULT_BITS;
}

/*
 * More lists make shorter ones, so fewer codes to scan for the same recall,
 * but more centroids to compare and more lists that end in a part-filled
 * group and page; and training takes time with their square.  Long codes fill
 * pages in any case and make short lists worth more: on 200,000 vectors of 768
 * dimensions, 3 instead of 2 roots halve the codes and take a tenth off the
 * time.  On 340,479 of 100 dimensions they would take a sixth off the time,
 * but make the index larger by a quarter.  A list below two groups is mostly
 * room, and below a thousand rows one list is read faster than many.
 */
uint32
ivf_automatic_lists(double rows, uint32 padded)
{
	double roots = padded < 256 ? 1.5 : 3;
	double lists = Min(roots * sqrt(rows), rows / (2 * VDB_GROUP));

	if (rows < 1000)
		return 1;
	return Min(lists, IVF_MAX_LISTS);
}
