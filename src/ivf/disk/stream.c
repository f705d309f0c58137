/*
 * stream.c: see stream.h.
 *
 * A page's rows are copied under its lock, and given out with none held.
 */
#include "compat.h"

#include "ivf/disk/stream.h"
#include "port/pg_bitutils.h"

static bool
is_wanted(const IvfStream *stream, const IvfSlot *slot)
{
	bool null = (slot->detail & IVF_ROW_NULL) != 0;

	if (!ItemPointerIsValid(&slot->tid) || (slot->detail & IVF_ROW_SECOND))
		return false;
	return stream->filter == IVF_STREAM_ALL ||
		   null == (stream->filter == IVF_STREAM_NULL);
}

static uint32
select_lanes(void *arg, const IvfGroup *group)
{
	IvfStream *stream = arg;

	return stream->select ? stream->select(stream->arg, group) : group->lanes;
}

static void
copy_rows(void *arg, const IvfGroup *group)
{
	IvfStream *stream = arg;

	for (uint32 lanes = group->lanes; lanes; lanes &= lanes - 1)
	{
		const IvfSlot *slot = &group->slot[pg_rightmost_one_pos32(lanes)];

		if (!is_wanted(stream, slot))
			continue;
		Assert(stream->count < lengthof(stream->tids));
		stream->tids[stream->count++] = slot->tid;
	}
}

void
ivf_stream_open(IvfStream *stream, Relation index, Snapshot snapshot,
				BlockNumber head, const IvfLayout *layout,
				IvfStreamFilter filter, IvfSelect select, void *arg)
{
	IvfReading reading = {
		.snapshot = snapshot,
		.first = VDB_NO_AHEAD,
		.select = select_lanes,
	};

	ivf_list_begin(&stream->walk, index, head, layout, &reading, copy_rows,
				   stream);
	stream->filter = filter;
	stream->select = select;
	stream->arg = arg;
	stream->count = stream->next = 0;
	stream->open = true;
}

bool
ivf_stream_next(IvfStream *stream, ItemPointer tid)
{
	while (stream->open)
	{
		if (stream->next < stream->count)
		{
			*tid = stream->tids[stream->next++];
			return true;
		}
		stream->count = stream->next = 0;
		stream->open = ivf_list_next(&stream->walk);
	}
	return false;
}
