/*
 * attributes.c
 *	  See attributes.h.
 */
#include <stdlib.h>
#include <string.h>

#include "common/attributes.h"
#include "common/reader_file.h"
#include "common/tabular.h"

static bool
pass_error(struct reader *r)
{
	memcpy(r->error, r->attributes->error, sizeof(r->error));
	return false;
}

bool
attributes_open(struct reader *r)
{
	const char *path = r->options->attributes;
	struct reader *a;

	if (path == NULL)
		return true;
	if (r->format->records != NULL)
		return reader_error(r,
							"%s: a %s file holds columns of its own; "
							"--attributes does not apply",
							r->path, r->format->name) == 0;
	a = r->attributes = calloc(1, sizeof(struct reader));
	if (a == NULL)
		return reader_error(r, "out of memory") == 0;
	a->path = path;
	a->options = r->options;
	a->no_quotes = r->no_quotes;
	a->no_vectors = true;
	if (!reader_open_file(a, NULL))
		return pass_error(r);
	if (a->format->records == NULL)
		return reader_error(r,
							"%s: expected a file of attributes whose name ends "
							"in .csv, .tsv or .jsonl",
							path) == 0;
	return a->format->open(a) || pass_error(r);
}

bool
attributes_next(struct reader *r, struct row *row, bool wanted)
{
	struct reader *a = r->attributes;
	struct row attributes = {.cell_count = 0};
	unsigned long long rows = r->rows;
	int got = a->format->next(a, &attributes);

	if (got < 0)
		return pass_error(r);
	if (wanted && got == 0)
		return reader_error(r,
							"%s: expected a row for every row of %s, found "
							"only %llu",
							a->path, r->path, rows) == 0;
	if (!wanted && got > 0)
		return reader_error(r,
							"%s:%llu: expected one row for each of the %llu "
							"rows of %s, found more",
							a->path, (unsigned long long) a->number, rows,
							r->path) == 0;
	row->cells = attributes.cells;
	row->cell_count = attributes.cell_count;
	return true;
}

void
attributes_close(struct reader *r)
{
	struct reader *a = r->attributes;

	if (a == NULL)
		return;
	if (a->file != NULL && a->file != stdin)
		fclose(a->file);
	tabular_close(a);
	free(a->values);
	free(a);
	r->attributes = NULL;
}
