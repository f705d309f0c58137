/*
 * least.h: the least of many numbers, in order.
 */
#ifndef VECDB_LEAST_H
#define VECDB_LEAST_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reorder keys[0 .. count) so that the least n <= count come first, ascending;
 * the others follow in no order.  Expected time O(count + n log n).
 */
extern void vdb_sort_least(uint64_t *keys, size_t count, size_t n);

#endif /* VECDB_LEAST_H */
