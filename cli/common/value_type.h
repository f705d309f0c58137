/*
 * value_type.h
 *	  The types that a column of text may be found to have.
 */
#ifndef VECDB_VALUE_TYPE_H
#define VECDB_VALUE_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/record.h"

struct value_type
{
	const char *name; /* SQL's */
	bool (*fits)(enum field_kind kind, const char *text, size_t len);
};

#define VALUE_TYPES 8 /* of the table, from the narrowest */

extern const struct value_type value_types[VALUE_TYPES];

/* The types that a value fits, as bits 1 << place; all where it is null. */
unsigned value_types_of(const struct record *record, const struct field *field);

#endif /* VECDB_VALUE_TYPE_H */
