/*
 * test_queue.c: against a sorted array, with limits that force many passes and
 * candidates that come later: each comes exactly once, and the answers in exact
 * order, from the last addition on.
 */
#include "math/queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

#define SEED 7719

/* A row of the table that is scanned: what a code and the heap tell. */
typedef struct Row
{
	float bound;
	double exact;
	uint32_t high;
	uint16_t low;
	bool dropped; /* not visible: never an answer */
	int lot;	  /* that it came in */
	int refined;  /* how often it was */
	int answered;
} Row;

typedef struct Table
{
	size_t count;
	size_t shown; /* the first so many are in the queue's passes */
	int lots;
	VdbMark marks[5000];
	Row *rows;
} Table;

typedef struct Shape
{
	const char *name;
	size_t count;
	int keys;		/* distinct bounds; few make many ties */
	double slack;	/* exact - bound is up to this */
	double special; /* share of NaN and infinite bounds */
	double dropped; /* share of rows that are dropped */
} Shape;

/* How a table was scanned. */
typedef struct Run
{
	size_t answers;
	int passes;
	bool resume; /* a further pass is due */
	bool ordered;
	bool sound;		   /* entries were those of the table */
	VdbCandidate last; /* answer */
} Run;

static float
special_bound(VdbRng *rng)
{
	static const float values[] = {NAN, -INFINITY, INFINITY};

	return values[vdb_rng_below(rng, 3)];
}

/*
 * Ids are distinct: row i has i * FACTOR mod MODULUS.  This prime is little
 * above the largest table, so that many ids share their high half.
 */
#define FACTOR 7919
#define INVERSE 4140
#define MODULUS 5003

static Table
make_table(const Shape *shape, VdbRng *rng)
{
	Table table = {.count = shape->count,
				   .rows = must_alloc(shape->count * sizeof(Row))};

	for (size_t i = 0; i < shape->count; i++)
	{
		uint32_t id = (uint32_t) (i * FACTOR % MODULUS);
		Row *row = &table.rows[i];

		*row = (Row){.high = id / 13, .low = id % 13};
		row->bound = (float) vdb_rng_below(rng, shape->keys) / 16;
		row->exact =
			row->bound + floor(vdb_rng_double(rng) * 4) / 4 * shape->slack;
		if (vdb_rng_double(rng) < shape->special)
		{
			row->bound = special_bound(rng);
			if (row->bound == INFINITY)
				row->exact = vdb_rng_below(rng, 2) ? INFINITY : NAN;
		}
		row->dropped = vdb_rng_double(rng) < shape->dropped;
	}
	return table;
}

/* The order of SQL, NaN last. */
static int
compare_keys(const void *a, const void *b)
{
	const VdbCandidate *x = a;
	const VdbCandidate *y = b;

	if (isnan(x->key) != isnan(y->key))
		return isnan(x->key) ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The same, and then by id. */
static int
compare_answers(const void *a, const void *b)
{
	const VdbCandidate *x = a;
	const VdbCandidate *y = b;
	int keys = compare_keys(a, b);

	if (keys != 0)
		return keys;
	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

static Row *
find_row(const Table *table, const VdbCandidate *entry)
{
	uint64_t id = (uint64_t) entry->high * 13 + entry->low;
	size_t i = id * INVERSE % MODULUS;

	return i < table->count ? &table->rows[i] : NULL;
}

/*
 * Add the rows from "begin" that are shown, as the kernels do: without those
 * beyond the threshold, if asked to.
 */
static void
add_rows(VdbQueue *queue, const Table *table, size_t begin, bool filtered)
{
	for (size_t i = begin; i < table->shown; i++)
	{
		const Row *row = &table->rows[i];

		if (queue->resumed && (i == 0 || row->lot != row[-1].lot))
			vdb_queue_resume_at(queue, &table->marks[row->lot]);
		if (filtered && row->bound > vdb_queue_threshold(queue))
			continue;
		vdb_queue_add(queue, row->bound, row->high, row->low, false);
	}
}

/* What a take gave: refine it, or look whether it is the next answer. */
static bool
use_entry(VdbQueue *queue, const Table *table, VdbTake take,
		  const VdbCandidate *entry, Run *run)
{
	Row *row = find_row(table, entry);

	run->sound &= row != NULL && entry->exact == (take == VDB_TAKE_ANSWER);
	if (row == NULL)
		return false;
	if (take == VDB_TAKE_REFINE)
	{
		row->refined++;
		run->sound &=
			entry->key == (isnan(row->bound) ? -INFINITY : row->bound);
		if (!row->dropped)
			vdb_queue_refined(queue, entry, row->exact);
		return true;
	}
	row->answered++;
	run->sound &=
		entry->key == row->exact || (isnan(entry->key) && isnan(row->exact));
	run->ordered &= run->answers == 0 || compare_keys(&run->last, entry) <= 0;
	run->answers++;
	run->last = *entry;
	return true;
}

/* Take some, and give them back: the bounds refined, the others as they are. */
static bool
take_bulk(VdbQueue *queue, const Table *table, Run *run, VdbRng *rng)
{
	VdbCandidate taken[20];
	VdbTake takes[20];
	size_t wanted = 1 + vdb_rng_below(rng, 20);
	size_t n = 0;

	while (n < wanted)
	{
		takes[n] = vdb_queue_take(queue, &taken[n]);
		if (takes[n] == VDB_TAKE_RESUME || takes[n] == VDB_TAKE_END)
			break;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (takes[i] == VDB_TAKE_ANSWER)
			vdb_queue_return(queue, &taken[i]);
		else if (!use_entry(queue, table, takes[i], &taken[i], run))
			return false;
	return true;
}

/* Refine and answer, or stop at some time; false at the end of all. */
static bool
take_some(VdbQueue *queue, const Table *table, Run *run, VdbRng *rng)
{
	run->resume = false;
	for (;;)
	{
		VdbCandidate entry;
		VdbTake take;

		if (table->shown < table->count && vdb_rng_below(rng, 20) == 0)
			return true;
		if (vdb_rng_below(rng, 10) == 0 && !take_bulk(queue, table, run, rng))
			return false;
		if (vdb_rng_below(rng, 10) == 0)
			vdb_queue_sort(queue);
		take = vdb_queue_take(queue, &entry);
		run->resume = take == VDB_TAKE_RESUME;
		if (run->resume)
			return true;
		if (take == VDB_TAKE_END)
			return table->shown < table->count;
		if (!use_entry(queue, table, take, &entry, run))
			return false;
	}
}

/* So many rows more are a lot of their own. */
static void
show(Table *table, size_t rows)
{
	for (; rows > 0; rows--)
		table->rows[table->shown++].lot = table->lots;
	table->lots++;
}

/* Show further rows of those that come in parts: then a new order begins. */
static void
extend(VdbQueue *queue, Table *table, VdbCandidate *items, size_t limit,
	   bool filtered, Run *run, VdbRng *rng)
{
	size_t begin = table->shown;
	size_t needed = 2 * queue->count + 4;

	for (int lot = 0; lot < table->lots; lot++)
		vdb_queue_raise(queue, &table->marks[lot]);
	show(table, 1 + vdb_rng_below(rng, table->count - begin));
	vdb_queue_extend(queue, items, queue->limit < needed ? needed : limit);
	add_rows(queue, table, begin, filtered);
	run->answers = 0;
}

/*
 * Scan the table through a queue of "limit", or a little more if it must;
 * "parts" of the rows come while others are taken.
 */
static Run
scan(Table *table, size_t limit, bool parts, bool filtered, VdbRng *rng)
{
	VdbQueue queue;
	Run run = {.passes = 1, .ordered = true, .sound = true};
	VdbCandidate *items =
		must_alloc((2 * table->count + limit + 4) * sizeof(VdbCandidate));

	vdb_queue_reset(&queue, items, limit);
	show(table, parts ? vdb_rng_below(rng, table->count + 1) : table->count);
	add_rows(&queue, table, 0, filtered);
	while (take_some(&queue, table, &run, rng) && run.passes <= 100000)
	{
		size_t needed = queue.count + 2;

		if (!run.resume)
		{
			extend(&queue, table, items, limit, filtered, &run, rng);
			continue;
		}
		vdb_queue_resume(&queue, items, limit < needed ? needed : limit);
		add_rows(&queue, table, 0, filtered);
		run.passes++;
	}
	free(items);
	return run;
}

static void
check_scan(const Shape *shape, size_t limit, bool parts, VdbRng *rng)
{
	Table table = make_table(shape, rng);
	bool once = true;
	bool true_bounds = shape->slack >= 0;
	Run run = scan(&table, limit, parts, vdb_rng_below(rng, 2), rng);

	for (size_t i = 0; i < table.count; i++)
		once &= table.rows[i].refined == 1 &&
				table.rows[i].answered == !table.rows[i].dropped;
	check_that(run.sound, "%s, limit %zu: entries", shape->name, limit);
	check_that(once, "%s, limit %zu: not once each", shape->name, limit);
	check_that(run.ordered || !true_bounds, "%s, limit %zu: order", shape->name,
			   limit);
	check_that(parts || (run.passes > 1) == (table.count > limit),
			   "%s, limit %zu: %d passes", shape->name, limit, run.passes);
	free(table.rows);
}

static void
test_scans(void)
{
	static const Shape shapes[] = {
		{"no row", 0, 1, 0, 0, 0},
		{"one row", 1, 1, 1, 0, 0},
		{"few rows", 7, 100, 1, 0, 0},
		{"distinct bounds", 300, 1000000, 40, 0, 0},
		{"exact bounds", 300, 50, 0, 0, 0},
		{"many ties", 300, 5, 0.25, 0, 0},
		{"all the same", 200, 1, 0, 0, 0},
		{"far behind their bounds", 300, 20, 1000, 0, 0},
		{"NaN and infinities", 300, 20, 1, 0.5, 0},
		{"nothing but NaN and infinities", 100, 20, 1, 1, 0},
		{"dropped rows", 300, 20, 1, 0.1, 0.5},
		{"all dropped", 100, 20, 1, 0.1, 1},
		{"thousands", 5000, 100000, 20, 0.01, 0.1},
		{"thousands with ties", 5000, 100, 1, 0.01, 0.1},
		{"bounds that are too high", 300, 50, -2, 0.1, 0.1},
	};
	static const size_t limits[] = {2, 3, 4, 5, 16, 100, 299, 300, 1000, 10000};
	VdbRng rng = {SEED};

	/* a pass a row is slow, so thousands of rows are not for tiny limits */
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
	{
		check_begin("scan of %s", shapes[s].name);
		for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++)
			for (int repeat = 0;
				 repeat < 5 && limits[l] * 100 >= shapes[s].count; repeat++)
			{
				check_scan(&shapes[s], limits[l], false, &rng);
				check_scan(&shapes[s], limits[l], true, &rng);
			}
		check_end();
	}
}

/* What stays in a full queue, against the sorted rows. */
static void
test_truncation(void)
{
	enum
	{
		COUNT = 5000,
		LIMIT = 200
	};
	VdbRng rng = {SEED};
	VdbCandidate all[COUNT];
	VdbCandidate items[LIMIT];
	VdbQueue queue;

	vdb_queue_reset(&queue, items, LIMIT);
	check(vdb_queue_threshold(&queue) == INFINITY,
		  "an empty queue has no threshold");
	for (uint32_t i = 0; i < COUNT; i++)
	{
		float bound = (float) vdb_rng_below(&rng, 1000);

		all[i] =
			(VdbCandidate){.key = bound, .high = i * 7919 % COUNT, .low = 1};
		vdb_queue_add(&queue, bound, all[i].high, all[i].low, false);
	}
	qsort(all, COUNT, sizeof(all[0]), compare_answers);
	check(queue.count >= LIMIT / 4 && queue.count <= LIMIT && queue.truncated,
		  "about half a queue is full: %zu", queue.count);
	qsort(items, queue.count, sizeof(items[0]), compare_answers);
	check_begin("the least bounds stay");
	for (size_t i = 0; i < queue.count; i++)
		check_that(compare_answers(&items[i], &all[i]) == 0, "entry %zu", i);
	check_end();
	check(vdb_queue_threshold(&queue) >= all[queue.count - 1].key &&
			  vdb_queue_threshold(&queue) <= all[LIMIT].key,
		  "the threshold is the cut");
}

/* Patterns that are bad for a partition with pivots at fixed places. */
static void
test_patterns(void)
{
	enum
	{
		LIMIT = 65536
	};
	VdbCandidate *items = must_alloc(LIMIT * sizeof(VdbCandidate));
	VdbQueue queue;

	for (int pattern = 0; pattern < 4; pattern++)
	{
		bool least = true;

		vdb_queue_reset(&queue, items, LIMIT);
		for (uint32_t i = 0; i < 4 * LIMIT; i++)
		{
			const uint32_t keys[] = {i, 4 * LIMIT - i, i % 1000,
									 i % LIMIT < LIMIT / 2 ? i : 4 * LIMIT - i};

			vdb_queue_add(&queue, (float) keys[pattern], i, 0, false);
		}
		for (size_t i = 0; i < queue.count; i++)
			least &= items[i].key <= vdb_queue_threshold(&queue);
		check(least && queue.count >= LIMIT / 4,
			  "pattern %d fills the queue with %zu", pattern, queue.count);
	}
	free(items);
}

/* Sorted entries come as a look ahead says, while nothing is given back. */
static void
test_sort(void)
{
	enum
	{
		COUNT = 600,
		TAKEN = 50
	};
	VdbRng rng = {SEED};
	VdbCandidate items[COUNT];
	VdbCandidate ahead[TAKEN];
	VdbCandidate entry;
	VdbQueue queue;

	vdb_queue_reset(&queue, items, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		vdb_queue_add(&queue, (float) vdb_rng_below(&rng, 1000), i, 1, false);
	vdb_queue_take(&queue, &entry);
	vdb_queue_sort(&queue);
	check_begin("sorted entries come in their order");
	check_that(queue.heap > TAKEN, "%zu entries", queue.heap);
	for (size_t i = 0; i < TAKEN; i++)
		ahead[i] = *vdb_queue_ahead(&queue, i);
	for (size_t i = 0; i < TAKEN; i++)
		check_that(vdb_queue_take(&queue, &entry) == VDB_TAKE_REFINE &&
					   entry.high == ahead[i].high,
				   "entry %zu", i);
	check_end();
}

/* Rows of which none can be nearer than the one that is exact. */
static void
test_exact_ties(void)
{
	enum
	{
		COUNT = 1000,
		WANTED = 10
	};
	VdbCandidate items[COUNT];
	VdbCandidate entry;
	VdbQueue queue;
	int refined = 0;
	int answered = 0;

	vdb_queue_reset(&queue, items, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		vdb_queue_add(&queue, 0, i, 1, false);
	while (answered < WANTED)
	{
		if (vdb_queue_take(&queue, &entry) == VDB_TAKE_REFINE)
		{
			vdb_queue_refined(&queue, &entry, 0);
			refined++;
		}
		else
			answered++;
	}
	check(refined == WANTED, "%d of equal rows are refined for %d", refined,
		  WANTED);
}

/* An assumed entry comes where its distance says, with its mark. */
static void
test_assumed(void)
{
	VdbCandidate items[8];
	VdbCandidate out;
	VdbQueue queue;

	vdb_queue_reset(&queue, items, 8);
	vdb_queue_add(&queue, 1, 1, 1, false);
	vdb_queue_add(&queue, 2, 2, 1, false);
	check(vdb_queue_take(&queue, &out) == VDB_TAKE_REFINE && out.high == 1,
		  "the least bound is refined");
	check(!out.assumed, "a bound is not assumed");
	vdb_queue_assumed(&queue, &out, 3);
	check(vdb_queue_take(&queue, &out) == VDB_TAKE_REFINE && out.high == 2,
		  "a bound comes before an assumed distance that is greater");
	vdb_queue_refined(&queue, &out, 4);
	check(vdb_queue_take(&queue, &out) == VDB_TAKE_ANSWER && out.high == 1 &&
			  out.assumed && out.key == 3,
		  "what was assumed comes next, and says so");
	vdb_queue_refined(&queue, &out, 5);
	check(vdb_queue_take(&queue, &out) == VDB_TAKE_ANSWER && out.high == 2 &&
			  !out.assumed,
		  "refined to more, it comes later");
	check(vdb_queue_take(&queue, &out) == VDB_TAKE_ANSWER && out.high == 1 &&
			  !out.assumed && out.key == 5,
		  "and is an answer like others");
	check(vdb_queue_take(&queue, &out) == VDB_TAKE_END, "nothing is left");
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_scans();
	test_truncation();
	test_patterns();
	test_sort();
	test_exact_ties();
	test_assumed();
	return check_done();
}
