/*
 * sweep.c: see sweep.h.
 *
 * The free space map is not WAL-logged, a crash can leave a page that was
 * allocated and never used, and a tree's pages stay when another one takes its
 * place: so every page is looked at.
 *
 * A tree is read by scans that began before the switch, whose snapshots are not
 * newer than it.  Its pages are freed when all of these are gone: when the
 * transaction that came next is past for everybody, or when there was a moment
 * since in which nobody else had a lock on the index.
 */
#include "compat.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/storage.h"
#include "commands/vacuum.h"
#include "ivf/build/memory.h"
#include "ivf/disk/meta.h"
#include "ivf/renew/alone.h"
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

/* "past": nobody can be reading the tree before. */
static void
sweep_pages(IndexVacuumInfo *info, const IvfTrees *trees, bool past,
			IvfSweep *sweep)
{
	Relation index = info->index;

	if (sweep->free)
		pfree(sweep->free);
	*sweep = (IvfSweep){.blocks = count_blocks(index)};
	sweep->used = sweep->end = IVF_META_BLOCK + 1;
	for (BlockNumber block = IVF_META_BLOCK + 1; block < sweep->blocks; block++)
	{
		PageUse use;

		vdb_vacuum_delay_point();
		use = read_use(info, block, trees);
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
	if (!sweep->litter && trees->litter != 0)
		ivf_meta_clean(index);
}

void
ivf_sweep(IndexVacuumInfo *info, IvfSweep *sweep)
{
	IvfMetaPage meta;

	ivf_meta_read(info->index, &meta);
	sweep_pages(info, &meta.trees,
				vdb_is_past(info->index, meta.trees.switched), sweep);
}

/* Who opens the index after that moment finds the tree in use. */
bool
ivf_sweep_alone(IndexVacuumInfo *info, IvfSweep *sweep)
{
	IvfMetaPage meta;

	if (!ivf_alone(info->index, NULL, NULL))
		return false;
	ivf_meta_read(info->index, &meta);
	sweep_pages(info, &meta.trees, true, sweep);
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

/* What is to be cut off, while nobody else has the index open. */
typedef struct Cut
{
	Relation index;
	IvfSweep *sweep;
	bool done;
} Cut;

/* Are all pages of a range free?  False if somebody cannot wait to know. */
static bool
are_free(Relation index, BlockNumber begin, BlockNumber end)
{
	static const IvfTrees none;
	IndexVacuumInfo info = {.index = index};

	for (BlockNumber block = begin; block < end; block++)
	{
		CHECK_FOR_INTERRUPTS();
		if (read_use(&info, block, &none) != PAGE_FREE ||
			(block % PAGES_A_LOOK == 0 &&
			 LockHasWaitersRelation(index, AccessExclusiveLock)))
			return false;
	}
	return true;
}

/* Somebody may have taken one of these pages before this moment. */
static void
cut(void *arg)
{
	Cut *this = arg;
	IvfSweep *sweep = this->sweep;

	this->done = RelationGetNumberOfBlocks(this->index) == sweep->blocks &&
				 are_free(this->index, sweep->end, sweep->blocks);
	if (this->done)
		RelationTruncate(this->index, sweep->end);
}

void
ivf_truncate(Relation index, IvfSweep *sweep)
{
	BlockNumber end = sweep->blocks - sweep->end;
	Cut this = {index, sweep, false};

	if (sweep->blocks == 0 || end < LEAST_END ||
		end < sweep->blocks / LEAST_END_SHARE)
		return;
	ivf_alone(index, cut, &this);
	if (!this.done)
		return;
	while (sweep->nfree > 0 && sweep->free[sweep->nfree - 1] >= sweep->end)
		sweep->nfree--;
	sweep->blocks = sweep->end;
}
