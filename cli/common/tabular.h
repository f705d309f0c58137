/*
 * tabular.h
 *	  Files whose rows have named columns, one of them a vector: which columns
 *	  there are, of which types, and the rows.
 *
 * The first rows are read when the file is opened, and the columns' types are
 * the narrowest that fit them; later rows have to fit as well.
 */
#ifndef VECDB_TABULAR_H
#define VECDB_TABULAR_H

#include "common/file_format.h"
#include "common/record.h"

struct file_column
{
	char *name;
	char *type;		/* SQL's: given, or found */
	bool given;		/* by the user */
	bool wanted;	/* to be loaded */
	bool json;		/* takes values as JSON writes them */
	bool filled;	/* one of the first rows has a value */
	unsigned found; /* types that fit the first rows: value_types_of() */
	unsigned check; /* the one that later rows must fit; 0: any */
};

struct tabular
{
	struct file_column *columns;
	int count;
	int room;
	int vector; /* which column, -1 if none is */
	struct record *head;
	int head_count;
	int head_next;
	struct record current;
	struct record *now;
	const struct field **fields; /* of a row, by column */
	struct cell *cells;
	float *values; /* of MAX_DIMENSIONS */
	bool chosen;   /* columns were named: others are passed over */
};

/* For formats whose rows are records: see struct file_format. */
bool tabular_open(struct reader *r);
int tabular_next(struct reader *r, struct row *row);

/*
 * t->fields of a record; open: names that are new become columns, else they are
 * an error, unless columns were chosen.  So is another number of fields than
 * columns.
 */
bool tabular_place(struct reader *r, const struct record *record, bool open);

/* The cells of the current row, anew where columns have changed since. */
bool tabular_cells(struct reader *r, struct row *row);
void tabular_close(struct reader *r);

#endif /* VECDB_TABULAR_H */
