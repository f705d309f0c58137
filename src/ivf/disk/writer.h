/*
 * writer.h: streams written front to back while an index is built.
 *
 * Nobody else can see the index yet, so pages are filled in shared buffers
 * and logged all at once at the build's end.
 */
#ifndef VECDB_IVF_DISK_WRITER_H
#define VECDB_IVF_DISK_WRITER_H

#include "compat.h"

#include "ivf/disk/layout.h"

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
	VdbSummary *summaries; /* of its scalar columns; NULL without any */
} IvfWritten;

/*
 * In an index that is being built: tell each child's place and summaries to its
 * parent.
 */
extern void ivf_list_set_children(Relation index, BlockNumber head,
								  const IvfLayout *layout,
								  const IvfWritten *children, uint32 count);

#endif /* VECDB_IVF_DISK_WRITER_H */
