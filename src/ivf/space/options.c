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

/* Of sparse vectors; each type has its own limit. */
#define MOST_DIMENSIONS 1000000000

/* An option of a whole number; hnsw has all of them, ivfflat the first three.
 */
static const struct
{
	const char *name;
	const char *description;
	int initial;
	int least;
	int most;
	int offset;
} rows[] = {
	{"lists", "Number of lists; chosen by the number of rows if not given", 0,
	 IVF_MIN_LISTS, IVF_MAX_LISTS, offsetof(IvfOptions, lists)},
	{"bits",
	 "Bits of a dimension in a row's code: 2, 4 or 8; chosen by the number "
	 "of dimensions if not given, and of bit strings the bits themselves",
	 0, 2, 8, offsetof(IvfOptions, bits)},
	{"dimensions", "Dimensions of the vectors, where the column does not say",
	 0, 1, MOST_DIMENSIONS, offsetof(IvfOptions, dimensions)},
	{"m", "Neighbors of a row in a graph; kept, without effect", IVF_DEFAULT_M,
	 2, 100, offsetof(IvfOptions, m)},
	{"ef_construction",
	 "Candidates for neighbors in a graph; kept, without "
	 "effect",
	 IVF_DEFAULT_EF_CONSTRUCTION, 4, 1000,
	 offsetof(IvfOptions, ef_construction)},
};

#define IVFFLAT_ROWS 3

static relopt_kind ivfflat_kind;
static relopt_kind hnsw_kind;

static void
validate_bits(int bits)
{
	if (bits != 0 && vdb_code_format(bits) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %d out of bounds for option \"bits\"", bits),
				 errdetail("Valid values are 2, 4 and 8.")));
}

static void
validate_spill(double spill)
{
	if (spill != IVF_SPILL_AUTOMATIC && !(spill >= 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %g out of bounds for option \"spill\"", spill),
				 errdetail("Valid values are -1 and those between \"0\" and "
						   "\"1\".")));
}

/* Options of every index, in which a change waits for no query. */
#define COMMON_OPTIONS 3

static void
define_common_options(relopt_kind kind)
{
	add_bool_reloption(kind, "autotrain",
					   "Whether VACUUM trains the index again when its rows "
					   "have become many more, fewer or others",
					   true, ShareUpdateExclusiveLock);
	add_real_reloption(kind, "autotrain_growth",
					   "Rows after inserts, as a multiple of those in "
					   "training, at which VACUUM trains the index again",
					   IVF_DEFAULT_GROWTH, 1.05, 100, ShareUpdateExclusiveLock);
	add_real_reloption(kind, "spill",
					   "Share of the rows that are in two lists, 0 to 1; "
					   "chosen at the build if it is -1",
					   IVF_SPILL_AUTOMATIC, IVF_SPILL_AUTOMATIC, 1,
					   ShareUpdateExclusiveLock);
}

static relopt_kind
define_options(int count)
{
	relopt_kind kind = add_reloption_kind();

	define_common_options(kind);

	for (int i = 0; i < count; i++)
		add_int_reloption(kind, rows[i].name, rows[i].description,
						  rows[i].initial, rows[i].least, rows[i].most,
						  AccessExclusiveLock);
	return kind;
}

void
ivf_options_init(void)
{
	ivfflat_kind = define_options(IVFFLAT_ROWS);
	hnsw_kind = define_options(lengthof(rows));
}

static bytea *
parse_options(relopt_kind kind, int count, Datum reloptions, bool validate)
{
	relopt_parse_elt table[COMMON_OPTIONS + lengthof(rows)] = {
		{"autotrain", RELOPT_TYPE_BOOL, offsetof(IvfOptions, autotrain)},
		{"autotrain_growth", RELOPT_TYPE_REAL, offsetof(IvfOptions, growth)},
		{"spill", RELOPT_TYPE_REAL, offsetof(IvfOptions, spill)},
	};
	IvfOptions *options;

	for (int i = 0; i < count; i++)
		table[COMMON_OPTIONS + i] =
			(relopt_parse_elt){rows[i].name, RELOPT_TYPE_INT, rows[i].offset};
	options = (IvfOptions *) build_reloptions(reloptions, validate, kind,
											  sizeof(IvfOptions), table,
											  COMMON_OPTIONS + count);
	if (options && validate && options->bits != 0)
		validate_bits(options->bits);
	if (options && validate)
		validate_spill(options->spill);
	return (bytea *) options;
}

bytea *
ivf_ivfflat_options(Datum reloptions, bool validate)
{
	return parse_options(ivfflat_kind, IVFFLAT_ROWS, reloptions, validate);
}

bytea *
ivf_hnsw_options(Datum reloptions, bool validate)
{
	return parse_options(hnsw_kind, lengthof(rows), reloptions, validate);
}

void
ivf_options_require(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	if (options && options->ef_construction < 2 * options->m)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("ef_construction must be greater than or equal "
							   "to 2 * m")));
}

int
ivf_option_lists(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->lists : 0;
}

int
ivf_option_bits(Relation index, int initial)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options && options->bits > 0 ? options->bits : initial;
}

bool
ivf_option_autotrain(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->autotrain : true;
}

double
ivf_option_growth(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->growth : IVF_DEFAULT_GROWTH;
}

double
ivf_option_spill(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->spill : IVF_SPILL_AUTOMATIC;
}

float
ivf_spill_asked(Relation index)
{
	double share = ivf_option_spill(index);

	if (share == IVF_SPILL_AUTOMATIC)
		return 0;
	return share > 0 ? share : -1;
}

uint32
ivf_option_dimensions(Relation index)
{
	IvfOptions *options = (IvfOptions *) index->rd_options;

	return options ? options->dimensions : 0;
}

int
ivf_automatic_bits(uint32 padded)
{
	return padded <= IVF_FEW_DIMENSIONS ? 8 : 2;
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
 *
 * Beyond MANY_ROWS the codes of a query outgrow the centroids, and building
 * goes through blocks, so there lists grow nearly as the rows do.  Of generated
 * rows of 96 dimensions, a million took 0.58, 0.52 and 0.43 ms a query at a
 * recall of 0.95 with 1,500, 3,000 and 6,000 lists.  Ten million scanned
 * 117,000 codes a query, half of the queries 94,000 or more, with 13,534 lists,
 * and 94,000 and 47,000 with 19,979.
 */
#define MANY_ROWS 500000.0
#define MANY_ROWS_POWER 0.98

static double
lists_of_many(double rows)
{
	return 1.5 * sqrt(MANY_ROWS) * pow(rows / MANY_ROWS, MANY_ROWS_POWER);
}

uint32
ivf_automatic_lists(double rows, uint32 padded)
{
	double roots = padded < 256 ? 1.5 : 3;
	double lists = Min(roots * sqrt(rows), rows / (2 * VDB_GROUP));

	if (rows < 1000)
		return 1;
	if (rows > MANY_ROWS)
		lists = Max(lists, lists_of_many(rows));
	return Min(lists, IVF_MAX_LISTS);
}
