/*
 * page.h: the disk format of an ivfflat index, and access to single pages.
 *
 * Every page has the standard header, IVF_PAGE_LINES lines of 64 bytes, and a
 * tail of 64 bytes in the special space:
 *
 *		   0  PageHeaderData (24), then on the first page of a leaf with
 *			  scalar columns its fences (fences.h), else nothing
 *		  64  lines
 *		8128  IvfPageTail (BLCKSZ 8192)
 *
 * Block 0 is the metapage: an IvfMetaPage (meta.h) at offset 64.  All other
 * pages belong to streams.  A stream is a chain of pages whose lines are
 * numbered through: line n lies on the chain's page n / IVF_PAGE_LINES.  A list
 * is a stream of groups of VDB_GROUP slots, and a group may run over pages'
 * ends:
 *
 *		leaf group		line  0		16 halves "add", 16 halves "gain"
 *						lines 1-2	16 IvfSlot
 *						then		16 keys of each scalar column
 *						then		codes, D * bits / 32 lines, or the
 *									bits themselves, D / 32 lines
 *		inner group		lines 0-2	16 floats each: norm2, mean_dot, gain
 *						lines 3-4	16 IvfSlot, each naming a child list
 *						then		16 VdbSummary of each scalar column
 *						then		codes of the centroids, 8 bits: D / 4
 *									lines, or 2 where rows are bits
 *		unplaced group	lines 0-1	16 IvfSlot
 *						then		16 keys of each scalar column
 *		mean			line  0 ..	D floats, no groups
 *
 * Keys are unsigned integers of 1, 2, 4 or 8 bytes.  The widest column comes
 * first, then the others, each behind the one before, so that narrow ones share
 * a line and none runs over the end of one.  NULL is a bit of the slot's
 * detail, and a key of zero.
 *
 * Everything is in the machine's own byte order, as in all of PostgreSQL.
 */
#ifndef VECDB_IVF_DISK_PAGE_H
#define VECDB_IVF_DISK_PAGE_H

#include "compat.h"

#include "kernel/kernel.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"

#define IVF_MAGIC UINT32_C(0x56444249) /* "VDBI" */
#define IVF_VERSION 1
#define IVF_WITH_COLUMNS 0x100 /* beside it, in the metapage: see meta.h */
#define IVF_WITH_SPILL 0x200   /* the same */
#define IVF_PAGE_ID 0xDB1F	   /* in every tail, for pg_filedump & co. */

#define IVF_META_BLOCK 0

#define IVF_PAGE_LINES ((BLCKSZ - 2 * VDB_LINE) / VDB_LINE)
#define IVF_SLOT_LINES 2 /* VDB_GROUP * sizeof(IvfSlot) / VDB_LINE */
#define IVF_LINE_SLOTS 8 /* slots in one such line */

typedef enum IvfPageKind
{
	IVF_META = 1, /* the metapage */
	IVF_LEAF,	  /* a list of rows */
	IVF_INNER,	  /* a list of lists */
	IVF_UNPLACED, /* rows without a place among centroids */
	IVF_MEAN,	  /* the mean that is taken from every vector */
	IVF_FREE,	  /* in the free space map */
	IVF_CLAIMED,  /* to be written: of a tree that is being made */
} IvfPageKind;

/*
 * "seconds", "residual", "sorted" and the fields from "slots" to "cuts" count
 * on the first page of a list only.
 */
typedef struct IvfPageTail
{
	uint16 page_id;	  /* IVF_PAGE_ID */
	uint16 version;	  /* IVF_VERSION */
	uint16 kind;	  /* IvfPageKind */
	uint16 seconds;	  /* inserts of second entries, PG_UINT16_MAX at most */
	BlockNumber head; /* first page of the stream */
	uint32 number;	  /* of this page in the stream, from 0 */
	BlockNumber prev;
	BlockNumber next;
	BlockNumber last;		/* last page of the stream */
	uint32 slots;			/* slots that were ever filled */
	uint32 dead;			/* slots among them that are free again */
	BlockNumber free_block; /* no slot before this page is free */
	uint32 free_number;		/* the number of that page */
	uint32 changes;			/* counts inserts, which vacuum must notice */
	uint32 cuts;			/* counts cuts of the chain, for scans */
	uint32 tree;			/* number of the tree that it belongs to */
	float residual;			/* sum of the inserted entries' |r|^2 */
	uint32 sorted;			/* slots, from the first on, in the order of the
							 * first scalar column (fences.h) */
} IvfPageTail;

StaticAssertDecl(sizeof(IvfPageTail) == VDB_LINE, "page tail is one line");

/* Rows that were inserted into a list, each once, as its first page says. */
static inline uint32
ivf_rows_added(const IvfPageTail *tail)
{
	return tail->changes - Min(tail->seconds, tail->changes);
}

/* What a slot holds; a slot whose tid is invalid is free. */
typedef struct IvfSlot
{
	ItemPointerData tid; /* heap row; or (first block, 1) of a child */
	uint16 detail;		 /* of a row, flags; or the child's pages, if known */
} IvfSlot;

StaticAssertDecl(sizeof(IvfSlot) * VDB_GROUP == IVF_SLOT_LINES * VDB_LINE,
				 "a group's slots fill two lines");

/* Rows of a list whose first page counts so many slots and free ones. */
static inline uint32
ivf_listed_rows(uint32 slots, uint32 dead)
{
	return slots - Min(dead, slots);
}

/* The mask of those among the first n slots of a group that are not free. */
static inline uint32
ivf_taken_slots(const IvfSlot *slot, uint32 n)
{
	uint32 taken = 0;

	for (uint32 i = 0; i < n; i++)
		taken |= (uint32) ItemPointerIsValid(&slot[i].tid) << i;
	return taken;
}

/*
 * Flags of a row: unplaced since it is NULL; of two entries in different lists,
 * one; and that the one of a list which is not the nearest; scalar column i is
 * NULL.
 */
#define IVF_ROW_NULL 0x0001
#define IVF_ROW_TWICE 0x0002
#define IVF_ROW_SECOND 0x0004
#define IVF_COLUMN_NULL(i) (0x0100 << (i))

/* The flags of one of a row's two entries. */
static inline uint16
ivf_twice_flags(bool second)
{
	return IVF_ROW_TWICE | (second ? IVF_ROW_SECOND : 0);
}

/* The scalar columns of an index, which are those after the first. */
#define IVF_MOST_COLUMNS 8

typedef struct IvfColumnFormats
{
	uint32 count;
	struct
	{
		uint16 kind;  /* how values become keys: space/column.h */
		uint16 width; /* bytes of a key: 1, 2, 4 or 8 */
	} column[IVF_MOST_COLUMNS];
} IvfColumnFormats;

/* Where it has to be, whatever a damaged header says. */
static inline IvfPageTail *
ivf_tail(Page page)
{
	return (IvfPageTail *) ((char *) page + BLCKSZ - sizeof(IvfPageTail));
}

static inline uint8 *
ivf_line(Page page, uint32 line)
{
	return (uint8 *) page + VDB_LINE + line * VDB_LINE;
}

/*
 * Where the used space of a page ends, in bytes.  Lines count as used, or a
 * page image would leave them out, as it should where there is nothing in them.
 */
static inline LocationIndex
ivf_page_lower(IvfPageKind kind)
{
	if (kind == IVF_FREE || kind == IVF_CLAIMED)
		return SizeOfPageHeaderData;
	return BLCKSZ - sizeof(IvfPageTail);
}

/*
 * Make an empty page of a stream, of the tree of this number (IvfTrees in
 * meta.h).  The page's memory is BLCKSZ bytes.
 */
extern void ivf_page_init(Page page, uint32 tree, IvfPageKind kind,
						  BlockNumber head, uint32 number, BlockNumber prev);

/*
 * Why a page cannot be page "number" of the stream that begins at "head", or
 * NULL where it can.  An all-zero page gives an answer too.
 */
extern const char *ivf_page_fault(Page page, IvfPageKind kind, BlockNumber head,
								  uint32 number);

/* The format version of a page of ours; 0 for any other. */
extern uint32 ivf_page_version(Page page);

/* Raise ERRCODE_INDEX_CORRUPTED for a block. */
extern VDB_NORETURN void ivf_page_corrupted(Relation index, BlockNumber block,
											const char *fault);

/*
 * The same unless a slot's pointer can be that of a row: one that no insert can
 * have written would lead astray silently.  "within" says whether the table has
 * such a page.
 */
extern void ivf_require_row(Relation index, BlockNumber block,
							OffsetNumber offset, bool within);

/*
 * Read and lock a page that must be page "number" of the stream at "head";
 * anything else is an error.
 */
extern Buffer ivf_page_read(Relation index, BlockNumber block, int lockmode,
							IvfPageKind kind, BlockNumber head, uint32 number);

/*
 * A page for a stream that grows: one from the free space map or a new one,
 * locked exclusively, its content unspecified.  The caller may hold locks on
 * pages of its own list, and no others.
 */
extern Buffer ivf_page_allocate(Relation index);

/*
 * A new page at the index's end, all zeros, not locked: nobody else knows of
 * it, and after a crash vacuum finds it.
 */
extern BlockNumber ivf_page_extend(Relation index, ForkNumber fork);

/*
 * Take a free page for a stream of this tree, WAL-logged; false where it is
 * not free any more.  Its content is for the caller to write.
 */
extern bool ivf_page_claim(Relation index, BlockNumber block, uint32 tree);

/*
 * Give a page back that no link leads to: mark it free, WAL-logged, and tell
 * the free space map.  The caller holds no lock on any page.
 */
extern void ivf_page_free(Relation index, BlockNumber block);

#endif /* VECDB_IVF_DISK_PAGE_H */
