/*
 * toast.c: see toast.h.
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
#include "shortcut/guess.h"
#include "shortcut/shortcuts.h"
#include "shortcut/toast.h"
#include "storage/bufmgr.h"
#include "shortcut/recent.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Columns of a TOAST table. */
#define CHUNK_ID 1
#define CHUNK_SEQ 2
#define CHUNK_DATA 3

struct VdbToast
{
	Relation heap;
	Relation table; /* NULL until a value needs it */
	Relation *indexes;
	int nindexes;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	VdbRecents *recents; /* values that were read */

	bool plain;			  /* an ordinary heap, whose pages are read directly */
	BlockNumber blocks;	  /* that it had at the start */
	TransactionId writer; /* one that counts: see is_written() */
};

/* Chunks are visible to whoever sees the row that points to them. */
static SnapshotData toast_snapshot = {SNAPSHOT_TOAST};

VdbToast *
vdb_toast_create(Relation heap)
{
	VdbToast *toast = palloc0(sizeof(VdbToast));

	toast->heap = heap;
	return toast;
}

static void
open_table(VdbToast *toast)
{
	int valid;

	toast->recents = vdb_recents_create();
	toast->table =
		table_open(toast->heap->rd_rel->reltoastrelid, AccessShareLock);
	valid = toast_open_indexes(toast->table, AccessShareLock, &toast->indexes,
							   &toast->nindexes);
	toast->slot = table_slot_create(toast->table, NULL);
	toast->scan = vdb_index_beginscan(toast->table, toast->indexes[valid],
									  &toast_snapshot, 2, 0);
	toast->plain = toast->table->rd_tableam == GetHeapamTableAmRoutine();
	toast->blocks = RelationGetNumberOfBlocks(toast->table);
}

void
vdb_toast_destroy(VdbToast *toast)
{
	if (toast->table)
	{
		index_endscan(toast->scan);
		ExecDropSingleTupleTableSlot(toast->slot);
		toast_close_indexes(toast->indexes, toast->nindexes, AccessShareLock);
		table_close(toast->table, AccessShareLock);
	}
	pfree(toast);
}

/* Is this a value of chunks as they are read here? */
static bool
plain_external(const VdbToast *toast, Datum value,
			   struct varatt_external *pointer)
{
	struct varlena *attribute = (struct varlena *) DatumGetPointer(value);

	if (!VARATT_IS_EXTERNAL_ONDISK(attribute))
		return false;
	VARATT_EXTERNAL_GET_POINTER(*pointer, attribute);
	return vdb_shortcut(VDB_SHORTCUT_TOAST) &&
		   !VARATT_EXTERNAL_IS_COMPRESSED(*pointer) &&
		   pointer->va_toastrelid == toast->heap->rd_rel->reltoastrelid &&
		   toast->heap->rd_tableam->relation_fetch_toast_slice ==
			   GetHeapamTableAmRoutine()->relation_fetch_toast_slice;
}

/* Chunks ----------------------------------------------------------------- */

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
is_written(VdbToast *toast, HeapTupleHeader tuple)
{
	TransactionId writer = HeapTupleHeaderGetRawXmin(tuple);

	if (!TransactionIdIsValid(writer) || tuple->t_infomask & HEAP_MOVED)
		return false;
	if (HeapTupleHeaderXminCommitted(tuple) || writer == toast->writer)
		return true;
	if (!TransactionIdIsCurrentTransactionId(writer) &&
		!TransactionIdDidCommit(writer))
		return false;
	toast->writer = writer;
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
read_page(VdbToast *toast, BlockNumber block, ChunkReader *reader)
{
	Buffer buffer = vdb_ahead_read(toast->table, block, &VDB_NO_AHEAD);
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
		copied = chunk->id == reader->id && is_written(toast, tuple) &&
				 add_chunk(reader, chunk->sequence, &chunk->data);
		if (copied ? chunk->sequence == first : sight.id == InvalidOid)
			sight = (Sight){chunk->id, {block, line, lines, chunk->sequence}};
	}
	UnlockReleaseBuffer(buffer);
	return sight;
}

/* The value's first chunks, in the page that is guessed or one more. */
static bool
find_guessed(VdbToast *toast, ChunkReader *reader, BlockNumber *block)
{
	*block = vdb_guess(toast->table, reader->id);
	for (int tries = 0; tries < 2 && *block < toast->blocks; tries++)
	{
		Sight sight = read_page(toast, *block, reader);
		BlockNumber guess;

		if (reader->sequence > 0)
		{
			vdb_guess_learn(toast->table, reader->id, sight.spot);
			return true;
		}
		if (sight.id == InvalidOid)
			return false;
		guess = vdb_guess_from(toast->table, reader->id, sight.id, sight.spot);
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
read_guessed(VdbToast *toast, ChunkReader *reader)
{
	BlockNumber block;
	int32 sequence = 0;

	if (!toast->plain || !vdb_shortcut(VDB_SHORTCUT_GUESS) ||
		!find_guessed(toast, reader, &block))
		return false;
	while (reader->done < reader->bytes && reader->sequence > sequence &&
		   ++block < toast->blocks)
	{
		sequence = reader->sequence;
		read_page(toast, block, reader);
	}
	return reader->done == reader->bytes;
}

/* What the index finds ---------------------------------------------------- */

/*
 * The place of the chunk in the slot, for guesses to come.  Its page is pinned
 * but not locked; how many lines it has need not be exact.
 */
static void
learn(VdbToast *toast, Oid id)
{
	Buffer buffer = ((BufferHeapTupleTableSlot *) toast->slot)->buffer;
	VdbSpot spot = {
		.block = ItemPointerGetBlockNumber(&toast->slot->tts_tid),
		.line = ItemPointerGetOffsetNumber(&toast->slot->tts_tid),
		.lines = PageGetMaxOffsetNumber(BufferGetPage(buffer)),
	};

	vdb_guess_learn(toast->table, id, spot);
}

/*
 * The chunks that are left.  An index scan may keep memory from one row to the
 * next (a B-tree its list of dead entries), so it must not be the row's.
 */
static bool
read_indexed(VdbToast *toast, ChunkReader *reader)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(toast));
	bool sound = true;
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], CHUNK_ID, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(reader->id));
	ScanKeyInit(&keys[1], CHUNK_SEQ, BTGreaterEqualStrategyNumber, F_INT4GE,
				Int32GetDatum(reader->sequence));
	index_rescan(toast->scan, keys, lengthof(keys), NULL, 0);
	while (sound && reader->done < reader->bytes &&
		   index_getnext_slot(toast->scan, ForwardScanDirection, toast->slot))
	{
		bool isnull;
		int32 sequence =
			DatumGetInt32(slot_getattr(toast->slot, CHUNK_SEQ, &isnull));
		Datum chunk = slot_getattr(toast->slot, CHUNK_DATA, &isnull);

		sound = !isnull && add_chunk(reader, sequence,
									 (struct varlena *) DatumGetPointer(chunk));
		if (sound && sequence == 0 && toast->plain)
			learn(toast, reader->id);
	}
	MemoryContextSwitchTo(old);
	return reader->done == reader->bytes;
}

/* Copy the chunks of a value; false where they are not what they should be. */
static bool
read_chunks(VdbToast *toast, Oid id, char *data, Size bytes)
{
	ChunkReader reader = {.id = id, .data = data, .bytes = bytes};

	return read_guessed(toast, &reader) || read_indexed(toast, &reader);
}

/* Open what values are read from, if it is not. */
static void
need_table(VdbToast *toast)
{
	MemoryContext old;

	if (toast->table)
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(toast));
	open_table(toast);
	MemoryContextSwitchTo(old);
}

bool
vdb_toast_ahead(VdbToast *toast, Datum value, VdbToastPointer *pointer)
{
	struct varatt_external name;
	BlockNumber block;

	if (!plain_external(toast, value, &name))
		return false;
	need_table(toast);
	memcpy(pointer->bytes, DatumGetPointer(value), TOAST_POINTER_SIZE);
	if (!toast->plain || !vdb_shortcut(VDB_SHORTCUT_GUESS))
		return true;
	block = vdb_guess(toast->table, name.va_valueid);
	if (block < toast->blocks)
		vdb_ahead(toast->table, block);
	return true;
}

Datum
vdb_toast_fetch(VdbToast *toast, Datum value)
{
	struct varatt_external pointer;
	struct varlena *copy;
	Size bytes;

	value = vdb_recent_value(value);
	if (!plain_external(toast, value, &pointer))
		return value;
	need_table(toast);
	bytes = pointer.va_rawsize - VARHDRSZ;
	copy = vdb_recents_room(toast->recents, VARHDRSZ + bytes);
	SET_VARSIZE(copy, VARHDRSZ + bytes);
	if (!read_chunks(toast, pointer.va_valueid, VARDATA(copy), bytes))
		return value;
	vdb_recents_keep(toast->recents, pointer.va_toastrelid, pointer.va_valueid);
	return PointerGetDatum(copy);
}
