/*
 * list_summary.h: what a list's rows have in their scalar columns, as its
 * parent knows it: a VdbSummary for each column.
 *
 * It may tell of more than there is, never of less.  Whoever widens or narrows
 * it holds the list's first page locked exclusively, so that no row comes in
 * between.
 */
#ifndef VECDB_IVF_DISK_LIST_SUMMARY_H
#define VECDB_IVF_DISK_LIST_SUMMARY_H

#include "compat.h"

#include "ivf/disk/layout.h"
#include "utils/relcache.h"

/* Where the parent tells of a list. */
typedef struct IvfParent
{
	BlockNumber head; /* of the parent; InvalidBlockNumber: there is none */
	const IvfLayout *layout;
	uint32 slot;
} IvfParent;

static inline bool
ivf_has_summaries(const IvfParent *parent)
{
	return parent->head != InvalidBlockNumber && parent->layout->columns > 0;
}

/*
 * A row is about to be put into the list of that parent, whose first page is
 * locked.
 */
extern void ivf_summaries_widen(Relation index, const IvfParent *parent,
								const IvfLayout *layout, const IvfEntry *row);

/*
 * Rows were taken out of a list: look at all others, and tell the parent unless
 * somebody adds to the list meanwhile.  With no lock held; "pause" is called so
 * after each page.
 */
extern void ivf_summaries_narrow(Relation index, const IvfParent *parent,
								 BlockNumber head, const IvfLayout *layout,
								 void (*pause)(void));

#endif /* VECDB_IVF_DISK_LIST_SUMMARY_H */
