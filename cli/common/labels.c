/*
 * labels.c
 *	  See labels.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/labels.h"

bool
labels_open(struct reader *r)
{
	if (r->labels_path == NULL)
		return true;
	if (r->format->labelled || r->format->records != NULL)
	{
		reader_error(r,
					 "%s: a %s file holds words of its own; "
					 "--words does not apply",
					 r->path, r->format->name);
		return false;
	}
	r->labels = fopen(r->labels_path, "r");
	if (r->labels == NULL)
		reader_error(r, "%s: could not open: %s", r->labels_path,
					 strerror(errno));
	return r->labels != NULL;
}

/* The next line of --words; there must be one for every row, and no more. */
int
labels_next(struct reader *r, struct row *row, bool wanted)
{
	ssize_t len = getline(&r->label, &r->label_size, r->labels);
	unsigned long long rows = r->rows;

	if (len < 0 && ferror(r->labels))
		return reader_error(r, "%s: could not read: %s", r->labels_path,
							strerror(errno));
	if (len < 0)
		return !wanted ? 0
					   : reader_error(
							 r,
							 "%s: expected a word for every row of %s, found "
							 "only %llu",
							 r->labels_path, r->path, rows);
	if (!wanted)
		return reader_error(r,
							"%s:%llu: expected one word for each of the "
							"%llu rows of %s, found more",
							r->labels_path, rows + 1, rows, r->path);
	if (len > 0 && r->label[len - 1] == '\n')
		r->label[--len] = '\0';
	if (len > 0 && r->label[len - 1] == '\r')
		r->label[--len] = '\0';
	row->label = r->label;
	row->label_len = (size_t) len;
	return reader_check_label(r, r->labels_path, rows + 1, r->label,
							  (size_t) len)
			   ? 1
			   : -1;
}

void
labels_close(struct reader *r)
{
	if (r->labels != NULL)
		fclose(r->labels);
	free(r->label);
}
