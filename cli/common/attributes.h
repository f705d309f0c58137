/*
 * attributes.h
 *	  Columns beside vectors whose format holds none: a second file, of a
 *	  tabular format, with a row for each.
 */
#ifndef VECDB_ATTRIBUTES_H
#define VECDB_ATTRIBUTES_H

#include "common/file_format.h"

bool attributes_open(struct reader *r);

/* wanted: there is a row of vectors, which takes the cells. */
bool attributes_next(struct reader *r, struct row *row, bool wanted);
void attributes_close(struct reader *r);

#endif /* VECDB_ATTRIBUTES_H */
