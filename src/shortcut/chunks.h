/*
 * chunks.h: an open TOAST table, whose values are read from their chunks.
 *
 * Where the chunks of a value lie is guessed (guess.h); what the guess does not
 * find, the table's index does.
 */
#ifndef VECDB_SHORTCUT_CHUNKS_H
#define VECDB_SHORTCUT_CHUNKS_H

#include "compat.h"

typedef struct VdbChunks VdbChunks;

/* In the current memory context, which its memory stays in. */
extern VdbChunks *vdb_chunks_open(Oid table);
extern void vdb_chunks_close(VdbChunks *chunks);

/*
 * Copy the value of so many bytes, which is not compressed; false, with part of
 * the data written, where its chunks are not what they should be.
 */
extern bool vdb_chunks_read(VdbChunks *chunks, Oid id, char *data, Size bytes);

/* Ask for the pages where the value of so many bytes probably lies. */
extern void vdb_chunks_ahead(VdbChunks *chunks, Oid id, Size bytes);

#endif /* VECDB_SHORTCUT_CHUNKS_H */
