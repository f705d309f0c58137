/*
 * shown.h
 *	  The columns of a table that a search shows.
 */
#ifndef VECDB_SHOWN_H
#define VECDB_SHOWN_H

#include "conn.h"
#include "target.h"

struct shown
{
	PGconn *conn;
	const struct table *table;
	const char *show;		/* names parted by commas, or NULL */
	const char *label_name; /* the column of words */
};

/*
 * Quoted, each with ", " after it, in fresh memory.  Of those in "show" each
 * has to exist, or the program ends; without, what tells rows apart: id and
 * words, else all columns without vectors, else where the row lies.
 */
char *shown_columns(const struct shown *s);

#endif /* VECDB_SHOWN_H */
