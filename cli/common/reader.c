/*
 * reader.c
 *	  See reader.h.
 */
#include <stdlib.h>
#include <string.h>

#include "common/attributes.h"
#include "common/labels.h"
#include "common/reader.h"
#include "common/reader_file.h"
#include "common/tabular.h"

bool
reader_open(struct reader *r, const char *path,
			const struct reader_options *options)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	r->max_label = options->max_label;
	r->labels_path = options->labels;
	r->dims = (int) options->dims;
	r->options = options;
	r->no_quotes = options->no_quotes;
	return reader_open_file(r, options->format) && labels_open(r) &&
		   r->format->open(r) && attributes_open(r);
}

void
reader_close(struct reader *r)
{
	if (r->file != NULL && r->file != stdin)
		fclose(r->file);
	labels_close(r);
	attributes_close(r);
	tabular_close(r);
	free(r->values);
	free(r->buffer);
}

bool
reader_labelled(const struct reader *r)
{
	return r->format->labelled || r->labels != NULL;
}

const struct reader *
reader_of_columns(const struct reader *r)
{
	return r->attributes != NULL ? r->attributes : r;
}

struct tabular *
reader_columns(const struct reader *r)
{
	return reader_of_columns(r)->tabular;
}

bool
reader_cells(struct reader *r, struct row *row)
{
	if (r->attributes != NULL)
		return tabular_cells(r->attributes, row);
	return r->tabular == NULL || tabular_cells(r, row);
}

/* Both are compared at the end, when nothing more can follow. */
static int
check_count(struct reader *r)
{
	unsigned long long expected = r->expected;
	unsigned long long rows = r->rows;

	if (expected != 0 && expected != rows)
		return reader_error(r,
							"%s: expected %llu rows as its header says, "
							"found %llu",
							r->path, expected, rows);
	if (rows == 0)
		return reader_error(r, "%s: expected at least one row, found none",
							r->path);
	return 0;
}

int
reader_next(struct reader *r, struct row *row)
{
	int got;

	memset(row, 0, sizeof(*row));
	got = r->format->next(r, row);
	if (got < 0)
		return got;
	if (r->labels != NULL)
	{
		int label = labels_next(r, row, got > 0);

		if (label < 0)
			return label;
	}
	if (r->attributes != NULL && !attributes_next(r, row, got > 0))
		return -1;
	if (got == 0)
		return check_count(r);
	r->rows++;
	row->values = r->values;
	return 1;
}
