/*
 * record.c
 *	  See record.h.
 */
#include <stdlib.h>
#include <string.h>

#include "common/file_format.h"
#include "common/record.h"

void
record_clear(struct record *record)
{
	record->used = 0;
	record->count = 0;
}

void
record_free(struct record *record)
{
	free(record->bytes);
	free(record->fields);
	memset(record, 0, sizeof(*record));
}

/* Room for len more bytes. */
bool
record_reserve(struct reader *r, struct record *record, size_t len)
{
	size_t size = record->size;
	char *bytes;

	if (record->used + len <= size)
		return true;
	while (size < record->used + len)
		size = size < 256 ? 256 : size + size / 2;
	bytes = realloc(record->bytes, size);
	if (bytes == NULL)
		return reader_error(r, "out of memory") == 0;
	record->bytes = bytes;
	record->size = size;
	return true;
}

bool
record_add(struct reader *r, struct record *record, char byte)
{
	if (record->used == record->size && !record_reserve(r, record, 1))
		return false;
	record->bytes[record->used++] = byte;
	return true;
}

/* A new field, which begins where the bytes end; NULL after an error. */
struct field *
record_field(struct reader *r, struct record *record)
{
	struct field *field;

	if (record->count == MAX_COLUMNS)
	{
		reader_error_at(r, "expected at most %d fields, found more",
						MAX_COLUMNS);
		return NULL;
	}
	if (record->count == record->room)
	{
		int room = record->room == 0 ? 16 : 2 * record->room;
		struct field *fields =
			realloc(record->fields, sizeof(struct field) * (size_t) room);

		if (fields == NULL)
		{
			reader_error(r, "out of memory");
			return NULL;
		}
		record->fields = fields;
		record->room = room;
	}
	field = &record->fields[record->count++];
	memset(field, 0, sizeof(*field));
	field->text = record->used;
	return field;
}
