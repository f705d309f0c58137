/*
 * load_columns.h
 *	  Tells which columns a file has, before anything is loaded.
 */
#ifndef VECDB_LOAD_COLUMNS_H
#define VECDB_LOAD_COLUMNS_H

#include "common/reader.h"

/* column: of the table, that takes the vectors */
void columns_show(const struct reader *r, const char *column);

#endif /* VECDB_LOAD_COLUMNS_H */
