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

struct reader_options
{
	const char *format; /* NULL: guess */
	const char *labels; /* file of labels, or NULL */
	long dims;			/* 0: as the file says */
	long max_label;		/* longest label, in bytes */
};

bool reader_open(struct reader *r, const char *path,
				 const struct reader_options *options);
int reader_next(struct reader *r, struct row *row);
void reader_close(struct reader *r);
bool reader_labelled(const struct reader *r);

/* The names of all formats, as a list for people. */
const char *reader_format_names(void);

#endif /* VECDB_READER_H */
