/*
 * load_columns.c
 *	  See load_columns.h.
 */
#include "load_columns.h"

#include <string.h>

#include "cli.h"
#include "common/tabular_columns.h"

void
columns_show(const struct reader *r, const char *column)
{
	const struct tabular *t = reader_columns(r);
	const char *from;

	if (t == NULL)
		return;
	for (int i = 0; i < t->count; i++)
		if (tabular_is_cell(t, i))
			complain("column \"%s\" %s", t->columns[i].name,
					 t->columns[i].type);
	from = t->vector < 0 ? column : t->columns[t->vector].name;
	if (strcmp(from, column) == 0)
		complain("column \"%s\" vector(%d)", column, r->dims);
	else
		complain("column \"%s\" vector(%d), \"%s\" in the file", column,
				 r->dims, from);
}
