/*
 * tabular.c
 *	  See tabular.h.
 */
#include <stdlib.h>
#include <string.h>

#include "common/tabular.h"
#include "common/tabular_columns.h"
#include "common/value_type.h"
#include "common/vector_text.h"

#define SHOWN_BYTES 40

/* The column of a field that has a name; the same place is likely. */
static int
named_column(const struct tabular *t, const char *name, int likely)
{
	if (likely < t->count && strcmp(t->columns[likely].name, name) == 0)
		return likely;
	return tabular_find_column(t, name);
}

/* t->fields of a record that names them; open: new names are columns too. */
static bool
place_named(struct reader *r, const struct record *record, bool open)
{
	struct tabular *t = r->tabular;

	for (int i = 0; i < t->count; i++)
		t->fields[i] = NULL;
	for (int i = 0; i < record->count; i++)
	{
		const struct field *field = &record->fields[i];
		const char *name = record->bytes + field->name;
		int column = named_column(t, name, i);

		if (column < 0 && !open && t->chosen)
			continue;
		if (column < 0 && !open)
			return reader_error_at(r,
								   "key \"%.*s\" is in none of the first "
								   "rows; --columns names the columns to load",
								   SHOWN_BYTES, name) == 0;
		if (column < 0)
		{
			column = t->count;
			if (!tabular_add_column(r, name, field->name_len))
				return false;
			t->fields[column] = NULL;
		}
		if (t->fields[column] != NULL)
			return reader_error_at(r, "key \"%.*s\" is there twice",
								   SHOWN_BYTES, name) == 0;
		t->fields[column] = field;
	}
	return true;
}

bool
tabular_place(struct reader *r, const struct record *record, bool open)
{
	struct tabular *t = r->tabular;

	r->number = record->line;
	if (r->format->records->named)
		return place_named(r, record, open);
	if (record->count != t->count)
		return reader_error_at(r,
							   "expected %d fields as in the header, found %d",
							   t->count, record->count) == 0;
	for (int i = 0; i < t->count; i++)
		t->fields[i] = &record->fields[i];
	return true;
}

/* The next record, first of those that were read ahead. */
static int
next_record(struct reader *r)
{
	struct tabular *t = r->tabular;

	if (t->head_next > 0)
		record_free(&t->head[t->head_next - 1]);
	t->now = &t->current;
	if (t->head_next == t->head_count)
	{
		t->head_count = t->head_next = 0;
		return r->format->records->next(r, t->now);
	}
	t->now = &t->head[t->head_next++];
	return 1;
}

static bool
fill_cell(struct reader *r, const struct file_column *column,
		  const struct field *field, struct cell *cell)
{
	const struct record *record = r->tabular->now;

	cell->text = NULL;
	cell->len = 0;
	if (field == NULL || field->kind == FIELD_NULL)
		return true;
	if (column->check != 0 &&
		(value_types_of(record, field) & column->check) == 0)
		return reader_error_at(r,
							   "column \"%s\": expected %s as in the first "
							   "rows, found \"%.*s\"; --columns '*,%s:TYPE' "
							   "names another type",
							   column->name, column->type, SHOWN_BYTES,
							   record->bytes + field->text, column->name) == 0;
	cell->text =
		record->bytes +
		(column->json && field->raw_len > 0 ? field->raw : field->text);
	cell->len =
		column->json && field->raw_len > 0 ? field->raw_len : field->text_len;
	return true;
}

/* 1: the row's vector, 0: it is null, -1 */
static int
fill_vector(struct reader *r, const struct field *field)
{
	struct tabular *t = r->tabular;
	int dims;

	if (field == NULL || field->kind == FIELD_NULL)
		return r->options->null_vectors
				   ? 0
				   : reader_error_at(r, "expected a vector, found none");
	dims = vector_text_parse(r, t->now->bytes + field->text, t->values);
	if (dims < 0)
		return -1;
	if (dims != r->dims)
		return reader_error_at(r, "expected %d dimensions as before, found %d",
							   r->dims, dims);
	memcpy(r->values, t->values, sizeof(float) * (size_t) dims);
	return 1;
}

bool
tabular_cells(struct reader *r, struct row *row)
{
	struct tabular *t = r->tabular;

	row->cells = t->cells;
	row->cell_count = 0;
	for (int i = 0; i < t->count; i++)
		if (tabular_is_cell(t, i) && !fill_cell(r, &t->columns[i], t->fields[i],
												&t->cells[row->cell_count++]))
			return false;
	return true;
}

int
tabular_next(struct reader *r, struct row *row)
{
	struct tabular *t = r->tabular;
	int got = next_record(r);

	if (got <= 0)
		return got;
	if (!tabular_place(r, t->now, false) || !tabular_cells(r, row))
		return -1;
	if (t->vector < 0)
		return 1;
	got = fill_vector(r, t->fields[t->vector]);
	row->no_vector = got == 0;
	return got < 0 ? -1 : 1;
}

void
tabular_close(struct reader *r)
{
	struct tabular *t = r->tabular;

	if (t == NULL)
		return;
	for (int i = 0; i < t->head_count; i++)
		record_free(&t->head[i]);
	record_free(&t->current);
	tabular_free_columns(t);
	free(t->head);
	free(t->fields);
	free(t->cells);
	free(t->values);
	free(t);
	r->tabular = NULL;
}
