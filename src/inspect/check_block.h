/*
 * check_block.h: the index's rows of one block of the table.
 *
 * They are at hand together, since a scan of the table names a row by the root
 * of its HOT chain, which may lie behind it.
 */
#ifndef VECDB_INSPECT_CHECK_BLOCK_H
#define VECDB_INSPECT_CHECK_BLOCK_H

#include "inspect/check_rows.h"

/* A row of the index together with its content. */
typedef struct IvfIndexedRow
{
	IvfCheckRow row;
	bool found; /* in the table */
	IvfEntry *entry;
} IvfIndexedRow;

typedef struct IvfCheckBlock
{
	IvfCheck *check;
	BlockNumber block;	   /* of the table */
	MemoryContext context; /* of the entries */
	IvfIndexedRow *rows;   /* by offset */
	uint32 nrows;
	uint32 room;
} IvfCheckBlock;

extern void ivf_check_block_init(IvfCheckBlock *at, IvfCheck *check);

/*
 * The first row with this TID, or NULL, among those that check->rows brings,
 * which are sorted: blocks may be asked for in ascending order only.
 */
extern IvfIndexedRow *ivf_check_block_find(IvfCheckBlock *at, ItemPointer tid);

/* The second entry of a row that was found, or NULL where it has but one. */
extern IvfIndexedRow *ivf_check_block_second(const IvfCheckBlock *at,
											 IvfIndexedRow *row);

#endif /* VECDB_INSPECT_CHECK_BLOCK_H */
