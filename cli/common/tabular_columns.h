/*
 * tabular_columns.h
 *	  The columns of a tabular file: their names, which are wanted, their types.
 */
#ifndef VECDB_TABULAR_COLUMNS_H
#define VECDB_TABULAR_COLUMNS_H

#include "common/tabular.h"

/* Whether a column is one of those besides the vector. */
bool tabular_is_cell(const struct tabular *t, int column);

/* Which column has the name, -1 if none has. */
int tabular_find_column(const struct tabular *t, const char *name);
bool tabular_add_column(struct reader *r, const char *name, size_t len);

/* By options->columns, "NAME[:TYPE],..." with * for all others; NULL: all. */
bool tabular_choose(struct reader *r);

/* The types of columns for which none was given. */
bool tabular_settle(struct reader *r);
void tabular_free_columns(struct tabular *t);

#endif /* VECDB_TABULAR_COLUMNS_H */
