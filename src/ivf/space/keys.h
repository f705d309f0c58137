/*
 * keys.h: the scalar columns of a row on their way into a list.
 */
#ifndef VECDB_IVF_SPACE_KEYS_H
#define VECDB_IVF_SPACE_KEYS_H

#include "compat.h"

#include "ivf/space/index.h"

typedef struct IvfKeys
{
	bool null[IVF_MOST_COLUMNS];
	uint64 key[IVF_MOST_COLUMNS]; /* 0 where it is NULL */
} IvfKeys;

/*
 * Of a row as the server gives it: the vector, then the scalar columns.  Calls
 * the types' functions, which may fail, and detoasts into memory of the current
 * context.
 */
extern void ivf_keys_make(const IvfState *state, const Datum *values,
						  const bool *isnull, IvfKeys *keys);

/* Into an entry of that layout, whose detail has been set. */
extern void ivf_keys_put(const IvfLayout *layout, const IvfKeys *keys,
						 IvfEntry *entry);

#endif /* VECDB_IVF_SPACE_KEYS_H */
