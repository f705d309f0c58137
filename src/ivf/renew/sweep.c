/*
 * sweep.c: see sweep.h.
 *
 * The free space map is not WAL-logged, a crash can leave a page that was
 * allocated and never used, and a tree's pages stay when another one takes its
 * place: so every page is looked at.
 *
 * A tree is read by scans that began before the switch, whose snapshots are not
 * newer than it.  Its pages are freed when all of these are gone: when the
 * transaction that came next is past for everybody, or when nobody else has a
 * lock on the index.
 */
#include "compat.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/storage.h"
#include "commands/vacuum.h"
#include "ivf/build/memory.h"
#include "ivf/disk/meta.h"
#include "ivf/renew/sweep.h"
#include "miscadmin.h"
#include "storage/indexfsm.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/snapmgr.h"
#include "utils/rel.h"

/*
 * Pages that are looked at while the index is locked against all, before
 * somebody who waits for it is noticed.
 */
#define PAGES_A_LOOK 32

/* Pages at the end, and their share of the file, that are worth a truncation.
 */
#define LEAST_END 16
#define LEAST_END_SHARE 16

bool
ivf_has_litter(Relation index)
{
	IvfMetaPage meta;

	return ivf_meta_peek(index, &meta) && meta.trees.litter != 0;
}

/* What a page is to the sweep. */
typedef enum PageUse
{
	PAGE_USED,
	PAGE_FREE,
	PAGE_OLD,		/* of a tree that may be read still */
	PAGE_UNFINISHED /* of one that never was */
} PageUse;

static PageUse
page_use(Page page, BlockNumber block, const IvfTrees *trees)
{
	uint32 tree;

	if (PageIsNew(page) || ivf_page_fault(page, IVF_FREE, block, 0) == NULL)
		return PAGE_FREE;
	/* A damaged page is left for the verifier to tell of. */
	if (ivf_page_version(page) == 0)
		return PAGE_USED;
	tree = ivf_tail(page)->tree;
	if (tree == trees->tree || tree > trees->begun)
		return PAGE_USED;
	return tree > trees->tree ? PAGE_UNFINISHED : PAGE_OLD;
}

static PageUse
read_use(IndexVacuumInfo *info, BlockNumber block, const IvfTrees *trees)
{
	Buffer buffer = ReadBufferExtended(info->index, MAIN_FORKNUM, block,
									   RBM_NORMAL, info->strategy);
	PageUse use;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	use = page_use(BufferGetPage(buffer), block, trees);
	UnlockReleaseBuffer(buffer);
	return use;
}

static void
remember_free(IvfSweep *sweep, BlockNumber block)
{
	Size most = ivf_build_memory() / 8 / sizeof(BlockNumber);

	if (sweep->nfree >= most)
		return;
	if (sweep->free == NULL)
		sweep->free = palloc_extended(
			Min(sweep->blocks, most) * sizeof(BlockNumber), MCXT_ALLOC_HUGE);
	sweep->free[sweep->nfree++] = block;
}

/* Under the extension lock, whoever extended the index has locked his page. */
static BlockNumber
count_blocks(Relation index)
{
	BlockNumber blocks;

	LockRelationForExtension(index, ExclusiveLock);
	blocks = RelationGetNumberOfBlocks(index);
	UnlockRelationForExtension(index, ExclusiveLock);
	return blocks;
}

/*
 * Between two pages: while the index is locked against all there is no sleep,
 * and false means that somebody waits for it.
 */
static bool
may_go_on(Relation index, BlockNumber block, bool alone)
{
	if (!alone)
	{
		vdb_vacuum_delay_point();
		return true;
	}
	CHECK_FOR_INTERRUPTS();
	return block % PAGES_A_LOOK != 0 ||
		   !LockHasWaitersRelation(index, AccessExclusiveLock);
}

static void
sweep_pages(IndexVacuumInfo *info, bool alone, IvfSweep *sweep)
{
	Relation index = info->index;
	BlockNumber block;
	IvfMetaPage meta;
	bool past;

	ivf_meta_read(index, &meta);
	past = alone || vdb_is_past(index, meta.trees.switched);
	if (sweep->free)
		pfree(sweep->free);
	*sweep = (IvfSweep){.blocks = count_blocks(index)};
	sweep->used = sweep->end = IVF_META_BLOCK + 1;
	for (block = IVF_META_BLOCK + 1; block < sweep->blocks; block++)
	{
		PageUse use;

		if (!may_go_on(index, block, alone))
			break;
		use = read_use(info, block, &meta.trees);
		if (use == PAGE_UNFINISHED || (use == PAGE_OLD && past))
		{
			ivf_page_free(index, block);
			use = PAGE_FREE;
		}
		else if (use == PAGE_FREE)
			RecordFreeIndexPage(index, block);

		if (use == PAGE_FREE)
			remember_free(sweep, block);
		else
		{
			sweep->used++;
			sweep->end = block + 1;
		}
		sweep->litter |= use == PAGE_OLD;
	}
	if (block < sweep->blocks)
		sweep->end = sweep->blocks;
	else if (!sweep->litter && meta.trees.litter != 0)
		ivf_meta_clean(index);
}

void
ivf_sweep(IndexVacuumInfo *info, IvfSweep *sweep)
{
	sweep_pages(info, false, sweep);
}

/*
 * A lock against all is logged for standbys, and with it a transaction, which
 * none can do whose workers run.
 */
static bool
lock_alone(Relation index)
{
	return !IsInParallelMode() &&
		   ConditionalLockRelation(index, AccessExclusiveLock);
}

bool
ivf_sweep_alone(IndexVacuumInfo *info, IvfSweep *sweep)
{
	if (!lock_alone(info->index))
		return false;
	sweep_pages(info, true, sweep);
	UnlockRelation(info->index, AccessExclusiveLock);
	return true;
}

/*
 * A tree beside one of its size, which inserts have spread over some more
 * pages, leaves little more than half of them free, and the next one fills
 * these again.
 */
bool
ivf_sweep_is_scattered(const IvfSweep *sweep)
{
	return !sweep->litter && sweep->end > 2.5 * sweep->used + LEAST_END;
}

/* Are all pages of a range free?  False if somebody cannot wait to know. */
static bool
are_free(Relation index, BlockNumber begin, BlockNumber end)
{
	static const IvfTrees none;
	IndexVacuumInfo info = {.index = index};

	for (BlockNumber block = begin; block < end; block++)
		if (!may_go_on(index, block, true) ||
			read_use(&info, block, &none) != PAGE_FREE)
			return false;
	return true;
}

void
ivf_truncate(Relation index, IvfSweep *sweep)
{
	BlockNumber end = sweep->blocks - sweep->end;

	if (sweep->blocks == 0 || end < LEAST_END ||
		end < sweep->blocks / LEAST_END_SHARE || !lock_alone(index))
		return;
	/* Somebody may have taken one of these pages before the lock was there. */
	if (RelationGetNumberOfBlocks(index) == sweep->blocks &&
		are_free(index, sweep->end, sweep->blocks))
	{
		RelationTruncate(index, sweep->end);
		while (sweep->nfree > 0 && sweep->free[sweep->nfree - 1] >= sweep->end)
			sweep->nfree--;
		sweep->blocks = sweep->end;
	}
	UnlockRelation(index, AccessExclusiveLock);
}
