/*
 * layout.h: what a group of slots holds, line by line; see page.h for where
 * lines lie.
 *
 * A group is a table of sections.  A section gives each of the group's 16 slots
 * a lane of so many bytes, side by side in one or more lines; the same bytes
 * lie at some offset of the slot's content outside a page, its IvfEntry.  What
 * a list holds is said here and nowhere else: reading, writing, logging and
 * checking follow the table.
 */
#ifndef VECDB_IVF_DISK_LAYOUT_H
#define VECDB_IVF_DISK_LAYOUT_H

#include "compat.h"

#include "ivf/disk/page.h"
#include "math/rabitq.h"
#include "math/summary.h"
#include "shortcut/wal.h"
#include "storage/bufmgr.h"

/* Factors of an inner group, by slot. */
typedef struct IvfInnerFactors
{
	float norm2[VDB_GROUP];	   /* |centroid|^2 */
	float mean_dot[VDB_GROUP]; /* <centroid, mean> */
	float gain[VDB_GROUP];	   /* centroid = gain * (field - center) */
} IvfInnerFactors;

/*
 * Factors of a leaf group, by slot.  Where it holds bits themselves, "add" is
 * how many of them are set, a whole number, and "gain" zero.
 */
typedef struct IvfLeafFactors
{
	uint16 add[VDB_GROUP];
	uint16 gain[VDB_GROUP];
} IvfLeafFactors;

/*
 * One slot's content outside a page.  "factors" holds what each factor array
 * gets, in their order: two halves for a leaf, three floats for an inner list.
 * "lanes" has one word a code line.  What belongs to scalar columns lies behind
 * them, unaligned: see ivf_entry_key() and ivf_entry_summary().
 */
typedef struct IvfEntry
{
	IvfSlot slot;
	union
	{
		uint16 half[2];
		float full[3];
		struct
		{
			uint32 stored;	/* the halves */
			float residual; /* |r|^2, which lists do not hold but add up */
		} row;
	} factors;
	uint32 lanes[FLEXIBLE_ARRAY_MEMBER];
} IvfEntry;

/* A section: lanes of the same kind, one a slot. */
typedef struct IvfSection
{
	uint32 line;	/* its first line in the group */
	uint32 lines;	/* how many it fills */
	uint32 lane;	/* bytes of a slot in it, or in each line of a code */
	uint32 begin;	/* of its first lane in its first line, in bytes */
	uint32 offset;	/* of the same bytes in the entry */
	bool each_line; /* every line has a lane of each slot, as codes have */
} IvfSection;

#define IVF_MOST_SECTIONS (5 + IVF_MOST_COLUMNS)
#define IVF_FACTOR_LINES_MAX 3
#define IVF_SUMMARY_LINES (VDB_GROUP * sizeof(VdbSummary) / VDB_LINE)
#define IVF_HEAD_LINES_MAX                                                     \
	(IVF_FACTOR_LINES_MAX + IVF_SLOT_LINES +                                   \
	 IVF_MOST_COLUMNS * IVF_SUMMARY_LINES)

/* The groups of one kind of list. */
typedef struct IvfLayout
{
	uint32 tree; /* number of the tree that its lists are of (meta.h) */
	IvfPageKind kind;
	uint32 nsections;
	IvfSection sections[IVF_MOST_SECTIONS]; /* in the order of their lines */
	uint32 factor_lines;
	uint32 column_line; /* the first one behind the slots */
	uint32 head_lines;	/* factors, slots and columns */
	uint32 code_lines;
	uint32 columns;		 /* scalar ones */
	uint32 column_bytes; /* of an entry */

	/* The section of each: of keys, or in an inner list of summaries. */
	uint8 column[IVF_MOST_COLUMNS];
	uint32 lines;				 /* of a group: head and codes */
	const VdbCodeFormat *format; /* or NULL where there are no codes */
} IvfLayout;

/* "columns" may be NULL: none. */
extern void ivf_layout_init(IvfLayout *layout, IvfPageKind kind,
							const VdbCodeFormat *format, uint32 padded,
							const IvfColumnFormats *columns);

/* Pages that so many slots fill; at least one. */
extern uint32 ivf_list_pages(const IvfLayout *layout, uint32 slots);

/*
 * The slots of a line of a list's page: their number in the list begins at
 * *first.  NULL where that line holds no slots.
 */
extern IvfSlot *ivf_line_slots(const IvfLayout *layout, Page page,
							   uint32 number, uint32 line, uint32 *first);

/* The lanes of a scalar column in a group, whose first lines are its head. */
static inline const uint8 *
ivf_column_lanes(const IvfLayout *layout, const uint8 *head, uint32 column)
{
	const IvfSection *section = &layout->sections[layout->column[column]];

	return head + section->line * VDB_LINE + section->begin;
}

/*
 * For each scalar column, the mask of the group's 16 slots that are NULL.
 */
extern void ivf_column_nulls(const IvfLayout *layout, const IvfSlot *slot,
							 uint16 nulls[IVF_MOST_COLUMNS]);

/* Entries ---------------------------------------------------------------- */

static inline Size
ivf_entry_size(const IvfLayout *layout)
{
	return offsetof(IvfEntry, lanes) + layout->code_lines * sizeof(uint32) +
		   layout->column_bytes;
}

/* The key of a row's scalar column, and whether it is NULL. */
static inline uint64
ivf_entry_key(const IvfLayout *layout, const IvfEntry *entry, uint32 column,
			  bool *null)
{
	const IvfSection *section = &layout->sections[layout->column[column]];

	*null = (entry->slot.detail & IVF_COLUMN_NULL(column)) != 0;
	return vdb_key_load((const uint8 *) entry + section->offset, section->lane);
}

/* Set it: zero where it is NULL. */
extern void ivf_entry_set_key(const IvfLayout *layout, IvfEntry *entry,
							  uint32 column, bool null, uint64 key);

/* The summaries of the list that an entry of an inner list stands for. */
extern void ivf_entry_summaries(const IvfLayout *layout, const IvfEntry *entry,
								VdbSummary summaries[IVF_MOST_COLUMNS]);
extern void ivf_entry_set_summaries(const IvfLayout *layout, IvfEntry *entry,
									const VdbSummary *summaries);

/* All zeros. */
extern IvfEntry *ivf_entry_create(const IvfLayout *layout);

/* Widen a list's summaries by one of its rows: false if they were as wide. */
extern bool ivf_entry_summarize(const IvfLayout *layout, const IvfEntry *row,
								VdbSummary summaries[IVF_MOST_COLUMNS]);

/* Copy the lanes of one line of a group to or from an entry. */
extern void ivf_entry_put_line(const IvfLayout *layout, const IvfEntry *entry,
							   int lane, uint32 line, uint8 *data);
extern void ivf_entry_get_line(const IvfLayout *layout, IvfEntry *entry,
							   int lane, uint32 line, const uint8 *data);

/* The first, as a change of a page on which the line lies at "data". */
extern void ivf_entry_log_line(const IvfLayout *layout, const IvfEntry *entry,
							   int lane, uint32 line, VdbWal *wal,
							   Buffer buffer, const uint8 *data);

#endif /* VECDB_IVF_DISK_LAYOUT_H */
