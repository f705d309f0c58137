/*
 * check_page.c: single pages and chains of pages: I2, I3 and I13.
 *
 * Every block of the index is looked at once: as part of a chain, or at the
 * end as what no chain led to.
 */
#include "compat.h"

#include "inspect/check_page.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/* Single pages ----------------------------------------------------------- */

void
ivf_check_copy_page(IvfCheck *check, BlockNumber block, char *copy)
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
		header->pd_upper != header->pd_special)
		return "page header has impossible values";
	tail = ivf_tail(page);
	if (tail->page_id != IVF_PAGE_ID)
		return "page has a wrong mark";
	if (tail->version != IVF_VERSION)
		return "page has a version that this extension does not know";
	if (tail->kind < IVF_META || tail->kind > IVF_CLAIMED)
		return "page is of an unknown kind";
	/* Free pages of an older version count as full. */
	if (header->pd_lower != header->pd_special &&
		header->pd_lower != ivf_page_lower(tail->kind))
		return "page header has impossible values";
	return NULL;
}

bool
ivf_check_page_usable(IvfCheck *check, BlockNumber block, Page page)
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
		ivf_check_copy_page(check, block, page);
		/* Zeros are what a crash leaves of a page that was being added. */
		if (!PageIsNew((Page) page))
			(void) ivf_check_page_usable(check, block, (Page) page);
	}
	pfree(page);
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
		[IVF_CLAIMED] = "a page of an unfinished tree",
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
	if (!ivf_check_page_usable(check, walk->block, (Page) walk->page))
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
	else if (tail->tree != check->meta.trees.tree)
		ivf_check_found(check, I16_TREE, walk->block, IVF_CHECK_NO_SLOT,
						"page %u of the chain at block %u belongs to tree %u, "
						"not to tree %u",
						number, walk->head, tail->tree, check->meta.trees.tree);
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

	ivf_check_copy_page(check, block, walk->page);
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
