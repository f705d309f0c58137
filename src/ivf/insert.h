/*
 * insert.h: rows into the tree that a state describes; the gate.
 */
#ifndef VECDB_IVF_INSERT_H
#define VECDB_IVF_INSERT_H

#include "compat.h"

#include "ivf/space/index.h"

/*
 * Put a row into its list.  values and isnull are those of the index's columns.
 */
extern void ivf_insert_row(Relation index, IvfState *state, const Datum *values,
						   const bool *isnull, ItemPointer tid);

/*
 * Every insert passes the gate, and then asks for the tree in use.  While it is
 * closed none is under way: they wait, with nothing locked.
 */
extern void ivf_gate_close(Relation index);
extern void ivf_gate_open(Relation index);

#endif /* VECDB_IVF_INSERT_H */
