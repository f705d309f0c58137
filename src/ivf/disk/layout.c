/*
 * layout.c: see layout.h.
 */
#include "compat.h"

#include "ivf/disk/layout.h"

/* Sections --------------------------------------------------------------- */

/* Add lanes of so many bytes behind what there is: one line may hold several.
 */
static void
add_section(IvfLayout *layout, uint32 line, uint32 begin, uint32 lane,
			uint32 offset)
{
	layout->sections[layout->nsections++] = (IvfSection){
		.line = line,
		.lines = (begin + VDB_GROUP * lane + VDB_LINE - 1) / VDB_LINE,
		.lane = lane,
		.begin = begin,
		.offset = offset,
	};
}

/* Two halves a slot share a line. */
static void
add_leaf_factors(IvfLayout *layout)
{
	for (int i = 0; i < 2; i++)
		add_section(layout, 0, i * VDB_GROUP * sizeof(uint16), sizeof(uint16),
					offsetof(IvfEntry, factors.half[i]));
	layout->factor_lines = 1;
}

static void
add_inner_factors(IvfLayout *layout)
{
	for (int i = 0; i < IVF_FACTOR_LINES_MAX; i++)
		add_section(layout, i, 0, sizeof(float),
					offsetof(IvfEntry, factors.full[i]));
	layout->factor_lines = IVF_FACTOR_LINES_MAX;
}

/*
 * Lanes of a scalar column, in line behind "used" bytes of others that were at
 * least as wide: so none runs over the end of a line.
 */
static void
add_column(IvfLayout *layout, uint32 column, uint32 lane, uint32 *used)
{
	layout->column[column] = layout->nsections;
	add_section(layout, layout->column_line + *used / VDB_LINE,
				*used % VDB_LINE, lane,
				offsetof(IvfEntry, lanes) +
					layout->code_lines * sizeof(uint32) + layout->column_bytes);
	layout->column_bytes += lane;
	*used += VDB_GROUP * lane;
}

static void
add_columns(IvfLayout *layout, const IvfColumnFormats *columns)
{
	uint32 used = 0;

	for (uint32 width = sizeof(uint64); width > 0; width /= 2)
		for (uint32 i = 0; i < columns->count; i++)
			if (columns->column[i].width == width)
				add_column(layout, i,
						   layout->kind == IVF_INNER ? sizeof(VdbSummary)
													 : width,
						   &used);
	layout->columns = columns->count;
	layout->head_lines += (used + VDB_LINE - 1) / VDB_LINE;
}

static void
add_codes(IvfLayout *layout)
{
	layout->sections[layout->nsections++] = (IvfSection){
		.line = layout->head_lines,
		.lines = layout->code_lines,
		.lane = sizeof(uint32),
		.offset = offsetof(IvfEntry, lanes),
		.each_line = true,
	};
}

void
ivf_layout_init(IvfLayout *layout, IvfPageKind kind,
				const VdbCodeFormat *format, uint32 padded,
				const IvfColumnFormats *columns)
{
	memset(layout, 0, sizeof(*layout));
	layout->kind = kind;
	layout->format = format;
	layout->code_lines = format ? vdb_code_lines(format, padded) : 0;
	if (kind == IVF_LEAF)
		add_leaf_factors(layout);
	else if (kind == IVF_INNER)
		add_inner_factors(layout);
	add_section(layout, layout->factor_lines, 0, sizeof(IvfSlot),
				offsetof(IvfEntry, slot));
	layout->column_line = layout->factor_lines + IVF_SLOT_LINES;
	layout->head_lines = layout->column_line;
	if (columns)
		add_columns(layout, columns);
	if (format)
		add_codes(layout);
	layout->lines = layout->head_lines + layout->code_lines;
	Assert(layout->nsections <= IVF_MOST_SECTIONS);
	Assert(layout->head_lines <= IVF_HEAD_LINES_MAX);
}

uint32
ivf_list_pages(const IvfLayout *layout, uint32 slots)
{
	uint64 groups = ((uint64) slots + VDB_GROUP - 1) / VDB_GROUP;
	uint64 lines = groups * layout->lines;

	return Max((lines + IVF_PAGE_LINES - 1) / IVF_PAGE_LINES, 1);
}

IvfSlot *
ivf_line_slots(const IvfLayout *layout, Page page, uint32 number, uint32 line,
			   uint32 *first)
{
	uint64 stream_line = (uint64) number * IVF_PAGE_LINES + line;
	uint32 group = stream_line / layout->lines;
	uint32 position = stream_line % layout->lines;

	if (position < layout->factor_lines || position >= layout->column_line)
		return NULL;
	*first =
		group * VDB_GROUP + (position - layout->factor_lines) * IVF_LINE_SLOTS;
	return (IvfSlot *) ivf_line(page, line);
}

/* What the details of a group's slots have together, word by word. */
static inline uint32
details_together(const IvfSlot *slot)
{
	uint64 words[VDB_GROUP];
	uint64 together = 0;
	IvfSlot any;

	memcpy(words, slot, sizeof(words));
	for (int lane = 0; lane < VDB_GROUP; lane++)
		together |= words[lane];
	memcpy(&any, &together, sizeof(any));
	return any.detail;
}

/* Few groups have a NULL at all. */
void
ivf_column_nulls(const IvfLayout *layout, const IvfSlot *slot,
				 uint16 nulls[IVF_MOST_COLUMNS])
{
	uint32 any = details_together(slot);

	memset(nulls, 0, IVF_MOST_COLUMNS * sizeof(uint16));
	for (uint32 i = 0; any >= IVF_COLUMN_NULL(i) && i < layout->columns; i++)
		for (int lane = 0; lane < VDB_GROUP; lane++)
			if (slot[lane].detail & IVF_COLUMN_NULL(i))
				nulls[i] |= 1 << lane;
}

/* Entries ---------------------------------------------------------------- */

IvfEntry *
ivf_entry_create(const IvfLayout *layout)
{
	return palloc0(ivf_entry_size(layout));
}

void
ivf_entry_set_key(const IvfLayout *layout, IvfEntry *entry, uint32 column,
				  bool null, uint64 key)
{
	const IvfSection *section = &layout->sections[layout->column[column]];
	uint8 *to = (uint8 *) entry + section->offset;

	if (null)
		entry->slot.detail |= IVF_COLUMN_NULL(column);
	else
		entry->slot.detail &= ~IVF_COLUMN_NULL(column);
	vdb_key_store(to, section->lane, null ? 0 : key);
}

void
ivf_entry_summaries(const IvfLayout *layout, const IvfEntry *entry,
					VdbSummary summaries[IVF_MOST_COLUMNS])
{
	for (uint32 i = 0; i < layout->columns; i++)
		memcpy(&summaries[i],
			   (const uint8 *) entry +
				   layout->sections[layout->column[i]].offset,
			   sizeof(VdbSummary));
}

void
ivf_entry_set_summaries(const IvfLayout *layout, IvfEntry *entry,
						const VdbSummary *summaries)
{
	for (uint32 i = 0; i < layout->columns; i++)
		memcpy((uint8 *) entry + layout->sections[layout->column[i]].offset,
			   &summaries[i], sizeof(VdbSummary));
}

bool
ivf_entry_summarize(const IvfLayout *layout, const IvfEntry *row,
					VdbSummary summaries[IVF_MOST_COLUMNS])
{
	bool wider = false;

	for (uint32 i = 0; i < layout->columns; i++)
	{
		bool null;
		uint64 key = ivf_entry_key(layout, row, i, &null);

		wider |= vdb_summary_add(&summaries[i], null, key);
	}
	return wider;
}

/* Of the slot that an entry describes, a part of a line. */
typedef struct LinePart
{
	uint32 in_line; /* offsets in bytes */
	uint32 in_entry;
	uint32 bytes;
} LinePart;

/* The slot's lane of a section in one line of the group; false for none. */
static inline bool
section_part(const IvfSection *section, int lane, uint32 line, LinePart *part)
{
	uint32 number = line - section->line;
	uint32 place = section->begin + lane * section->lane;

	if (number >= section->lines)
		return false;
	part->bytes = section->lane;
	part->in_line = place % VDB_LINE;
	part->in_entry =
		section->offset + (section->each_line ? number * section->lane : 0);
	return section->each_line || place / VDB_LINE == number;
}

/* What a line holds of the slot: how many parts. */
static int
line_parts(const IvfLayout *layout, int lane, uint32 line,
		   LinePart parts[IVF_MOST_SECTIONS])
{
	int n = 0;

	/* Codes come last, in lines of their own. */
	uint32 first = line < layout->head_lines ? 0 : layout->nsections - 1;

	for (uint32 i = first; i < layout->nsections; i++)
		n += section_part(&layout->sections[i], lane, line, &parts[n]);
	return n;
}

void
ivf_entry_put_line(const IvfLayout *layout, const IvfEntry *entry, int lane,
				   uint32 line, uint8 *data)
{
	LinePart parts[IVF_MOST_SECTIONS];
	int n = line_parts(layout, lane, line, parts);

	for (int i = 0; i < n; i++)
		memcpy(data + parts[i].in_line,
			   (const uint8 *) entry + parts[i].in_entry, parts[i].bytes);
}

void
ivf_entry_get_line(const IvfLayout *layout, IvfEntry *entry, int lane,
				   uint32 line, const uint8 *data)
{
	LinePart parts[IVF_MOST_SECTIONS];
	int n = line_parts(layout, lane, line, parts);

	for (int i = 0; i < n; i++)
		memcpy((uint8 *) entry + parts[i].in_entry, data + parts[i].in_line,
			   parts[i].bytes);
}

void
ivf_entry_log_line(const IvfLayout *layout, const IvfEntry *entry, int lane,
				   uint32 line, VdbWal *wal, Buffer buffer, const uint8 *data)
{
	LinePart parts[IVF_MOST_SECTIONS];
	int n = line_parts(layout, lane, line, parts);

	for (int i = 0; i < n; i++)
		vdb_wal_put(wal, buffer, data + parts[i].in_line,
					(const uint8 *) entry + parts[i].in_entry, parts[i].bytes);
}
