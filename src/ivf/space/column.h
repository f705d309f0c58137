/*
 * column.h: the scalar columns of an index, which are those after the first.
 *
 * A column's values lie in groups as unsigned keys of 1, 2, 4 or 8 bytes, which
 * filter.h compares with.  Of a type whose operator class has an order, keys
 * have that order; any other type's is a hash.  NULL has no key: groups note
 * it apart, and its lane of the keys is zero.
 *
 * What the handler has to say for this: amcanmulticol, amoptionalkey,
 * amsearcharray, amsearchnulls; amstrategies stays 0.  With amsearchnulls the
 * server hands in IS [NOT] NULL of the first column as well.
 */
#ifndef VECDB_IVF_SPACE_COLUMN_H
#define VECDB_IVF_SPACE_COLUMN_H

#include "compat.h"

#include "fmgr.h"
#include "ivf/disk/page.h"
#include "kernel/kernel.h"
#include "math/ordered.h"
#include "utils/relcache.h"

/* Strategies of a scalar class: those of B-tree; a hashed one has "=" alone. */
#define IVF_MOST_STRATEGY 5

typedef struct IvfColumn IvfColumn;

/* How values become keys: a row of a table in key_kind.c. */
typedef struct IvfKeyKind
{
	uint16 number; /* on disk; never zero, below 256 */
	uint16 width;  /* bytes of a key */

	/* Keys have the order of the values: all strategies, not "=" alone. */
	bool ordered;

	/*
	 * Different values have different keys, so what the keys say is so.  Else
	 * rows that pass must be rechecked, and different values of one key are
	 * found next to each other.
	 */
	bool exact;

	uint64 (*key)(const IvfColumn *column, Datum value);

	/*
	 * Where both hold: a value with the key, one of those from "least" to
	 * "most".
	 */
	Datum (*value)(uint64 key);
	uint64 least;
	uint64 most;
} IvfKeyKind;

/*
 * One scalar column.  Its pointers are to static data and to the type cache,
 * whose entries stay: a copy is as good, in this process.
 */
struct IvfColumn
{
	const IvfKeyKind *kind;
	Oid type;		/* of the operator class */
	Oid family;		/* of operators */
	Oid collation;	/* of the index's column */
	FmgrInfo *hash; /* the type's hash function, if it is hashed */
};

/* The kind for the type of an operator class; a hash where the table has none.
 */
extern const IvfKeyKind *ivf_key_kind(Oid type);

/*
 * Fill in the columns of an index, in their order: how many there are.  More
 * than IVF_MOST_COLUMNS, or a class that is none for scalars, is an error as in
 * ivf_columns_check().  Reads the catalog.
 */
extern int ivf_columns_make(Relation index,
							IvfColumn columns[IVF_MOST_COLUMNS]);

/*
 * The key of a value that is not NULL.  Detoasts what is toasted, into memory
 * of the current context; calls the type's functions, which may fail.
 */
static inline uint64
ivf_column_key(const IvfColumn *column, Datum value)
{
	return column->kind->key(column, value);
}

/* The greatest key that the column has room for. */
static inline uint64
ivf_column_most(const IvfColumn *column)
{
	return vdb_key_most(column->kind->width);
}

/* Is a class for values of the type one with an order? */
extern bool ivf_column_ordered(Oid type);

/*
 * Errors unless the index's first column is a vector and the others, at most
 * IVF_MOST_COLUMNS, are scalars: for CREATE INDEX, before anything else looks
 * at the operator classes (also for an index on no rows, ambuildempty).
 */
extern void ivf_columns_check(Relation index);

#endif /* VECDB_IVF_SPACE_COLUMN_H */
