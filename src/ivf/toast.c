/*
 * toast.c: values out of line, fetched many in a row.
 *
 * Refinement reads some dozen TOASTed vectors a query.  The server's own
 * detoasting opens the TOAST table and its index, sets a scan up, and tears
 * all of it down again for each value; here they stay open as long as the
 * scan, which more than halves the cost of a value.  What is not the plain
 * case (compressed, another table access method, a chunk that is missing) is
 * left to the server, with its own errors.
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
#include "ivf/ivf.h"
#include "types/recent.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Columns of a TOAST table. */
#define CHUNK_ID 1
#define CHUNK_SEQ 2
#define CHUNK_DATA 3

struct IvfToast
{
	Relation heap;
	Relation table; /* NULL until a value needs it */
	Relation *indexes;
	int nindexes;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	VdbRecents *recents; /* values that were read */
};

/* Chunks are visible to whoever sees the row that points to them. */
static SnapshotData toast_snapshot = {SNAPSHOT_TOAST};

IvfToast *
ivf_toast_create(Relation heap)
{
	IvfToast *toast = palloc0(sizeof(IvfToast));

	toast->heap = heap;
	return toast;
}

static void
open_table(IvfToast *toast)
{
	int valid;

	toast->recents = vdb_recents_create();
	toast->table =
		table_open(toast->heap->rd_rel->reltoastrelid, AccessShareLock);
	valid = toast_open_indexes(toast->table, AccessShareLock, &toast->indexes,
							   &toast->nindexes);
	toast->slot = table_slot_create(toast->table, NULL);
	toast->scan = vdb_index_beginscan(toast->table, toast->indexes[valid],
									  &toast_snapshot, 1, 0);
}

void
ivf_toast_destroy(IvfToast *toast)
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

/* Is this a value that read_chunks() knows how to fetch? */
static bool
plain_external(const IvfToast *toast, Datum value,
			   struct varatt_external *pointer)
{
	struct varlena *attribute = (struct varlena *) DatumGetPointer(value);

	if (!VARATT_IS_EXTERNAL_ONDISK(attribute))
		return false;
	VARATT_EXTERNAL_GET_POINTER(*pointer, attribute);
	return !VARATT_EXTERNAL_IS_COMPRESSED(*pointer) &&
		   pointer->va_toastrelid == toast->heap->rd_rel->reltoastrelid &&
		   toast->heap->rd_tableam->relation_fetch_toast_slice ==
			   GetHeapamTableAmRoutine()->relation_fetch_toast_slice;
}

/* Copy the chunks of a value; false where they are not what they should be. */
static bool
read_chunks(IvfToast *toast, Oid id, char *data, Size bytes)
{
	Size done = 0;
	int32 sequence = 0;
	ScanKeyData key;

	ScanKeyInit(&key, CHUNK_ID, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(id));
	index_rescan(toast->scan, &key, 1, NULL, 0);
	while (done < bytes &&
		   index_getnext_slot(toast->scan, ForwardScanDirection, toast->slot))
	{
		bool isnull;
		int32 seq =
			DatumGetInt32(slot_getattr(toast->slot, CHUNK_SEQ, &isnull));
		struct varlena *chunk = (struct varlena *) DatumGetPointer(
			slot_getattr(toast->slot, CHUNK_DATA, &isnull));
		Size size;

		if (isnull || seq != sequence++ || VARATT_IS_EXTENDED(chunk))
			return false;
		size = VARSIZE(chunk) - VARHDRSZ;
		if (size > bytes - done)
			return false;
		memcpy(data + done, VARDATA(chunk), size);
		done += size;
	}
	return done == bytes;
}

Datum
ivf_toast_fetch(IvfToast *toast, Datum value)
{
	struct varatt_external pointer;
	struct varlena *copy;
	Size bytes;

	value = vdb_recent_value(value);
	if (!plain_external(toast, value, &pointer))
		return value;
	if (toast->table == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(toast));

		open_table(toast);
		MemoryContextSwitchTo(old);
	}
	bytes = pointer.va_rawsize - VARHDRSZ;
	copy = vdb_recents_room(toast->recents, VARHDRSZ + bytes);
	SET_VARSIZE(copy, VARHDRSZ + bytes);
	if (!read_chunks(toast, pointer.va_valueid, VARDATA(copy), bytes))
		return value;
	vdb_recents_keep(toast->recents, pointer.va_toastrelid, pointer.va_valueid);
	return PointerGetDatum(copy);
}
