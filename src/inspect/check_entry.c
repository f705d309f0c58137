/*
 * check_entry.c: a row's entry in a list: I7, I10, I12, I15 and I17, as far as
 * it can be told without the table.
 */
#include "compat.h"

#include <math.h>

#include "inspect/check_entry.h"
#include "inspect/check_rows.h"

/* I7; false where the TID cannot be one of the table's. */
static bool
check_tid(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	IvfCheck *check = of->check;
	ItemPointer tid = &of->entry->slot.tid;
	BlockNumber row_block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	if (offset <= MaxOffsetNumber && row_block < check->heap_blocks)
		return true;
	ivf_check_found(check, I7_SLOT, block, slot,
					"slot names row (%u,%u) of a table of %u blocks", row_block,
					offset, check->heap_blocks);
	return false;
}

/* I10, I17 */
static void
check_detail(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	uint16 detail = of->entry->slot.detail;
	uint16 known = of->layout->kind == IVF_UNPLACED ? IVF_ROW_NULL : 0;

	if (of->layout->kind == IVF_LEAF && ivf_spills(&of->check->meta))
		known |= IVF_ROW_TWICE | IVF_ROW_SECOND;
	for (uint32 i = 0; i < of->layout->columns; i++)
		known |= IVF_COLUMN_NULL(i);
	if (detail & ~known)
		ivf_check_found(of->check, I10_DETAIL, block, slot,
						"slot has unknown flags %04X", detail);
	else if ((detail & IVF_ROW_SECOND) && !(detail & IVF_ROW_TWICE))
		ivf_check_found(of->check, I17_TWICE, block, slot,
						"a second entry is not marked as one of two");
}

/* I12, of bits themselves. */
static void
check_ones(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	const IvfEntry *entry = of->entry;
	uint32 ones = vdb_bit_ones((const uint8 *) entry->lanes,
							   of->layout->code_lines * sizeof(uint32));

	if (entry->factors.half[0] != ones || entry->factors.half[1] != 0)
		ivf_check_found(of->check, I12_CODE, block, slot,
						"code has %u set bits, but counts %u", ones,
						entry->factors.half[0]);
}

/* I12 */
static void
check_factors(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	float add = vdb_f16_to_f32(of->entry->factors.half[0]);
	float gain = vdb_f16_to_f32(of->entry->factors.half[1]);

	if (isnan(add) || (isinf(add) && add > 0) || !(gain >= 0) || isinf(gain))
		ivf_check_found(of->check, I12_CODE, block, slot,
						"code has the impossible factors add %g, gain %g", add,
						gain);
}

/* I15 */
static void
check_summaries(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	const IvfChild *child = &of->check->children[of->child];
	VdbSummary summaries[IVF_MOST_COLUMNS];

	if (child->summaries == NULL)
		return;
	memcpy(summaries, child->summaries, sizeof(summaries));
	if (ivf_entry_summarize(of->layout, of->entry, summaries))
		ivf_check_found(of->check, I15_SUMMARIES, block, slot,
						"row has keys that its list is not said to have");
}

void
ivf_check_row(const IvfEntryCheck *of, BlockNumber block, int64 slot)
{
	IvfCheckRow row;

	check_detail(of, block, slot);
	if (of->layout->kind == IVF_LEAF)
	{
		if (of->layout->format->verbatim)
			check_ones(of, block, slot);
		else
			check_factors(of, block, slot);
		check_summaries(of, block, slot);
		of->check->placed++;
	}
	if (!check_tid(of, block, slot))
		return;

	memset(&row, 0, sizeof(row));
	row.tid = of->entry->slot.tid;
	row.kind = of->layout->kind;
	row.block = block;
	row.slot = slot;
	row.child = of->child;
	row.flags = of->entry->slot.detail & (IVF_ROW_TWICE | IVF_ROW_SECOND);
	ivf_check_rows_add(of->check, &row, of->entry, ivf_entry_size(of->layout));
}
