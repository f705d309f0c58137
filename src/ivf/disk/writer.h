/*
 * writer.h: streams written front to back, by a build or by vacuum.
 *
 * Nobody else can see the streams yet.  Each page is filled in memory and put
 * into shared buffers when it is full.
 */
#ifndef VECDB_IVF_DISK_WRITER_H
#define VECDB_IVF_DISK_WRITER_H

#include "compat.h"

#include "ivf/disk/fences.h"

/*
 * Where streams are written.  In an index that is being built, pages are new
 * and nothing is WAL-logged: the caller logs all pages when it is done.  In one
 * that is in use, every page is logged when it is put, and pages that are free
 * are used first.
 */
typedef struct IvfSite
{
	Relation index;
	ForkNumber fork;
	uint32 tree;	   /* number of the tree (meta.h) */
	bool live;		   /* the index is in use */
	BlockNumber *free; /* pages that were free, ascending */
	uint32 nfree;
	uint32 next_free; /* the first of them that was not tried */
} IvfSite;

/* Writes one stream, front to back. */
typedef struct IvfWriter
{
	IvfSite *site;
	const IvfLayout *layout;
	IvfPageKind kind;
	BlockNumber head;  /* known from the start */
	char *first;	   /* the first page, put last: it has the counters */
	char *page;		   /* the page that fills: the first or another one */
	char *other;	   /* memory of that other one, or NULL */
	BlockNumber block; /* its place */
	uint32 number;	   /* its number */
	uint32 line;	   /* lines used on it */
	uint32 slots;	   /* so far */
	uint8 *group;	   /* the group that fills up */
	IvfOrder order;	   /* of a leaf's first scalar column */
} IvfWriter;

extern void ivf_writer_begin(IvfWriter *writer, IvfSite *site, IvfPageKind kind,
							 const IvfLayout *layout);
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
	uint32 rows;		   /* entries */
	uint32 second;		   /* of them, those of rows of other lists */
	VdbSummary *summaries; /* of its scalar columns; NULL without any */
} IvfWritten;

/*
 * In a list that nobody sees yet: tell each child's place and summaries to its
 * parent.
 */
extern void ivf_list_set_children(IvfSite *site, BlockNumber head,
								  const IvfLayout *layout,
								  const IvfWritten *children, uint32 count);

#endif /* VECDB_IVF_DISK_WRITER_H */
