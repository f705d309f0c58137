/*
 * sizes.h: how large the lists of an index are, by their slots.
 *
 * A slot counts as a row until vacuum frees it.
 */
#ifndef VECDB_INSPECT_SIZES_H
#define VECDB_INSPECT_SIZES_H

#include "compat.h"

#include "ivf/space/index.h"
#include "ivf/space/tree.h"

typedef struct IvfListFigures
{
	uint64 rows;   /* slots with a TID */
	uint64 second; /* of them, those of rows that are in another list first */
	uint64 free;   /* slots below the list's count without one */
	uint32 pages;
} IvfListFigures;

/* An index that is open for its statistics. */
typedef struct IvfSubject
{
	Relation heap;
	Relation index;
	const IvfState *state;
	IvfLeaf *leaves;
	uint32 lists;
} IvfSubject;

/* The sizes of an index's lists, by themselves and together. */
typedef struct IvfSizes
{
	uint32 lists;
	double *rows;  /* of each: its codes */
	double codes;  /* their sum */
	double placed; /* rows: codes without second ones */
	double unplaced;
	double free;
	double pages;	  /* that belong to something */
	double spread;	  /* standard deviation of rows */
	double imbalance; /* mean list of a row over the mean list */
} IvfSizes;

/*
 * Open an index whose figures "function" asks for.  An error unless the user
 * may have them, and it is an index of ours that can be read; a warning where
 * its table's rows are on other servers.
 */
extern void ivf_subject_open(Oid indexoid, const char *function,
							 IvfSubject *subject);
extern void ivf_subject_close(IvfSubject *subject);

/* One list, of its first block and its layout; reads all of it. */
extern IvfListFigures ivf_list_count(Relation index, BlockNumber head,
									 const IvfLayout *layout);

/* All of them; "rows" is allocated. */
extern void ivf_sizes_measure(const IvfSubject *subject, IvfSizes *sizes);

#endif /* VECDB_INSPECT_SIZES_H */
