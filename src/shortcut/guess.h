/*
 * guess.h: in which page of a TOAST table a value probably begins.
 *
 * Values get growing numbers as they are written, and a table that grows puts
 * them one behind the other.  So from where one value lies follows where the
 * next hundreds do, and whoever looks there first is spared the descent into
 * the TOAST table's index, which costs more than to copy a vector.
 *
 * What is found is remembered in a table of the backend's own, for ranges of
 * numbers.  Where guesses fail (rows of other tables, or other columns, were
 * written in between; space was used again), no more are made until they would
 * have been right.  A guess is never trusted: the reader sees whether a chunk
 * has the number that it wants.
 */
#ifndef VECDB_SHORTCUT_GUESS_H
#define VECDB_SHORTCUT_GUESS_H

#include "compat.h"

#include "storage/block.h"
#include "storage/off.h"
#include "utils/rel.h"

/* Where a chunk of a value lies. */
typedef struct VdbSpot
{
	BlockNumber block;
	OffsetNumber line;	/* from 1, */
	OffsetNumber lines; /* of so many in the page */
	int32 sequence;		/* the chunk's number in the value, from 0 */
} VdbSpot;

/* The page where a value probably begins, or InvalidBlockNumber. */
extern BlockNumber vdb_guess(Relation table, Oid value);

/* The same, and the page where one of so many bytes ends then. */
extern BlockNumber vdb_guess_pages(Relation table, Oid value, Size bytes,
								   BlockNumber *last);

/* The same, as seen from a chunk of another value. */
extern BlockNumber vdb_guess_from(Relation table, Oid value, Oid other,
								  VdbSpot spot);

/* A chunk of the value was found. */
extern void vdb_guess_learn(Relation table, Oid value, VdbSpot spot);

#endif /* VECDB_SHORTCUT_GUESS_H */
