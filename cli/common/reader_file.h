/*
 * reader_file.h
 *	  Opens a file and finds out its format.
 */
#ifndef VECDB_READER_FILE_H
#define VECDB_READER_FILE_H

#include "common/file_format.h"

/* The file of r->path, in the format of this name; NULL: guess. */
bool reader_open_file(struct reader *r, const char *format);

/* The names of all formats, as a list for people. */
const char *reader_format_names(void);

#endif /* VECDB_READER_FILE_H */
