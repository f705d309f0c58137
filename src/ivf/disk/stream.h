/*
 * stream.h: the rows of a list as they lie there.
 *
 * For rows that a scan returns without order: those without a distance, and
 * all rows where the query has none.
 */
#ifndef VECDB_IVF_DISK_STREAM_H
#define VECDB_IVF_DISK_STREAM_H

#include "compat.h"

#include "ivf/disk/cursor.h"
#include "ivf/disk/layout.h"

typedef enum IvfStreamFilter
{
	IVF_STREAM_ALL,
	IVF_STREAM_NULL,	 /* of the unplaced rows: those that are NULL */
	IVF_STREAM_NOT_NULL, /* and the others */
} IvfStreamFilter;

typedef struct IvfStream
{
	IvfCursor cursor;
	const IvfLayout *layout;
	IvfStreamFilter filter;
	bool open;
	uint32 count;
	uint32 next;
	ItemPointerData tids[IVF_PAGE_LINES * IVF_LINE_SLOTS]; /* of a page */
} IvfStream;

/* Begin with a list's rows, which are read for that snapshot. */
extern void ivf_stream_open(IvfStream *stream, Relation index,
							Snapshot snapshot, BlockNumber head,
							const IvfLayout *layout, IvfStreamFilter filter);

/* The next one; false at the end. */
extern bool ivf_stream_next(IvfStream *stream, ItemPointer tid);

#endif /* VECDB_IVF_DISK_STREAM_H */
