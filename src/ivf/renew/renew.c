/*
 * renew.c: see renew.h.
 *
 * The new tree is built beside the old one by the same steps as any
 * (build/tree.h), from the rows that the old one has; inserts and scans use the
 * old one meanwhile and know nothing.  Then what was inserted since is added, a
 * last time while nobody may insert, and one record puts the new root into the
 * metapage.  So there is one tree at any time, for every scan and every insert;
 * the old one's pages stay until no scan can be reading them (vacuum.c), and a
 * tree that is given up is litter.
 */
#include "compat.h"

#include <float.h>

#include "access/xact.h"
#include "catalog/index.h"
#include "ivf/build/memory.h"
#include "ivf/build/progress.h"
#include "ivf/build/train.h"
#include "ivf/build/tree.h"
#include "ivf/insert.h"
#include "ivf/renew/old_rows.h"
#include "ivf/renew/renew.h"
#include "ivf/renew/room.h"
#include "ivf/space/attempt.h"
#include "ivf/space/options.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "shortcut/snapshot.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * Rows that are added while the gate is closed, at most, if further rounds
 * before can make them so few; and how many rounds that may take.
 */
#define LAST_ROWS 64
#define MOST_ROUNDS 20

/* Rows of a round for each of the one before, beyond which it takes turns. */
#define MOST_LEFT 0.5

/*
 * Of the rows that the tree in use has to keep, VACUUM may see few or none: the
 * others are too new, as those of one long transaction that fills a table, or
 * deleted and kept for older snapshots.  It would make their lists, and the
 * scale of their codes, by what it does see; and nothing would call for another
 * tree once they can be seen.  So less than this share of them is too little.
 */
#define LEAST_SEEN 0.25

/* Rows that came since the old tree was read. */
typedef struct News
{
	IvfState *state;
	MemoryContext context;
	double rows; /* of the round so far */
	double most; /* of the round before it takes turns */
	uint32 turn; /* rows that are added while the gate is closed, before it is
				  * opened for those who wait; 0: it was never closed */
	uint32 done; /* rows of the round in such turns */
} News;

/*
 * Who inserts waits for a turn to end, so VACUUM does not sleep from then on.
 */
static void
take_turn(Relation index, News *news)
{
	if (++news->rows > news->most && news->turn == 0)
		news->turn = LAST_ROWS;
	if (news->turn == 0)
		return;
	VacuumCostActive = false;
	if (news->done % news->turn == 0)
	{
		if (news->done > 0)
			ivf_gate_open(index);
		ivf_gate_close(index);
	}
	news->done++;
}

static void
add_news(Relation index, ItemPointer tid, Datum *values, bool *isnull,
		 bool alive, void *arg)
{
	News *news = arg;
	MemoryContext old = MemoryContextSwitchTo(news->context);

	take_turn(index, news);
	ivf_insert_row(index, news->state, values, isnull, tid);
	MemoryContextSwitchTo(old);
	MemoryContextReset(news->context);
}

/*
 * Add what came since the last time, the first so many rows without turns;
 * returns how many there were.
 */
static double
catch_up(IvfBuild *build, News *news, double most)
{
	bool delays = VacuumCostActive;
	double rows;

	news->rows = 0;
	news->most = most;
	news->done = 0;
	rows = ivf_old_rows_visit(build->visit_arg, add_news, news);
	if (news->done > 0)
		ivf_gate_open(build->index);
	VacuumCostActive = delays;
	build->state->meta.history.recoded += rows;
	return rows;
}

/*
 * Round by round, until few rows are left.  Where others insert faster than
 * they are added here, a round would have more rows than the one before: then
 * both take turns, which get longer as long as that is not enough.
 */
static double
catch_up_until_few(IvfBuild *build, News *news)
{
	double rows = 0;
	double round = Max(build->index_rows, LAST_ROWS + 1);

	for (int i = 0; i < MOST_ROUNDS && round > LAST_ROWS; i++)
	{
		double most = round * MOST_LEFT;
		bool turns = news->turn > 0;

		rows += round = catch_up(build, news, most);
		if (turns && round > most)
			news->turn *= 2;
	}
	news->turn = 0;
	return rows;
}

/*
 * The last time, and the switch: nobody may insert then.  Inserts wait for it,
 * so there is no cost delay (which is over anyway where an error ends VACUUM).
 */
static double
switch_trees(IvfBuild *build, News *news)
{
	bool delays = VacuumCostActive;
	double rows;

	ivf_gate_close(build->index);
	VacuumCostActive = false;
	rows = catch_up(build, news, DBL_MAX);
	ivf_meta_switch(build->index, &build->state->meta);
	VacuumCostActive = delays;
	ivf_gate_open(build->index);
	return rows;
}

/*
 * Add what came since, and switch.  Whoever inserts after that finds the new
 * tree in the metapage.
 */
static double
catch_up_and_switch(IvfBuild *build)
{
	News news = {build->state,
				 AllocSetContextCreate(CurrentMemoryContext, "ivfflat news",
									   ALLOCSET_DEFAULT_SIZES)};
	double rows = catch_up_until_few(build, &news);

	rows += switch_trees(build, &news);

	/*
	 * When this transaction is past, so are all that may read the old tree: on
	 * a quiet server there might be no other for long.
	 */
	if (!IsInParallelMode())
		(void) GetTopTransactionId();

	/* Copies of the old state are told by their tree; plans, by this. */
	CacheInvalidateRelcache(build->index);
	ivf_index_forget(build->index);
	MemoryContextDelete(news.context);
	return rows;
}

/*
 * What the trees before counted, and this one's rows so far.  Rows that came
 * meanwhile are inserts of the new tree, whose lists count them.
 */
static void
go_on_counting(IvfBuild *build, const IvfMetaPage *old)
{
	IvfHistory *history = &build->state->meta.history;

	history->inserted =
		ivf_rows_inserted(old) + ivf_old_rows_inserted(build->visit_arg);
	history->recoded = old->history.recoded + build->index_rows;
}

static void
say_unseen(Relation index)
{
	ereport(
		ivf_build_notice(),
		(errmsg("index \"%s\" stays as it is", RelationGetRelationName(index)),
		 errdetail("Too few of its rows can be seen to train it again."),
		 errhint("Others are of transactions that have not ended, or are "
				 "kept for such: VACUUM the table when they have.")));
}

/* Write a tree that was trained for, and switch; returns the rows in it. */
static double
move_rows(IvfBuild *build, const IvfMetaPage *old)
{
	build->site.tree = ivf_meta_begin_tree(build->index);
	ivf_index_set_tree(build->state, build->site.tree);
	ivf_build_root(build);
	ivf_build_lists(build);
	go_on_counting(build, old);
	return build->index_rows + catch_up_and_switch(build);
}

/* Returns the rows in it, or -1 where it is not made. */
static double
make_tree(Relation heap, Relation index, double kept, BlockNumber *free,
		  uint32 nfree, uint32 *lists)
{
	IvfState *old = ivf_index_open(index, CurrentMemoryContext);
	IndexInfo *info = BuildIndexInfo(index);
	Snapshot snapshot = RegisterSnapshot(vdb_vacuum_snapshot());
	double rows = -1;
	IvfBuild build = {
		.heap = heap,
		.index = index,
		.info = info,
		.state = ivf_index_create(index, CurrentMemoryContext),
		.lists = 1,
		.site = {.index = index,
				 .fork = MAIN_FORKNUM,
				 .live = true,
				 .free = free,
				 .nfree = nfree},
		.visit_rows = kept,
		.least_rows = LEAST_SEEN * kept,
		.participants = 1,
	};

	ivf_report_begin(false);
	/* Sampling sees rows by a snapshot, as beside others' changes. */
	info->ii_Concurrent = true;
	build.visit = ivf_old_rows_visit;
	build.visit_arg = ivf_old_rows_begin(heap, index, info, old, snapshot);
	if (ivf_train(&build))
		rows = move_rows(&build, &old->meta);
	else
		say_unseen(index);
	ivf_old_rows_end(build.visit_arg);
	UnregisterSnapshot(snapshot);
	lists[0] = old->meta.lists;
	lists[1] = build.state->meta.lists;
	return rows;
}

/* What ivf_renew() is asked for, and returns. */
typedef struct Renewing
{
	Relation heap;
	Relation index;
	IvfRenewalReason reason;
	double kept;
	BlockNumber *free;
	uint32 nfree;
	double rows;
} Renewing;

static void
renew(void *arg)
{
	Renewing *renewing = arg;
	instr_time begin;
	instr_time end;
	uint32 lists[2] = {0};

	INSTR_TIME_SET_CURRENT(begin);
	if (ivf_has_room(renewing->index, renewing->kept))
		renewing->rows =
			make_tree(renewing->heap, renewing->index, renewing->kept,
					  renewing->free, renewing->nfree, lists);
	if (renewing->rows < 0)
		return;
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, begin);
	ereport(LOG, (errmsg("index \"%s\" was trained anew: %s",
						 RelationGetRelationName(renewing->index),
						 ivf_renewal_reason_text(renewing->reason)),
				  errdetail("%.0f rows went from %u to %u lists in %.1f s.",
							renewing->rows, lists[0], lists[1],
							INSTR_TIME_GET_DOUBLE(end))));
}

static void
say_failed(Relation index, const ErrorData *error)
{
	ereport(
		WARNING,
		(errcode(error->sqlerrcode),
		 errmsg("index \"%s\" stays as it is", RelationGetRelationName(index)),
		 errdetail("It could not be trained again: %s", error->message),
		 error->hint ? errhint("%s", error->hint) : 0));
}

/*
 * An error, as that of a full disk, would end VACUUM before it has told the
 * catalog what it did: each time as long as a tree is due, while the table's
 * transactions get older.  So it ends the tree alone; beside workers of VACUUM
 * it cannot be caught.
 */
double
ivf_renew(Relation heap, Relation index, IvfRenewalReason reason, double kept,
		  BlockNumber *free, uint32 nfree)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat renewal", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Renewing renewing = {heap, index, reason, kept, free, nfree, -1};
	bool delays = VacuumCostActive;
	ErrorData *error = NULL;

	if (IsInParallelMode())
		renew(&renewing);
	else
		error = ivf_attempt(renew, &renewing);
	if (error)
	{
		VacuumCostActive = delays;
		renewing.rows = -1;
		say_failed(index, error);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return renewing.rows;
}
