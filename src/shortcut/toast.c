/*
 * toast.c: see toast.h.
 */
#include "compat.h"

#include "access/detoast.h"
#include "access/heapam.h"
#include "access/tableam.h"
#include "shortcut/chunks.h"
#include "shortcut/recent.h"
#include "shortcut/shortcuts.h"
#include "shortcut/toast.h"
#include "utils/memutils.h"
#include "utils/rel.h"

struct VdbToast
{
	Relation heap;
	VdbChunks *chunks;	 /* NULL until a value needs them */
	VdbRecents *recents; /* values that were read, likewise */
};

VdbToast *
vdb_toast_create(Relation heap)
{
	VdbToast *toast = palloc0(sizeof(VdbToast));

	toast->heap = heap;
	return toast;
}

void
vdb_toast_destroy(VdbToast *toast)
{
	if (toast->chunks)
		vdb_chunks_close(toast->chunks);
	pfree(toast);
}

/* Does it lie in chunks of the table's own? */
static bool
own_external(const VdbToast *toast, Datum value,
			 struct varatt_external *pointer)
{
	struct varlena *attribute = (struct varlena *) DatumGetPointer(value);

	if (!VARATT_IS_EXTERNAL_ONDISK(attribute))
		return false;
	VARATT_EXTERNAL_GET_POINTER(*pointer, attribute);
	return pointer->va_toastrelid == toast->heap->rd_rel->reltoastrelid &&
		   toast->heap->rd_tableam->relation_fetch_toast_slice ==
			   GetHeapamTableAmRoutine()->relation_fetch_toast_slice;
}

/* Is this a value of chunks as they are read here? */
static bool
plain_external(const VdbToast *toast, Datum value,
			   struct varatt_external *pointer)
{
	return own_external(toast, value, pointer) &&
		   vdb_shortcut(VDB_SHORTCUT_TOAST) &&
		   !VARATT_EXTERNAL_IS_COMPRESSED(*pointer);
}

/* Open what values are read from, if it is not. */
static void
need_chunks(VdbToast *toast)
{
	MemoryContext old;

	if (toast->chunks)
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(toast));
	toast->recents = vdb_recents_create();
	toast->chunks = vdb_chunks_open(toast->heap->rd_rel->reltoastrelid);
	MemoryContextSwitchTo(old);
}

bool
vdb_toast_ahead(VdbToast *toast, Datum value, VdbToastPointer *pointer)
{
	struct varatt_external name;

	if (!plain_external(toast, value, &name))
		return false;
	need_chunks(toast);
	memcpy(pointer->bytes, DatumGetPointer(value), TOAST_POINTER_SIZE);
	vdb_chunks_ahead(toast->chunks, name.va_valueid,
					 name.va_rawsize - VARHDRSZ);
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
	need_chunks(toast);
	bytes = pointer.va_rawsize - VARHDRSZ;
	copy = vdb_recents_room(toast->recents, VARHDRSZ + bytes);
	SET_VARSIZE(copy, VARHDRSZ + bytes);
	if (!vdb_chunks_read(toast->chunks, pointer.va_valueid, VARDATA(copy),
						 bytes))
		return value;
	vdb_recents_keep(toast->recents, pointer.va_toastrelid, pointer.va_valueid);
	return PointerGetDatum(copy);
}

bool
vdb_toast_take(VdbToast *toast, Datum *value)
{
	struct varatt_external pointer;
	struct varlena *copy;
	Size bytes;

	if (!own_external(toast, *value, &pointer))
		return true;
	need_chunks(toast);
	bytes = vdb_external_size(pointer);
	copy = palloc(VARHDRSZ + bytes);
	if (VARATT_EXTERNAL_IS_COMPRESSED(pointer))
		SET_VARSIZE_COMPRESSED(copy, VARHDRSZ + bytes);
	else
		SET_VARSIZE(copy, VARHDRSZ + bytes);
	*value = PointerGetDatum(copy);
	return vdb_chunks_read(toast->chunks, pointer.va_valueid, VARDATA(copy),
						   bytes);
}
