/*
 * chunks.c: see chunks.h.
 */
#include "compat.h"

#include "access/detoast.h"
#include "access/genam.h"
#include "access/heapam.h"
#include "access/heaptoast.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/toast_internals.h"
#include "access/transam.h"
#include "access/xact.h"
#include "shortcut/ahead.h"
#include "shortcut/chunks.h"
#include "shortcut/guess.h"
#include "shortcut/shortcuts.h"
#include "shortcut/size.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Columns of a TOAST table. */
#define CHUNK_ID 1
#define CHUNK_SEQ 2
#define CHUNK_DATA 3

struct VdbChunks
{
	Relation table;
	Relation *indexes;
	int nindexes;
	IndexScanDesc scan;
	TupleTableSlot *slot;

	bool plain;			  /* an ordinary heap, whose pages are read directly */
	BlockNumber blocks;	  /* that it has at least */
	TransactionId writer; /* one that counts: see is_written() */
};

/* Chunks are visible to whoever sees the row that points to them. */
static SnapshotData toast_snapshot = {SNAPSHOT_TOAST};

VdbChunks *
vdb_chunks_open(Oid table)
{
	VdbChunks *chunks = palloc0(sizeof(VdbChunks));
	int valid;

	chunks->table = table_open(table, AccessShareLock);
	valid = toast_open_indexes(chunks->table, AccessShareLock, &chunks->indexes,
							   &chunks->nindexes);
	chunks->slot = table_slot_create(chunks->table, NULL);
	chunks->scan = vdb_index_beginscan(chunks->table, chunks->indexes[valid],
									   &toast_snapshot, 2, 0);
	chunks->plain = chunks->table->rd_tableam == GetHeapamTableAmRoutine();
	return chunks;
}

void
vdb_chunks_close(VdbChunks *chunks)
{
	index_endscan(chunks->scan);
	ExecDropSingleTupleTableSlot(chunks->slot);
	toast_close_indexes(chunks->indexes, chunks->nindexes, AccessShareLock);
	table_close(chunks->table, AccessShareLock);
	pfree(chunks);
}

/* A value that is being read. */
typedef struct ChunkReader
{
	Oid id;
	char *data;
	Size bytes;
	Size done;
	int32 sequence; /* of the next chunk */
} ChunkReader;

/* Append the next chunk of the value; false if it cannot be that. */
static bool
add_chunk(ChunkReader *reader, int32 sequence, const struct varlena *chunk)
{
	Size size;

	if (sequence != reader->sequence || VARATT_IS_EXTENDED(chunk))
		return false;
	size = VARSIZE(chunk) - VARHDRSZ;
	if (size > reader->bytes - reader->done)
		return false;
	memcpy(reader->data + reader->done, VARDATA(chunk), size);
	reader->done += size;
	reader->sequence++;
	return true;
}

/* Where the guess looks --------------------------------------------------- */

/* A tuple of a TOAST table, whose columns are never null nor moved. */
typedef struct ChunkTuple
{
	Oid id;
	int32 sequence;
	struct varlena data;
} ChunkTuple;

/*
 * Was the chunk written by a transaction that counts?  The index, too, would
 * show those of transactions that failed, but it would not show a chunk whose
 * writer failed before the index knew it, and whose number was given again.
 */
static bool
is_written(VdbChunks *chunks, HeapTupleHeader tuple)
{
	TransactionId writer = HeapTupleHeaderGetRawXmin(tuple);

	if (!TransactionIdIsValid(writer) || tuple->t_infomask & HEAP_MOVED)
		return false;
	if (HeapTupleHeaderXminCommitted(tuple) || writer == chunks->writer)
		return true;
	if (!TransactionIdIsCurrentTransactionId(writer) &&
		!TransactionIdDidCommit(writer))
		return false;
	chunks->writer = writer;
	return true;
}

/* A value that a page holds. */
typedef struct Sight
{
	Oid id; /* InvalidOid: the page holds none */
	VdbSpot spot;
} Sight;

/*
 * Copy the next chunks of the value as far as they lie in this page.  Returns
 * the first of them, or whatever else is there.
 */
static Sight
read_page(VdbChunks *chunks, BlockNumber block, ChunkReader *reader)
{
	Buffer buffer = vdb_ahead_read(chunks->table, block, &VDB_NO_AHEAD);
	Page page = BufferGetPage(buffer);
	int32 first = reader->sequence;
	Sight sight = {InvalidOid};
	OffsetNumber lines;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	lines = PageGetMaxOffsetNumber(page);
	for (OffsetNumber line = FirstOffsetNumber; line <= lines; line++)
	{
		ItemId item = PageGetItemId(page, line);
		HeapTupleHeader tuple;
		const ChunkTuple *chunk;
		bool copied;

		if (!ItemIdIsNormal(item))
			continue;
		tuple = (HeapTupleHeader) PageGetItem(page, item);
		chunk = (const ChunkTuple *) ((const char *) tuple + tuple->t_hoff);
		copied = chunk->id == reader->id && is_written(chunks, tuple) &&
				 add_chunk(reader, chunk->sequence, &chunk->data);
		if (copied ? chunk->sequence == first : sight.id == InvalidOid)
			sight = (Sight){chunk->id, {block, line, lines, chunk->sequence}};
	}
	UnlockReleaseBuffer(buffer);
	return sight;
}

static bool
has_page(VdbChunks *chunks, BlockNumber block)
{
	return vdb_has_page(chunks->table, block, &chunks->blocks);
}

/* The value's first chunks, in the page that is guessed or one more. */
static bool
find_guessed(VdbChunks *chunks, ChunkReader *reader, BlockNumber *block)
{
	*block = vdb_guess(chunks->table, reader->id);
	for (int tries = 0; tries < 2 && has_page(chunks, *block); tries++)
	{
		Sight sight = read_page(chunks, *block, reader);
		BlockNumber guess;

		if (reader->sequence > 0)
		{
			vdb_guess_learn(chunks->table, reader->id, sight.spot);
			return true;
		}
		if (sight.id == InvalidOid)
			return false;
		guess = vdb_guess_from(chunks->table, reader->id, sight.id, sight.spot);
		if (guess == *block)
			guess += (int32) (reader->id - sight.id) > 0 ? 1 : -1;
		*block = guess;
	}
	return false;
}

/*
 * From there on, chunks mostly lie in one page after the other.  The last one,
 * which is shorter, may have filled a gap anywhere: that is left to the index.
 */
static bool
read_guessed(VdbChunks *chunks, ChunkReader *reader)
{
	BlockNumber block;
	int32 sequence = 0;

	if (!chunks->plain || !vdb_shortcut(VDB_SHORTCUT_GUESS) ||
		!find_guessed(chunks, reader, &block))
		return false;
	while (reader->done < reader->bytes && reader->sequence > sequence &&
		   has_page(chunks, ++block))
	{
		sequence = reader->sequence;
		read_page(chunks, block, reader);
	}
	return reader->done == reader->bytes;
}

/* What the index finds ---------------------------------------------------- */

/*
 * The place of the chunk in the slot, for guesses to come.  Its page is pinned
 * but not locked; how many lines it has need not be exact.
 */
static void
learn(VdbChunks *chunks, Oid id)
{
	Buffer buffer = ((BufferHeapTupleTableSlot *) chunks->slot)->buffer;
	VdbSpot spot = {
		.block = ItemPointerGetBlockNumber(&chunks->slot->tts_tid),
		.line = ItemPointerGetOffsetNumber(&chunks->slot->tts_tid),
		.lines = PageGetMaxOffsetNumber(BufferGetPage(buffer)),
	};

	vdb_guess_learn(chunks->table, id, spot);
}

/*
 * The chunks that are left.  An index scan may keep memory from one row to the
 * next (a B-tree its list of dead entries), so it must not be the row's.
 */
static bool
read_indexed(VdbChunks *chunks, ChunkReader *reader)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(chunks));
	bool sound = true;
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], CHUNK_ID, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(reader->id));
	ScanKeyInit(&keys[1], CHUNK_SEQ, BTGreaterEqualStrategyNumber, F_INT4GE,
				Int32GetDatum(reader->sequence));
	index_rescan(chunks->scan, keys, lengthof(keys), NULL, 0);
	while (sound && reader->done < reader->bytes &&
		   index_getnext_slot(chunks->scan, ForwardScanDirection, chunks->slot))
	{
		bool isnull;
		int32 sequence =
			DatumGetInt32(slot_getattr(chunks->slot, CHUNK_SEQ, &isnull));
		Datum chunk = slot_getattr(chunks->slot, CHUNK_DATA, &isnull);

		sound = !isnull && add_chunk(reader, sequence,
									 (struct varlena *) DatumGetPointer(chunk));
		if (sound && sequence == 0 && chunks->plain)
			learn(chunks, reader->id);
	}
	MemoryContextSwitchTo(old);
	return reader->done == reader->bytes;
}

bool
vdb_chunks_read(VdbChunks *chunks, Oid id, char *data, Size bytes)
{
	ChunkReader reader = {.id = id, .data = data, .bytes = bytes};

	return read_guessed(chunks, &reader) || read_indexed(chunks, &reader);
}

void
vdb_chunks_ahead(VdbChunks *chunks, Oid id, Size bytes)
{
	BlockNumber block;
	BlockNumber last;

	if (!chunks->plain || !vdb_shortcut(VDB_SHORTCUT_GUESS))
		return;
	block = vdb_guess_pages(chunks->table, id, bytes, &last);
	for (; block <= last && has_page(chunks, block); block++)
		vdb_ahead(chunks->table, block);
}
