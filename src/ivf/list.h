/*
 * list.h: lists as streams of groups, see page.h for the format.
 *
 * list.c owns the links between pages: nobody else follows one.  Reading goes
 * page by page with one share lock at a time; a caller's visit runs under that
 * lock and must be short.
 */
#ifndef VECDB_IVF_LIST_H
#define VECDB_IVF_LIST_H

#include "compat.h"

#include "shortcut/ahead.h"
#include "ivf/page.h"
#include "shortcut/wal.h"
#include "math/rabitq.h"
#include "storage/bufmgr.h"
#include "utils/snapshot.h"

#define IVF_FACTOR_LINES_MAX 3
#define IVF_HEAD_LINES_MAX (IVF_FACTOR_LINES_MAX + IVF_SLOT_LINES)

/* The lines of a group of one kind of list. */
typedef struct IvfLayout
{
	IvfPageKind kind;
	uint32 factor_lines;
	uint32 head_lines; /* factors and slots */
	uint32 code_lines;
	uint32 lines;				 /* of a group: head and code */
	const VdbCodeFormat *format; /* or NULL where there are no codes */
} IvfLayout;

extern void ivf_layout_init(IvfLayout *layout, IvfPageKind kind,
							const VdbCodeFormat *format, uint32 padded);

/* Factors of an inner group, by slot. */
typedef struct IvfInnerFactors
{
	float norm2[VDB_GROUP];	   /* |centroid|^2 */
	float mean_dot[VDB_GROUP]; /* <centroid, mean> */
	float gain[VDB_GROUP];	   /* centroid = gain * (field - center) */
} IvfInnerFactors;

/* Factors of a leaf group, by slot. */
typedef struct IvfLeafFactors
{
	uint16 add[VDB_GROUP];
	uint16 gain[VDB_GROUP];
} IvfLeafFactors;

/*
 * One slot's content outside a page.  "factors" holds what each factor array
 * gets, in their order: two halves for a leaf, three floats for an inner list.
 * "lanes" has one word a code line.
 */
typedef struct IvfEntry
{
	IvfSlot slot;
	union
	{
		uint16 half[2];
		float full[3];
	} factors;
	uint32 lanes[FLEXIBLE_ARRAY_MEMBER];
} IvfEntry;

static inline Size
ivf_entry_size(const IvfLayout *layout)
{
	return offsetof(IvfEntry, lanes) + layout->code_lines * sizeof(uint32);
}

extern IvfEntry *ivf_entry_create(const IvfLayout *layout);

/* Reading ---------------------------------------------------------------- */

/* A whole group; the pointers serve until the visit ends. */
typedef struct IvfGroup
{
	uint32 number; /* in the list */
	uint32 slots;  /* slots of it that were ever filled, 1 .. 16 */
	const void *factors;
	const IvfSlot *slot;
	int32 (*dot)[VDB_GROUP]; /* one array a query */
} IvfGroup;

typedef void (*IvfVisit)(void *arg, const IvfGroup *group);

/* What the codes are multiplied with, and what is known of the list. */
typedef struct IvfReading
{
	const int8 *queries[2]; /* quantized, D bytes each */
	int nqueries;			/* 0 to 2 */
	Snapshot snapshot;		/* that rows are read for, or NULL */
	VdbAhead first;			/* of the list's first page */
} IvfReading;

/*
 * Visit the groups of a list in order, with the dot products of their codes.
 * "reading" may be NULL: no queries.  Checks for interrupts between pages.
 * Returns the list's number of slots.
 */
extern uint32 ivf_list_visit(Relation index, BlockNumber head,
							 const IvfLayout *layout, const IvfReading *reading,
							 IvfVisit visit, void *arg);

/* Ask for a list's first page; the result helps to read it. */
extern VdbAhead ivf_list_ahead(Relation index, BlockNumber head);

/* The stream of lines of kind IVF_MEAN: copy nlines of them. */
extern void ivf_lines_read(Relation index, BlockNumber head, IvfPageKind kind,
						   void *lines, uint32 nlines);

/* The entry in a slot of a list; its code makes the centroid of a child. */
extern void ivf_list_read_entry(Relation index, BlockNumber head,
								const IvfLayout *layout, uint32 slot,
								IvfEntry *entry);

/* All lines of a group: layout->lines of them. */
extern void ivf_list_read_group(Relation index, BlockNumber head,
								const IvfLayout *layout, uint32 group,
								uint8 *lines);

/*
 * A walk along a chain, one locked page at a time.  A list's pages behind its
 * first one can be freed between two steps: the walk then just ends, since
 * only dead slots are ever freed.  Anything else that does not fit is an
 * error.
 */
typedef struct IvfCursor
{
	Relation index;
	IvfPageKind kind;
	int lockmode;
	BlockNumber head;
	BlockNumber block; /* the page that is locked now */
	BlockNumber next;  /* the one after it */
	uint32 number;	   /* of the page that is locked now */
	uint32 slots;	   /* of the list, as its first page said */
	uint32 changes;	   /* of the list, likewise */
	uint32 cuts;
	VdbAhead ahead;	   /* what is known of the next page */
	Snapshot snapshot; /* that rows are read for, or NULL */
	bool started;
	Buffer buffer;
	Page page;
} IvfCursor;

extern void ivf_cursor_init(IvfCursor *cursor, Relation index, IvfPageKind kind,
							BlockNumber head, int lockmode);
extern bool ivf_cursor_next(IvfCursor *cursor);

/* Let the page go; ivf_cursor_next() may go on after it. */
extern void ivf_cursor_release(IvfCursor *cursor);

/* Copy one line of a group from or to an entry; for list*.c and the checker. */
extern void ivf_entry_put_line(const IvfLayout *layout, const IvfEntry *entry,
							   int lane, uint32 line, uint8 *data);
extern void ivf_entry_get_line(const IvfLayout *layout, IvfEntry *entry,
							   int lane, uint32 line, const uint8 *data);

/* The first, as a change of a page on which the line lies at "data". */
extern void ivf_entry_log_line(const IvfLayout *layout, const IvfEntry *entry,
							   int lane, uint32 line, VdbWal *wal,
							   Buffer buffer, const uint8 *data);

/* Pages that so many slots fill; at least one. */
extern uint32 ivf_list_pages(const IvfLayout *layout, uint32 slots);

/*
 * The slots of a line of a list's page: their number in the list begins at
 * *first.  NULL where that line holds no slots.
 */
extern IvfSlot *ivf_line_slots(const IvfLayout *layout, Page page,
							   uint32 number, uint32 line, uint32 *first);

/* Building --------------------------------------------------------------- */

/*
 * Writes one stream, front to back, into new pages at the relation's end.
 * Nothing is WAL-logged: the caller logs all pages when it is done.
 */
typedef struct IvfWriter
{
	Relation index;
	ForkNumber fork;
	const IvfLayout *layout;
	IvfPageKind kind;
	BlockNumber head; /* known from the start */
	Buffer buffer;	  /* pinned: the page that grows */
	uint32 number;	  /* its number */
	uint32 line;	  /* lines used on it */
	uint32 slots;	  /* so far */
	uint8 *group;	  /* the group that fills up */
} IvfWriter;

extern void ivf_writer_begin(IvfWriter *writer, Relation index, ForkNumber fork,
							 IvfPageKind kind, const IvfLayout *layout);
extern void ivf_writer_lines(IvfWriter *writer, const void *lines,
							 uint32 nlines);
extern void ivf_writer_add(IvfWriter *writer, const IvfEntry *entry);

/* Finish the stream; returns its number of pages. */
extern uint32 ivf_writer_end(IvfWriter *writer);

/* A list that was written. */
typedef struct IvfWritten
{
	BlockNumber head;
	uint32 pages;
	uint32 rows;
} IvfWritten;

/* In an index that is being built: tell each child's place to its parent. */
extern void ivf_list_set_children(Relation index, BlockNumber head,
								  const IvfLayout *layout,
								  const IvfWritten *children, uint32 count);

/* Changing --------------------------------------------------------------- */

/* Put an entry into a free slot or at the end, WAL-logged. */
extern void ivf_list_insert(Relation index, BlockNumber head,
							const IvfLayout *layout, const IvfEntry *entry);

/* True where the row is to be deleted. */
typedef bool (*IvfDead)(ItemPointer tid, void *arg);

typedef struct IvfVacuumCount
{
	double live;
	double removed;
	double freed_pages;
} IvfVacuumCount;

/*
 * Free the slots of dead rows and the pages behind the last live one.  "pause"
 * is called with no lock held, after each page.
 */
extern void ivf_list_vacuum(Relation index, BlockNumber head,
							const IvfLayout *layout, IvfDead dead, void *arg,
							void (*pause)(void), IvfVacuumCount *count);

#endif /* VECDB_IVF_LIST_H */
