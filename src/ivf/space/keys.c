/*
 * keys.c: see keys.h.
 */
#include "compat.h"

#include "ivf/space/keys.h"

void
ivf_keys_make(const IvfState *state, const Datum *values, const bool *isnull,
			  IvfKeys *keys)
{
	for (uint32 i = 0; i < state->meta.columns.count; i++)
	{
		keys->null[i] = isnull[i + 1];
		keys->key[i] = 0;
		if (!keys->null[i])
			keys->key[i] = ivf_column_key(&state->columns[i], values[i + 1]);
	}
}

void
ivf_keys_put(const IvfLayout *layout, const IvfKeys *keys, IvfEntry *entry)
{
	for (uint32 i = 0; i < layout->columns; i++)
		ivf_entry_set_key(layout, entry, i, keys->null[i], keys->key[i]);
}
