/*
 * tabular_head.c
 *	  The first rows of a tabular file: its columns, their types, and which one
 *	  holds the vectors.
 */
#include <stdlib.h>

#include "common/tabular.h"
#include "common/tabular_columns.h"
#include "common/value_type.h"
#include "common/vector_text.h"

/* As many rows and bytes as are looked at before types are settled. */
#define HEAD_RECORDS 10000
#define HEAD_BYTES (16 << 20)

/* The names of a header are its fields. */
static bool
read_header(struct reader *r)
{
	struct tabular *t = r->tabular;
	int got = r->format->records->next(r, &t->current);

	if (got == 0)
		return reader_error(r,
							"%s: expected a header, found the end of the file",
							r->path) == 0;
	for (int i = 0; got > 0 && i < t->current.count; i++)
	{
		const struct field *field = &t->current.fields[i];

		if (!tabular_add_column(r, t->current.bytes + field->text,
								field->text_len))
			return false;
	}
	return got > 0;
}

/* What a record tells of the columns' types. */
static void
note_types(struct tabular *t, const struct record *record)
{
	for (int i = 0; i < t->count; i++)
	{
		struct file_column *column = &t->columns[i];
		const struct field *field = t->fields[i];

		if (field == NULL || field->kind == FIELD_NULL)
			continue;
		column->found &= value_types_of(record, field);
		column->filled = true;
	}
}

static bool
read_head(struct reader *r)
{
	struct tabular *t = r->tabular;
	size_t bytes = 0;

	t->head = calloc(HEAD_RECORDS, sizeof(struct record));
	if (t->head == NULL)
		return reader_error(r, "out of memory") == 0;
	while (t->head_count < HEAD_RECORDS && bytes < HEAD_BYTES)
	{
		struct record *record = &t->head[t->head_count];
		int got = r->format->records->next(r, record);

		t->head_count++; /* to be freed, whatever it is */
		if (got < 0 || (got > 0 && !tabular_place(r, record, true)))
			return false;
		if (got == 0)
		{
			t->head_count--;
			record_free(record);
			break;
		}
		note_types(t, record);
		bytes += record->size + sizeof(struct field) * (size_t) record->room;
	}
	if (t->head_count == 0)
		return reader_error(r, "%s: expected at least one row, found none",
							r->path) == 0;
	return true;
}

/* The text of a column's first value, NULL without any; sets the place. */
static const char *
first_value(struct reader *r, int column)
{
	struct tabular *t = r->tabular;

	for (int i = 0; i < t->head_count; i++)
	{
		if (!tabular_place(r, &t->head[i], false))
			return NULL;
		if (t->fields[column] != NULL && t->fields[column]->kind != FIELD_NULL)
			return t->head[i].bytes + t->fields[column]->text;
	}
	return NULL;
}

/* The only column whose first value is a vector, or one of the usual name. */
static bool
find_vector(struct reader *r)
{
	struct tabular *t = r->tabular;
	int usual = r->options->usual_vector != NULL
					? tabular_find_column(t, r->options->usual_vector)
					: -1;

	for (int i = 0; i < t->count; i++)
	{
		const char *text = t->columns[i].filled ? first_value(r, i) : NULL;

		if (text == NULL || vector_text_parse(r, text, t->values) < 0)
			continue;
		if (i == usual || t->vector < 0)
			t->vector = i;
		else if (t->vector != usual)
			return reader_error(r,
								"%s: columns \"%s\" and \"%s\" both hold "
								"vectors; --vector names one",
								r->path, t->columns[t->vector].name,
								t->columns[i].name) == 0;
	}
	return t->vector >= 0 ||
		   reader_error(r,
						"%s: expected a column of vectors such as [1,2,3], "
						"found none; --vector names one",
						r->path) == 0;
}

static bool
choose_vector(struct reader *r)
{
	struct tabular *t = r->tabular;
	const char *name = r->options->vector;
	const char *text;
	int dims;

	t->vector = -1;
	if (r->no_vectors)
		return true;
	if (name != NULL && (t->vector = tabular_find_column(t, name)) < 0)
		return reader_error(r, "%s: expected a column \"%s\", found none",
							r->path, name) == 0;
	if (name == NULL && !find_vector(r))
		return false;
	text = first_value(r, t->vector);
	if (text == NULL)
		return reader_error(r,
							"%s: expected a vector in column \"%s\", found "
							"none in the first %d rows",
							r->path, t->columns[t->vector].name,
							t->head_count) == 0;
	dims = vector_text_parse(r, text, t->values);
	return dims > 0 && reader_set_dims(r, dims);
}

bool
tabular_open(struct reader *r)
{
	struct tabular *t = r->tabular = calloc(1, sizeof(struct tabular));

	if (t == NULL)
		return reader_error(r, "out of memory") == 0;
	t->values = malloc(sizeof(float) * MAX_DIMENSIONS);
	t->cells = calloc(MAX_COLUMNS, sizeof(struct cell));
	t->fields = calloc(MAX_COLUMNS, sizeof(struct field *));
	if (t->values == NULL || t->cells == NULL || t->fields == NULL)
		return reader_error(r, "out of memory") == 0;
	return (r->format->records->named || read_header(r)) && read_head(r) &&
		   tabular_choose(r) && choose_vector(r) && tabular_settle(r);
}

const struct file_format csv_format = {
	.name = "csv",
	.suffix = ".csv",
	.unit = "line",
	.records = &csv_records,
	.open = tabular_open,
	.next = tabular_next,
};
const struct file_format tsv_format = {
	.name = "tsv",
	.suffix = ".tsv",
	.unit = "line",
	.records = &tsv_records,
	.open = tabular_open,
	.next = tabular_next,
};
const struct file_format jsonl_format = {
	.name = "jsonl",
	.suffix = ".jsonl",
	.unit = "line",
	.records = &json_records,
	.open = tabular_open,
	.next = tabular_next,
};
