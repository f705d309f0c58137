/*
 * cursor.h: walks along a chain of pages.
 *
 * The one place where a reader follows a link.
 */
#ifndef VECDB_IVF_DISK_CURSOR_H
#define VECDB_IVF_DISK_CURSOR_H

#include "compat.h"

#include "ivf/disk/page.h"
#include "shortcut/ahead.h"
#include "utils/snapshot.h"

/*
 * A walk along a chain, one locked page at a time.  A list's pages behind its
 * first one can be freed between two steps: the walk then just ends, since
 * only dead slots are ever freed.  Anything else that does not fit is an
 * error: on a standby, where nobody keeps the pages of a tree for those who
 * read it still, one that says so.
 */
typedef struct IvfCursor
{
	Relation index;
	uint32 tree;
	IvfPageKind kind;
	int lockmode;
	BlockNumber head;
	BlockNumber block; /* the page that is locked now */
	BlockNumber next;  /* the one after it */
	uint32 number;	   /* of the page that is locked now */
	uint32 slots;	   /* of the list, as its first page said */
	uint32 dead;	   /* of them, those that are free; likewise */
	uint32 changes;	   /* of the list, likewise */
	uint32 cuts;
	BlockNumber last;  /* page of the list, likewise */
	BlockNumber link;  /* the one after it, while "next" is a leap; or none */
	VdbAhead ahead;	   /* what is known of the next page */
	Snapshot snapshot; /* that rows are read for, or NULL */
	bool started;
	Buffer buffer;
	Page page;
} IvfCursor;

/* The chain of this kind that begins at "head", of the tree of this number. */
extern void ivf_cursor_init(IvfCursor *cursor, Relation index, uint32 tree,
							IvfPageKind kind, BlockNumber head, int lockmode);
extern bool ivf_cursor_next(IvfCursor *cursor);

/*
 * Try to go on with page "number", which is behind the page that is locked now:
 * pages of a list that was written at once lie one behind the other.  Where it
 * is not there, the walk goes on page by page.
 */
extern void ivf_cursor_leap(IvfCursor *cursor, uint32 number);

/* Let the page go; ivf_cursor_next() may go on after it. */
extern void ivf_cursor_release(IvfCursor *cursor);

/* The stream of lines of kind IVF_MEAN: copy nlines of them. */
extern void ivf_lines_read(Relation index, uint32 tree, BlockNumber head,
						   IvfPageKind kind, void *lines, uint32 nlines);

/* Did the list lose pages since the walk began? */
extern bool ivf_cursor_cut(const IvfCursor *cursor);

#endif /* VECDB_IVF_DISK_CURSOR_H */
