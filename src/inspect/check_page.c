/*
 * check_page.c: single pages, the metapage, and chains of pages: I1 to I3 and
 * I13.
 *
 * Every block of the index is looked at once: as part of a chain, or at the
 * end as what no chain led to.
 */
#include "compat.h"

#include <math.h>

#include "inspect/check.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/* More rows than TIDs can name. */
#define MOST_ROWS 281474976710656.0 /* 2^48 */

/* Single pages ----------------------------------------------------------- */

/* A copy, so that nothing is done under the lock. */
static void
copy_page(IvfCheck *check, BlockNumber block, char *copy)
{
	Buffer buffer;

	CHECK_FOR_INTERRUPTS();
	buffer = ReadBuffer(check->index, block);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	memcpy(copy, BufferGetPage(buffer), BLCKSZ);
	UnlockReleaseBuffer(buffer);
	check->seen[block / 8] |= 1 << (block % 8);
}

/* Why a page that is not all zeros is none of ours, or NULL. */
static const char *
header_fault(Page page)
{
	PageHeader header = (PageHeader) page;
	const IvfPageTail *tail;

	if (header->pd_pagesize_version != (BLCKSZ | PG_PAGE_LAYOUT_VERSION) ||
		header->pd_special != BLCKSZ - sizeof(IvfPageTail) ||
		header->pd_lower != header->pd_special ||
		header->pd_upper != header->pd_special)
		return "page header has impossible values";
	tail = ivf_tail(page);
	if (tail->page_id != IVF_PAGE_ID)
		return "page has a wrong mark";
	if (tail->version != IVF_VERSION)
		return "page has a version that this extension does not know";
	if (tail->kind < IVF_META || tail->kind > IVF_FREE)
		return "page is of an unknown kind";
	return NULL;
}

/* I2 for a page of its own or of a chain; false where it cannot be used. */
static bool
page_usable(IvfCheck *check, BlockNumber block, Page page)
{
	const char *fault = header_fault(page);

	if (fault == NULL && ivf_tail(page)->kind == IVF_META &&
		block != IVF_META_BLOCK)
		fault = "page is a second metapage";
	if (fault)
		ivf_check_found(check, I2_PAGE, block, IVF_CHECK_NO_SLOT, "%s", fault);
	return fault == NULL;
}

void
ivf_check_other_pages(IvfCheck *check)
{
	char *page = palloc(BLCKSZ);

	for (BlockNumber block = 0; block < check->blocks; block++)
	{
		if (ivf_check_full(check))
			break;
		if (ivf_check_seen(check, block))
			continue;
		copy_page(check, block, page);
		/* Zeros are what a crash leaves of a page that was being added. */
		if (!PageIsNew((Page) page))
			(void) page_usable(check, block, (Page) page);
	}
	pfree(page);
}

/* The metapage ----------------------------------------------------------- */

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

	if (meta->magic != IVF_MAGIC)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"wrong magic number %08X", meta->magic);
	else if (meta->version != IVF_VERSION)
		meta_found(check, "format version that this extension does not know",
				   meta->version);
	else if (meta->dim < 1 || meta->dim > IVF_MAX_DIM)
		meta_found(check, "impossible number of dimensions", meta->dim);
	else if (meta->padded != vdb_padded_dim(meta->dim))
		meta_found(check, "impossible number of padded dimensions",
				   meta->padded);
	else if (vdb_code_format(meta->bits) == NULL)
		meta_found(check, "impossible number of bits", meta->bits);
	else if (meta->height > 1)
		meta_found(check, "impossible height", meta->height);
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
	int32 typmod = TupleDescAttr(RelationGetDescr(check->index), 0)->atttypmod;

	if (meta->metric != ivf_type(check->index)->metric)
		meta_found(check, "metric of another operator class", meta->metric);
	if (typmod != (int32) meta->dim)
		meta_found(check, "dimensions that are not the column's", meta->dim);
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
	const char *fault = ivf_calibration_fault(&meta->calibration);

	if (!(meta->trained_rows >= 0 && meta->trained_rows <= MOST_ROWS))
		meta_found(check, "impossible number of rows at training",
				   meta->trained_rows);
	else if (meta->trained_sample > meta->trained_rows ||
			 (meta->height > 0 && meta->trained_sample < meta->lists))
		meta_found(check, "impossible size of the training's sample",
				   meta->trained_sample);
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

/* The metapage's copy; false where there is none to be read. */
static bool
copy_meta(IvfCheck *check, IvfPageTail *tail)
{
	char *page = palloc(BLCKSZ);

	copy_page(check, IVF_META_BLOCK, page);
	if (PageIsNew((Page) page))
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"the metapage is all zeros");
	else if (!page_usable(check, IVF_META_BLOCK, (Page) page))
		check->broken = true;
	else if (ivf_tail((Page) page)->kind != IVF_META)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"the first page is no metapage");
	check->meta = *ivf_meta((Page) page);
	*tail = *ivf_tail((Page) page);
	pfree(page);
	return check->findings == 0;
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

/* Chains ----------------------------------------------------------------- */

void
ivf_walk_init(IvfWalk *walk, IvfCheck *check, IvfPageKind kind,
			  BlockNumber head)
{
	memset(walk, 0, sizeof(*walk));
	walk->check = check;
	walk->kind = kind;
	walk->head = head;
	walk->next = head;
	walk->block = InvalidBlockNumber;
	walk->page = palloc(BLCKSZ);
}

static const char *
kind_name(uint16 kind)
{
	static const char *const names[] = {
		[IVF_META] = "a metapage",
		[IVF_LEAF] = "a leaf list's page",
		[IVF_INNER] = "an inner list's page",
		[IVF_UNPLACED] = "a page of unplaced rows",
		[IVF_MEAN] = "a page of the mean",
		[IVF_FREE] = "a free page",
	};

	return names[kind];
}

/* Can the page be the next one of the chain? */
static bool
belongs(IvfWalk *walk, uint32 number)
{
	IvfCheck *check = walk->check;
	const IvfPageTail *tail;

	if (PageIsNew((Page) walk->page))
	{
		ivf_check_found(check, I2_PAGE, walk->block, IVF_CHECK_NO_SLOT,
						"page %u of the chain at block %u is all zeros", number,
						walk->head);
		return false;
	}
	if (!page_usable(check, walk->block, (Page) walk->page))
		return false;

	tail = ivf_tail((Page) walk->page);
	if (tail->kind != walk->kind)
		ivf_check_found(
			check, tail->kind == IVF_FREE ? I13_FREE_PAGE : I3_CHAIN,
			walk->block, IVF_CHECK_NO_SLOT,
			"page %u of the chain at block %u is %s, not %s", number,
			walk->head, kind_name(tail->kind), kind_name(walk->kind));
	else if (tail->head != walk->head)
		ivf_check_found(check, I3_CHAIN, walk->block, IVF_CHECK_NO_SLOT,
						"page %u of the chain at block %u says that its "
						"chain begins at block %u",
						number, walk->head, tail->head);
	else if (tail->number != number)
		ivf_check_found(check, I3_CHAIN, walk->block, IVF_CHECK_NO_SLOT,
						"page %u of the chain at block %u says that it is "
						"page %u",
						number, walk->head, tail->number);
	else
		return true;
	return false;
}

/* A block that can be read as the chain's next page. */
static bool
reachable(IvfWalk *walk, BlockNumber block)
{
	IvfCheck *check = walk->check;
	const char *place = walk->started ? "next" : "first";

	/* What leads to a first page, the root's slots aside, is the metapage. */
	BlockNumber from = walk->started ? walk->block : IVF_META_BLOCK;

	if (block >= check->blocks)
		ivf_check_found(check, I3_CHAIN, from, IVF_CHECK_NO_SLOT,
						"the %s page is said to be block %u of %u", place,
						block, check->blocks);
	else if (ivf_check_seen(check, block))
		ivf_check_found(check, I3_CHAIN, from, IVF_CHECK_NO_SLOT,
						"the %s page, block %u, is in a chain already", place,
						block);
	else
		return true;
	return false;
}

static void
check_chain_end(IvfWalk *walk)
{
	if (walk->started && walk->first.last != walk->block)
		ivf_check_found(walk->check, I3_CHAIN, walk->head, IVF_CHECK_NO_SLOT,
						"the chain ends at block %u, but its last page is "
						"said to be block %u",
						walk->block, walk->first.last);
}

bool
ivf_walk_next(IvfWalk *walk)
{
	IvfCheck *check = walk->check;
	BlockNumber from = walk->block;
	BlockNumber block = walk->next;
	uint32 number = walk->started ? walk->number + 1 : 0;
	const IvfPageTail *tail;

	if (block == InvalidBlockNumber || ivf_check_full(check))
	{
		check_chain_end(walk);
		return false;
	}
	if (!reachable(walk, block))
	{
		check->broken = true;
		return false;
	}

	copy_page(check, block, walk->page);
	walk->block = block;
	if (!belongs(walk, number))
	{
		check->broken = true;
		return false;
	}
	tail = ivf_tail((Page) walk->page);
	if (tail->prev != from)
		ivf_check_found(check, I3_CHAIN, block, IVF_CHECK_NO_SLOT,
						"the page before is block %u, but is said to be "
						"block %u",
						from, tail->prev);
	if (!walk->started)
		walk->first = *tail;
	walk->started = true;
	walk->number = number;
	walk->next = tail->next;
	return true;
}
