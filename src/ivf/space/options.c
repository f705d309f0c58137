/*
 * options.c: see options.h.
 */
#include "compat.h"

#include <math.h>

#include "access/reloptions.h"
#include "ivf/disk/meta.h"
#include "ivf/space/options.h"
#include "math/rabitq.h"
#include "utils/rel.h"

static relopt_kind ivf_relopt_kind;

static void
validate_bits(int bits)
{
	if (vdb_code_format(bits) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %d out of bounds for option \"bits\"", bits),
				 errdetail("Valid values are 2, 4 and 8.")));
}

void
ivf_options_init(void)
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
