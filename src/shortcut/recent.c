/*
 * recent.c: see recent.h.
 */
#include "compat.h"

#include "access/detoast.h"
#include "shortcut/recent.h"
#include "shortcut/shortcuts.h"
#include "utils/memutils.h"

/* Values that are kept, and bytes of them, by one scan. */
#define MOST_VALUES 64
#define MOST_BYTES (256 * 1024)

typedef struct Recent
{
	Oid table; /* InvalidOid: not known */
	Oid value;
	Size room;
	struct varlena *data;
} Recent;

struct VdbRecents
{
	VdbRecents *next; /* another scan's */
	MemoryContext context;
	MemoryContextCallback callback;
	int last; /* the entry that was given out last */
	Recent recent[MOST_VALUES];
};

static VdbRecents *scans = NULL;

/* The memory context goes. */
static void
forget(void *arg)
{
	VdbRecents **link = &scans;

	while (*link != arg)
		link = &(*link)->next;
	*link = (*link)->next;
}

VdbRecents *
vdb_recents_create(void)
{
	VdbRecents *recents = palloc0(sizeof(VdbRecents));

	recents->context = CurrentMemoryContext;
	recents->callback.func = forget;
	recents->callback.arg = recents;
	recents->next = scans;
	scans = recents;
	MemoryContextRegisterResetCallback(CurrentMemoryContext,
									   &recents->callback);
	return recents;
}

struct varlena *
vdb_recents_room(VdbRecents *recents, Size size)
{
	int count = Min(Max(MOST_BYTES / size, 1), MOST_VALUES);
	int number = (recents->last + 1) % count;
	Recent *recent = &recents->recent[number];

	recent->table = InvalidOid;
	if (recent->room < size)
	{
		if (recent->data)
			pfree(recent->data);
		recent->room = 0;
		recent->data = NULL;
		recent->data = MemoryContextAlloc(recents->context, size);
		recent->room = size;
	}
	recents->last = number;
	return recent->data;
}

void
vdb_recents_keep(VdbRecents *recents, Oid table, Oid value)
{
	Recent *recent = &recents->recent[recents->last];

	recent->table = table;
	recent->value = value;
}

Datum
vdb_recent_value(Datum value)
{
	struct varlena *attribute = (struct varlena *) DatumGetPointer(value);
	struct varatt_external pointer;

	if (scans == NULL || !vdb_shortcut(VDB_SHORTCUT_RECENT) ||
		!VARATT_IS_EXTERNAL_ONDISK(attribute))
		return value;
	VARATT_EXTERNAL_GET_POINTER(pointer, attribute);
	for (const VdbRecents *recents = scans; recents; recents = recents->next)
		for (int i = 0; i < MOST_VALUES; i++)
			if (recents->recent[i].value == pointer.va_valueid &&
				recents->recent[i].table == pointer.va_toastrelid)
				return PointerGetDatum(recents->recent[i].data);
	return value;
}
