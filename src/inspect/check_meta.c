/*
 * check_meta.c: the metapage, field by field: I1.
 */
#include "compat.h"

#include <math.h>

#include "inspect/check_meta.h"
#include "inspect/check_page.h"
#include "ivf/space/dimensions.h"
#include "utils/rel.h"

/* More rows than TIDs can name. */
#define MOST_ROWS 281474976710656.0 /* 2^48 */

static void
meta_found(IvfCheck *check, const char *what, double value)
{
	ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
					"%s: %.9g", what, value);
}

/* What the layout of all other pages follows from. */
static bool
check_format(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;
	uint32 before = check->findings;
	uint32 value;

	if (meta->magic != IVF_MAGIC)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"wrong magic number %08X", meta->magic);
	else if (!ivf_version_known(meta->version))
		meta_found(check, "format version that this extension does not know",
				   meta->version);
	else if (ivf_dim_fault(meta, &value))
		meta_found(check, ivf_dim_fault(meta, &value), value);
	else if (vdb_code_format(meta->bits) == NULL)
		meta_found(check, "impossible number of bits", meta->bits);
	else if (meta->height > 1)
		meta_found(check, "impossible height", meta->height);
	else if (meta->trees.tree > meta->trees.begun)
		meta_found(check, "number of a tree that was never begun",
				   meta->trees.tree);
	else if (ivf_columns_fault(meta))
		meta_found(check, ivf_columns_fault(meta), meta->columns.count);
	return check->findings == before;
}

static void
check_link(IvfCheck *check, const char *name, BlockNumber block)
{
	if (block == IVF_META_BLOCK || block >= check->blocks)
	{
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"%s is said to begin at block %u of %u", name, block,
						check->blocks);
		check->broken = true;
	}
}

/* The column's dimensions, as far as the catalog tells. */
static void
check_catalog(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;
	IvfColumn columns[IVF_MOST_COLUMNS];
	int column;

	if (meta->metric != ivf_type(check->index)->metric)
		meta_found(check, "metric of another operator class", meta->metric);
	if (ivf_dimensions(check->index) != meta->dim)
		meta_found(check, "dimensions that are not the column's", meta->dim);
	if (meta->sketch > 0 && ivf_type(check->index)->sketch == NULL)
		meta_found(check, "sketches of a type that has none", meta->sketch);
	if (vdb_code_format(meta->bits)->verbatim &&
		ivf_type(check->index)->bits == NULL)
		meta_found(check, "bits of a type that has none", meta->bits);
	column = ivf_columns_differ(meta, columns,
								ivf_columns_make(check->index, columns));
	if (column >= 0)
		meta_found(check, "keys of another type in scalar column", column + 1);
}

static void
check_scale(IvfCheck *check)
{
	float scale = check->meta.scale;
	int exponent;

	if (!(scale >= 0) || isinf(scale))
		meta_found(check, "impossible scale", scale);
	else if (scale > 0 && frexpf(scale, &exponent) != 0.5f)
		meta_found(check, "scale that is no power of two", scale);
}

/* What the build says of its training. */
static void
check_training(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;
	const char *fault = ivf_calibration_fault(meta);

	if (!(meta->trained_rows >= 0 && meta->trained_rows <= MOST_ROWS))
		meta_found(check, "impossible number of rows at training",
				   meta->trained_rows);
	else if (meta->trained_sample > meta->trained_rows ||
			 (meta->height > 0 && meta->trained_sample < meta->lists))
		meta_found(check, "impossible size of the training's sample",
				   meta->trained_sample);
	if (fault == NULL)
		fault = ivf_spread_fault(meta);
	if (fault == NULL)
		fault = ivf_spill_fault(meta);
	if (fault == NULL)
		fault = ivf_history_fault(meta);
	if (fault == NULL)
		fault = ivf_far_fault(meta);
	if (fault)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"%s", fault);
}

static void
check_figures(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;

	check_scale(check);
	check_training(check);
	if (!(meta->stretch >= 0) || isinf(meta->stretch) ||
		!(meta->least_stretch >= 0 && meta->least_stretch <= meta->stretch))
		meta_found(check, "impossible stretch", meta->stretch);
	if (!(meta->mean_norm2 >= 0) || isinf(meta->mean_norm2))
		meta_found(check, "impossible norm of the mean", meta->mean_norm2);
	if (meta->lists < IVF_MIN_LISTS || meta->lists > IVF_MAX_LISTS ||
		(meta->height == 0 && meta->lists != 1))
		meta_found(check, "impossible number of lists", meta->lists);
	check_link(check, "the root", meta->root);
	check_link(check, "the list of unplaced rows", meta->unplaced);
	if (meta->mean != InvalidBlockNumber)
		check_link(check, "the mean", meta->mean);
	else if (meta->mean_norm2 != 0)
		meta_found(check, "no mean, but a norm of it", meta->mean_norm2);
}

/* The metapage is a chain of its own. */
static void
check_meta_chain(IvfCheck *check, const IvfPageTail *tail)
{
	BlockNumber beside =
		tail->next != InvalidBlockNumber ? tail->next : tail->prev;

	if (tail->head != IVF_META_BLOCK)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"the metapage says that its chain begins at block %u",
						tail->head);
	if (tail->number != 0)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"the metapage says that it is page %u of its chain",
						tail->number);
	if (beside != InvalidBlockNumber)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"the metapage has a neighbour, block %u", beside);
}

/* Is the page a metapage at all? */
static bool
usable(IvfCheck *check, Page page)
{
	const char *fault = NULL;

	if (PageIsNew(page))
		fault = "the metapage is all zeros";
	else if (!ivf_check_page_usable(check, IVF_META_BLOCK, page))
	{
		check->broken = true;
		return false;
	}
	else if (ivf_tail(page)->kind != IVF_META)
		fault = "the first page is no metapage";
	if (fault)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"%s", fault);
	return fault == NULL;
}

/* The metapage's copy; false where there is none to be read. */
static bool
copy_meta(IvfCheck *check, IvfPageTail *tail)
{
	char *page = palloc(BLCKSZ);
	bool readable;

	ivf_check_copy_page(check, IVF_META_BLOCK, page);
	readable = usable(check, (Page) page);
	if (readable)
	{
		check->meta = *ivf_meta((Page) page);
		*tail = *ivf_tail((Page) page);
	}
	pfree(page);
	return readable;
}

bool
ivf_check_meta(IvfCheck *check)
{
	IvfPageTail tail;

	if (check->blocks == 0)
	{
		ivf_check_found(check, I1_METAPAGE, InvalidBlockNumber,
						IVF_CHECK_NO_SLOT, "the index is empty");
		return false;
	}
	if (!copy_meta(check, &tail) || !check_format(check))
		return false;
	check_meta_chain(check, &tail);
	check_catalog(check);
	check_figures(check);
	return true;
}
