/*
 * check_report.h: what all parts of the verifier share: the index under check,
 * what has been learnt of it so far, and the findings.
 *
 * Calls go down this list only:
 *
 *		check.c			whom it serves, the order of the checks
 *		check_heap.c	every row of the table against the index's rows
 *		check_list.c	lists: chains, groups, slots, counters
 *		check_centroid.c the mean, the root's centroids
 *		check_entry.c	an entry of a row: TID, flags, factors, summaries
 *		check_meta.c	the metapage
 *		check_code.c	the code of a row against its vector
 *		check_block.c	the index's rows of one block of the table
 *		check_rows.c	the index's rows in a sort, each once
 *		check_page.c	single pages, chains of pages
 *		check_report.c	findings
 *
 * A check trusts no number that it reads from a page: blocks are compared with
 * the index's size before they are read, pages are copied under a share lock
 * and looked at without one, and a chain is followed only into blocks that no
 * chain had before.
 */
#ifndef VECDB_INSPECT_CHECK_REPORT_H
#define VECDB_INSPECT_CHECK_REPORT_H

#include "compat.h"

#include "ivf/space/index.h"
#include "utils/snapshot.h"
#include "utils/tuplestore.h"

/* Findings that are reported at most; the check ends with the last one. */
#define IVF_CHECK_LIMIT 1000

/* Where a finding has no slot. */
#define IVF_CHECK_NO_SLOT (-1)

/* The numbered invariants of ivf/README.md. */
typedef enum IvfInvariant
{
	I1_METAPAGE = 1,
	I2_PAGE,
	I3_CHAIN,
	I4_LENGTH,
	I5_ROOT,
	I6_CENTROID,
	I7_SLOT,
	I8_FREE_BLOCK,
	I9_ONCE,
	I10_DETAIL,
	I11_HEAP,
	I12_CODE,
	I13_FREE_PAGE,
	I14_KEYS,
	I15_SUMMARIES,
	I16_TREE,
	I17_TWICE,
	I18_ORDER,
	I19_FIT,
} IvfInvariant;

/* A child list, as the root names it. */
typedef struct IvfChild
{
	BlockNumber head;
	BlockNumber block; /* of the root's page with the slot */
	uint32 slot;	   /* in the root */
	bool centroid_sound;
	VdbSummary *summaries; /* of its scalar columns, or NULL */
} IvfChild;

typedef struct IvfCheck
{
	Relation heap;
	Relation index;
	bool heapallindexed;
	Snapshot snapshot; /* older than anything that is read of the index */

	Tuplestorestate *result;
	TupleDesc descriptor;
	uint32 findings;

	BlockNumber blocks; /* of the index as the check began */
	BlockNumber heap_blocks;
	uint8 *seen;   /* a bit a block: it was looked at as part of a stream */
	bool broken;   /* a stream was lost: rows cannot be counted */
	uint64 placed; /* rows in leaf lists */

	IvfMetaPage meta;
	IvfLayout leaf;
	IvfLayout inner;
	IvfLayout unplaced;
	const IvfState *state; /* NULL where the mean cannot be read */

	IvfChild *children;
	uint32 nchildren;
	uint32 children_room;
	float *centroids; /* of the first children */
	uint32 centroids_room;

	struct IvfCheckRows *rows; /* of the index (check_rows.h) */
	MemoryContext context;	   /* of all of this */
} IvfCheck;

extern void ivf_check_found(IvfCheck *check, IvfInvariant invariant,
							BlockNumber block, int64 slot, const char *format,
							...) pg_attribute_printf(5, 6);

static inline bool
ivf_check_full(const IvfCheck *check)
{
	return check->findings >= IVF_CHECK_LIMIT;
}

/* The row that says so, if findings were left out. */
extern void ivf_check_report_end(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_REPORT_H */
