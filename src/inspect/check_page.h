/*
 * check_page.h: single pages, and walks along chains of pages.
 */
#ifndef VECDB_INSPECT_CHECK_PAGE_H
#define VECDB_INSPECT_CHECK_PAGE_H

#include "inspect/check_report.h"

/* Was the block part of a stream? */
static inline bool
ivf_check_seen(const IvfCheck *check, BlockNumber block)
{
	return (check->seen[block / 8] >> (block % 8)) & 1;
}

/* A copy, so that nothing is done under the lock. */
extern void ivf_check_copy_page(IvfCheck *check, BlockNumber block, char *copy);

/* I2 for a page of its own or of a chain; false where it cannot be used. */
extern bool ivf_check_page_usable(IvfCheck *check, BlockNumber block,
								  Page page);

/* The blocks that no chain led to. */
extern void ivf_check_other_pages(IvfCheck *check);

/* A walk along a chain; "page" is a copy. */
typedef struct IvfWalk
{
	IvfCheck *check;
	IvfPageKind kind;
	BlockNumber head;
	BlockNumber block; /* of the copy */
	BlockNumber next;
	uint32 number;
	IvfPageTail first; /* the first page's tail */
	bool started;
	char *page; /* BLCKSZ bytes */
} IvfWalk;

extern void ivf_walk_init(IvfWalk *walk, IvfCheck *check, IvfPageKind kind,
						  BlockNumber head);

/*
 * The next page; false at the chain's end, and, with check->broken set and a
 * finding made, where the chain cannot be followed.
 */
extern bool ivf_walk_next(IvfWalk *walk);

#endif /* VECDB_INSPECT_CHECK_PAGE_H */
