/*
 * check.h: what the parts of the verifier share.
 *
 *		check.c			whom it serves, the order of the checks, the findings
 *		check_page.c	single pages, the metapage, chains of pages
 *		check_list.c	lists: slots, factors, centroids, counters
 *		check_heap.c	rows: each once, and the table's against the index's
 *
 * A check trusts no number that it reads from a page: blocks are compared with
 * the index's size before they are read, pages are copied under a share lock
 * and looked at without one, and a chain is followed only into blocks that no
 * chain had before.
 */
#ifndef VECDB_INSPECT_CHECK_H
#define VECDB_INSPECT_CHECK_H

#include "compat.h"

#include "ivf/space/index.h"
#include "utils/tuplesort.h"
#include "utils/tuplestore.h"

/* Findings that are reported at most; the check ends with the last one. */
#define IVF_CHECK_LIMIT 1000

/* Where a finding has no slot. */
#define IVF_CHECK_NO_SLOT (-1)

/* The numbered invariants of ivf/README.md. */
typedef enum IvfInvariant
{
	I1_METAPAGE = 1,
	I2_PAGE,
	I3_CHAIN,
	I4_LENGTH,
	I5_ROOT,
	I6_CENTROID,
	I7_SLOT,
	I8_FREE_BLOCK,
	I9_ONCE,
	I10_DETAIL,
	I11_HEAP,
	I12_CODE,
	I13_FREE_PAGE,
} IvfInvariant;

/* A child list, as the root names it. */
typedef struct IvfChild
{
	BlockNumber head;
	BlockNumber block; /* of the root's page with the slot */
	uint32 slot;	   /* in the root */
	bool centroid_sound;
} IvfChild;

typedef struct IvfCheck
{
	Relation heap;
	Relation index;
	bool heapallindexed;

	Tuplestorestate *result;
	TupleDesc descriptor;
	uint32 findings;

	BlockNumber blocks; /* of the index as the check began */
	BlockNumber heap_blocks;
	uint8 *seen;   /* a bit a block: it was looked at as part of a stream */
	bool broken;   /* a stream was lost: rows cannot be counted */
	uint64 placed; /* rows in leaf lists */

	IvfMetaPage meta;
	IvfLayout leaf;
	IvfLayout inner;
	IvfLayout unplaced;
	const IvfIndex *ivf; /* NULL where the mean cannot be read */

	IvfChild *children;
	uint32 nchildren;
	uint32 children_room;
	float *centroids; /* of the first children */
	uint32 centroids_room;

	Tuplesortstate *rows; /* IvfCheckRow by TID */
	TupleTableSlot *row_slot;
} IvfCheck;

/* A row as the index has it.  In the sort, the entry lies behind it. */
typedef struct IvfCheckRow
{
	ItemPointerData tid;
	uint16 kind;	   /* IVF_LEAF or IVF_UNPLACED */
	BlockNumber block; /* of the slot */
	uint32 slot;
	uint32 child; /* which of the leaf lists */
} IvfCheckRow;

/* Findings (check.c) ----------------------------------------------------- */

extern void ivf_check_found(IvfCheck *check, IvfInvariant invariant,
							BlockNumber block, int64 slot, const char *format,
							...) pg_attribute_printf(5, 6);

static inline bool
ivf_check_full(const IvfCheck *check)
{
	return check->findings >= IVF_CHECK_LIMIT;
}

/* Pages and chains (check_page.c) ---------------------------------------- */

static inline bool
ivf_check_seen(const IvfCheck *check, BlockNumber block)
{
	return (check->seen[block / 8] >> (block % 8)) & 1;
}

/* The metapage into check->meta; false where nothing else can be checked. */
extern bool ivf_check_meta(IvfCheck *check);

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

/* Lists (check_list.c) --------------------------------------------------- */

extern void ivf_check_mean(IvfCheck *check);
extern void ivf_check_lists(IvfCheck *check);

/* Rows (check_heap.c) ---------------------------------------------------- */

extern void ivf_check_rows_begin(IvfCheck *check);

/* A live slot; "entry" is its content. */
extern void ivf_check_rows_add(IvfCheck *check, const IvfCheckRow *row,
							   const IvfEntry *entry, Size entry_size);
extern void ivf_check_rows(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_H */
