/*
 * meta.c: see meta.h.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "access/transam.h"
#include "ivf/disk/meta.h"
#include "utils/rel.h"

/* Reading ---------------------------------------------------------------- */

/*
 * Copy the metapage, of whatever version; returns what is wrong with it, or
 * NULL.  *version is that of its format, or 0 where there is no page of ours.
 */
static const char *
copy_meta(Relation index, IvfMetaPage *meta, uint32 *version)
{
	Buffer buffer = ReadBuffer(index, IVF_META_BLOCK);
	Page page = BufferGetPage(buffer);
	const char *fault;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	*version = ivf_page_version(page);
	fault = ivf_page_fault(page, IVF_META, IVF_META_BLOCK, 0);
	if (fault == NULL)
	{
		*meta = *ivf_meta(page);
		*version = meta->version;
		fault = ivf_meta_fault(meta);
	}
	UnlockReleaseBuffer(buffer);
	return fault;
}

/* Nothing is wrong with an index that another version made. */
static void
refuse_version(Relation index, uint32 version)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("index \"%s\" has format version %u, which this version "
					"of vecdb does not read",
					RelationGetRelationName(index), version),
			 errdetail("It reads format version %d.", IVF_VERSION),
			 errhint("Use REINDEX to build the index anew.")));
}

/* The first word of a metapage that pgvector wrote, of ivfflat or hnsw. */
static bool
is_pgvectors(Relation index)
{
	static const uint32 magics[] = {UINT32_C(0x14FF1A7), UINT32_C(0xA953A953)};
	Buffer buffer = ReadBuffer(index, IVF_META_BLOCK);
	uint32 magic;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	magic = *(const uint32 *) PageGetContents(BufferGetPage(buffer));
	UnlockReleaseBuffer(buffer);
	return magic == magics[0] || magic == magics[1];
}

static void
refuse_pgvectors(Relation index)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("index \"%s\" was built by pgvector, whose format "
						   "vecdb does not read",
						   RelationGetRelationName(index)),
					errhint("Use REINDEX to build the index anew.")));
}

void
ivf_meta_read(Relation index, IvfMetaPage *meta)
{
	uint32 version;
	const char *fault = copy_meta(index, meta, &version);

	if (version != 0 && !ivf_version_known(version))
		refuse_version(index, version);
	if (version == 0 && is_pgvectors(index))
		refuse_pgvectors(index);
	if (fault)
		ivf_page_corrupted(index, IVF_META_BLOCK, fault);
}

bool
ivf_meta_peek(Relation index, IvfMetaPage *meta)
{
	uint32 version;

	return RelationGetNumberOfBlocks(index) > IVF_META_BLOCK &&
		   copy_meta(index, meta, &version) == NULL &&
		   ivf_version_known(version);
}

/* Writing ---------------------------------------------------------------- */

/* In an index that is being built, which its end logs whole. */
void
ivf_meta_write(Relation index, ForkNumber fork, const IvfMetaPage *meta)
{
	Buffer buffer =
		ReadBufferExtended(index, fork, IVF_META_BLOCK, RBM_NORMAL, NULL);

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	ivf_page_init(BufferGetPage(buffer), 0, IVF_META, IVF_META_BLOCK, 0,
				  InvalidBlockNumber);
	*ivf_meta(BufferGetPage(buffer)) = *meta;
	MarkBufferDirty(buffer);
	UnlockReleaseBuffer(buffer);
}

/*
 * Several inserts may come first at a time: the lock decides whose scale it is,
 * and all of them use that one before they code their rows.
 */
void
ivf_meta_set_scale(Relation index, float scale)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_EXCLUSIVE,
								  IVF_META, IVF_META_BLOCK, 0);

	Assert(scale > 0);
	if (ivf_meta(BufferGetPage(buffer))->scale == 0)
	{
		GenericXLogState *wal = GenericXLogStart(index);

		ivf_meta(GenericXLogRegisterBuffer(wal, buffer, 0))->scale = scale;
		GenericXLogFinish(wal);
	}
	UnlockReleaseBuffer(buffer);
}

/* Trees ------------------------------------------------------------------ */

uint32
ivf_meta_tree(Relation index)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_SHARE,
								  IVF_META, IVF_META_BLOCK, 0);
	uint32 tree = ivf_meta(BufferGetPage(buffer))->trees.tree;

	UnlockReleaseBuffer(buffer);
	return tree;
}

/* Only vacuum changes these figures, and one vacuums at a time. */
static void
change_trees(Relation index, const IvfTrees *trees)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_EXCLUSIVE,
								  IVF_META, IVF_META_BLOCK, 0);
	GenericXLogState *wal = GenericXLogStart(index);

	ivf_meta(GenericXLogRegisterBuffer(wal, buffer, 0))->trees = *trees;
	GenericXLogFinish(wal);
	UnlockReleaseBuffer(buffer);
}

uint32
ivf_meta_begin_tree(Relation index)
{
	IvfMetaPage meta;

	ivf_meta_read(index, &meta);
	if (meta.trees.begun == PG_UINT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("index \"%s\" cannot be trained again",
							   RelationGetRelationName(index)),
						errhint("Use REINDEX to build it anew.")));
	meta.trees.begun++;
	meta.trees.litter = 1;
	change_trees(index, &meta.trees);
	return meta.trees.begun;
}

void
ivf_meta_clean(Relation index)
{
	IvfMetaPage meta;

	ivf_meta_read(index, &meta);
	meta.trees.litter = 0;
	change_trees(index, &meta.trees);
}

/*
 * The page is locked before the transaction is read: whoever finds the old
 * tree here has a snapshot from before.
 */
void
ivf_meta_switch(Relation index, const IvfMetaPage *meta)
{
	Buffer buffer = ivf_page_read(index, IVF_META_BLOCK, BUFFER_LOCK_EXCLUSIVE,
								  IVF_META, IVF_META_BLOCK, 0);
	GenericXLogState *wal = GenericXLogStart(index);
	IvfMetaPage *page = ivf_meta(GenericXLogRegisterBuffer(wal, buffer, 0));
	uint32 begun = page->trees.begun;

	Assert(meta->trees.tree != page->trees.tree);
	*page = *meta;
	page->trees.begun = begun;
	page->trees.litter = 1;
	page->trees.switched =
		U64FromFullTransactionId(ReadNextFullTransactionId());
	GenericXLogFinish(wal);
	UnlockReleaseBuffer(buffer);
}
