/*
 * labels.h
 *	  The labels of rows whose format holds none: a second file, one on a line.
 */
#ifndef VECDB_LABELS_H
#define VECDB_LABELS_H

#include "common/file_format.h"

bool labels_open(struct reader *r);
int labels_next(struct reader *r, struct row *row, bool wanted);
void labels_close(struct reader *r);

#endif /* VECDB_LABELS_H */
