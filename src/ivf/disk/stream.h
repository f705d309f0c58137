/*
 * stream.h: the rows of a list as they lie there.
 *
 * For rows that a scan returns without order: those without a distance, and
 * all rows where the query has none.
 */
#ifndef VECDB_IVF_DISK_STREAM_H
#define VECDB_IVF_DISK_STREAM_H

#include "compat.h"

#include "ivf/disk/list.h"

typedef enum IvfStreamFilter
{
	IVF_STREAM_ALL,		 /* each row once */
	IVF_STREAM_NULL,	 /* of the unplaced rows: those that are NULL */
	IVF_STREAM_NOT_NULL, /* and the others */
} IvfStreamFilter;

typedef struct IvfStream
{
	IvfListWalk walk;
	IvfStreamFilter filter;
	IvfSelect select; /* or NULL */
	void *arg;
	bool open;
	uint32 count;
	uint32 next;

	/* Of the groups that end on a page: no more slots than a page has. */
	ItemPointerData tids[IVF_PAGE_LINES * IVF_LINE_SLOTS];
} IvfStream;

/*
 * Begin with a list's rows, which are read for that snapshot: those in lanes
 * that "select", unless it is NULL, selects, called with "arg".
 */
extern void ivf_stream_open(IvfStream *stream, Relation index,
							Snapshot snapshot, BlockNumber head,
							const IvfLayout *layout, IvfStreamFilter filter,
							IvfSelect select, void *arg);

/* The next one; false at the end. */
extern bool ivf_stream_next(IvfStream *stream, ItemPointer tid);

#endif /* VECDB_IVF_DISK_STREAM_H */
