/*
 * guess.c: see guess.h.
 */
#include "compat.h"

#include "access/heaptoast.h"
#include "shortcut/guess.h"
#include "shortcut/mixed.h"
#include "utils/memutils.h"

/* Values of a range, and ranges that are remembered: 128 kB a backend. */
#define RANGE_BITS 10
#define MOST_RANGES 4096

/* Right guesses against wrong ones; from 0 on, the next is worth a page. */
#define WORST_SCORE (-8)
#define BEST_SCORE 8

/* Pages that a value may lie off, and reading still finds it. */
#define NEAR_PAGES 1

/* Pages added, since just before a page's first line means that line. */
#define ROUNDING (1.0 / 16)

/* Slopes over more values than these are forgotten bit by bit. */
#define MOST_WEIGHT 4096

/* More pages than a value can have: what is steeper is by chance. */
#define MOST_SLOPE 64

/* What one value's place says of those with numbers near its own. */
typedef struct Range
{
	double place; /* of the value: its page, and the fraction of it before */
	Oid value;	  /* InvalidOid: the entry is free */
	uint32 name;  /* of the range: its number and its table's, mixed */
	float slope;  /* pages a value, */
	int32 weight; /* measured over so many values; 0: not yet */
	int32 score;
} Range;

static Range *ranges = NULL;

static Range *
entry_of(uint32 name)
{
	if (unlikely(ranges == NULL))
		ranges = MemoryContextAllocZero(TopMemoryContext,
										MOST_RANGES * sizeof(Range));
	return &ranges[name % MOST_RANGES];
}

/* What is known nearest to the value: of its range or a neighbour, or NULL. */
static Range *
find(Relation table, Oid value)
{
	static const int steps[] = {0, -1, 1};

	for (int i = 0; i < lengthof(steps); i++)
	{
		uint32 name = vdb_mixed(table, (value >> RANGE_BITS) + steps[i]);
		Range *range = entry_of(name);

		if (range->name == name && OidIsValid(range->value))
			return range;
	}
	return NULL;
}

/* Where a value with this chunk begins: all but a last one fill their share. */
static double
place_of(VdbSpot spot)
{
	return spot.block + (spot.line - 1.0) / Max(spot.lines, 1) -
		   (double) spot.sequence / EXTERN_TUPLES_PER_PAGE;
}

static BlockNumber
page_at(double place)
{
	return place >= 0 && place < MaxBlockNumber ? (BlockNumber) place
												: InvalidBlockNumber;
}

/* The page of a value, at "slope" pages a value from another one. */
static BlockNumber
page_from(Oid value, Oid other, double place, float slope)
{
	return page_at(place + (double) (int32) (value - other) * slope + ROUNDING);
}

/* What is known of the value's place and worth a page, or NULL. */
static const Range *
find_sure(Relation table, Oid value)
{
	const Range *range = find(table, value);

	return range && range->weight > 0 && range->score >= 0 ? range : NULL;
}

BlockNumber
vdb_guess(Relation table, Oid value)
{
	const Range *range = find_sure(table, value);

	if (range == NULL)
		return InvalidBlockNumber;
	return page_from(value, range->value, range->place, range->slope);
}

BlockNumber
vdb_guess_pages(Relation table, Oid value, Size bytes, BlockNumber *last)
{
	const Range *range = find_sure(table, value);
	double pages =
		(double) bytes / (TOAST_MAX_CHUNK_SIZE * EXTERN_TUPLES_PER_PAGE);
	double end;

	if (range == NULL)
		return *last = InvalidBlockNumber;
	end = range->place + Max(pages - 2 * ROUNDING, 0);
	*last = page_from(value, range->value, end, range->slope);
	return page_from(value, range->value, range->place, range->slope);
}

BlockNumber
vdb_guess_from(Relation table, Oid value, Oid other, VdbSpot spot)
{
	const Range *range = find(table, value);

	return page_from(value, other, place_of(spot), range ? range->slope : 0);
}

static bool
is_near(const Range *range, Oid value, BlockNumber block)
{
	BlockNumber guess =
		page_from(value, range->value, range->place, range->slope);

	return guess != InvalidBlockNumber && guess <= block + NEAR_PAGES &&
		   block <= guess + NEAR_PAGES;
}

/* The range as seen from a value of it, whose place is known. */
static void
move(Range *range, Oid value, double place)
{
	int32 distance = (int32) (value - range->value);
	double slope = (place - range->place) / distance;

	if (slope >= 0 && slope <= MOST_SLOPE)
	{
		int32 weight = abs(distance);

		range->slope +=
			(slope - range->slope) * weight / ((double) range->weight + weight);
		range->weight = Min(range->weight + weight, MOST_WEIGHT);
	}
	range->value = value;
	range->place = place;
}

void
vdb_guess_learn(Relation table, Oid value, VdbSpot spot)
{
	uint32 name = vdb_mixed(table, value >> RANGE_BITS);
	double place = place_of(spot);
	const Range *known = find(table, value);
	Range range = {.value = value, .place = place};

	if (known)
		range = *known;
	range.name = name;
	if (range.value != value)
	{
		bool near = is_near(&range, value, spot.block);

		if (near)
			range.score = Min(range.score + 1, BEST_SCORE);
		else if (range.weight > 0)
			range.score = Max(range.score - 2, WORST_SCORE);

		/* One that lies apart says nothing of the others. */
		if (near || range.score <= 0)
			move(&range, value, place);
	}
	*entry_of(name) = range;
}
