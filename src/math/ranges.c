/*
 * ranges.c: see ranges.h.
 */
#include "math/ranges.h"

#include <stdlib.h>
#include <string.h>

/* Ranges that cost less at once than a search for each lane does. */
#define FEW_RANGES 16

static int
compare_first(const void *a, const void *b)
{
	uint64_t first = ((const VdbRange *) a)->first;
	uint64_t second = ((const VdbRange *) b)->first;

	return first < second ? -1 : first > second;
}

size_t
vdb_ranges_join(VdbRange *ranges, size_t n)
{
	size_t count = 0;

	qsort(ranges, n, sizeof(*ranges), compare_first);
	for (size_t i = 0; i < n; i++)
	{
		VdbRange *last = count > 0 ? &ranges[count - 1] : NULL;

		if (last == NULL ||
			(ranges[i].first > last->last && ranges[i].first - last->last > 1))
			ranges[count++] = ranges[i];
		else if (ranges[i].last > last->last)
			last->last = ranges[i].last;
	}
	return count;
}

size_t
vdb_ranges_meet(const VdbRange *a, size_t na, const VdbRange *b, size_t nb,
				VdbRange *out)
{
	size_t count = 0;
	size_t i = 0;
	size_t j = 0;

	while (i < na && j < nb)
	{
		VdbRange both = {
			.first = a[i].first > b[j].first ? a[i].first : b[j].first,
			.last = a[i].last < b[j].last ? a[i].last : b[j].last,
		};

		if (both.first <= both.last)
			out[count++] = both;
		if (a[i].last < b[j].last)
			i++;
		else
			j++;
	}
	return count;
}

/*
 * The first range that does not end before the key; n if all do.  Without a
 * branch on the keys, half of which would be mispredicted.
 */
static size_t
find(const VdbRange *set, size_t n, uint64_t key)
{
	const VdbRange *base = set;

	if (n == 0)
		return 0;
	while (n > 1)
	{
		size_t half = n / 2;

		base += half * (base[half - 1].last < key);
		n -= half;
	}
	return (size_t) (base - set) + (base->last < key);
}

bool
vdb_ranges_overlap(const VdbRange *set, size_t n, uint64_t first, uint64_t last)
{
	size_t i = find(set, n, first);

	return i < n && set[i].first <= last;
}

/* The lanes by a search for each. */
static uint32_t
search_lanes(const VdbRange *set, size_t n, const uint8_t *keys, size_t width,
			 uint32_t lanes)
{
	uint32_t mask = 0;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		uint64_t key = vdb_key_load(keys + v * width, width);

		if (lanes >> v & 1 && vdb_ranges_overlap(set, n, key, key))
			mask |= (uint32_t) 1 << v;
	}
	return mask;
}

uint32_t
vdb_ranges_lanes(const VdbRange *set, size_t n, const uint8_t *keys,
				 size_t width, uint32_t lanes)
{
	VdbRange whole;

	if (n <= FEW_RANGES)
		return lanes & vdb_kernel()->keys_in_ranges(keys, width, set, n);
	whole = (VdbRange){set[0].first, set[n - 1].last};
	lanes &= vdb_kernel()->keys_in_ranges(keys, width, &whole, 1);
	return lanes == 0 ? 0 : search_lanes(set, n, keys, width, lanes);
}
