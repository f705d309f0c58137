/*
 * reader.h
 *	  Files of vectors as a stream of rows, whatever their format.
 *
 * A reader finds out the number of dimensions when it is opened, before
 * anybody talks to a server.  It never ends the program: it leaves a message
 * that names file, place, what was expected and what was found, so that the
 * caller can first undo what it began.
 */
#ifndef VECDB_READER_H
#define VECDB_READER_H

#include "common/file_format.h"
#include "common/reader_file.h"

/* The options have to live as long as the reader. */
bool reader_open(struct reader *r, const char *path,
				 const struct reader_options *options);
int reader_next(struct reader *r, struct row *row);
void reader_close(struct reader *r);
bool reader_labelled(const struct reader *r);

/* The columns besides the vector, NULL if there are none: see tabular.h. */
struct tabular *reader_columns(const struct reader *r);

/* The file that they are in: of attributes, or the only one. */
const struct reader *reader_of_columns(const struct reader *r);

/* The current row's cells, anew where columns have changed since. */
bool reader_cells(struct reader *r, struct row *row);

#endif /* VECDB_READER_H */
