/*
 * memory_parts.h: what the index in memory consists of, for the files that make
 * it and search it.
 *
 * The root is what k-means leaves: centroids as codes of 8 bits.  A group of a
 * list is as on a page: a line of factors, the rows' numbers in place of TIDs,
 * then the lines of codes.
 */
#ifndef BENCH_MEMORY_PARTS_H
#define BENCH_MEMORY_PARTS_H

#include "math/nearest.h"
#include "math/queue.h"
#include "math/rotate.h"
#include "memory_index.h"

#define MEMORY_QUEUE_LIMIT 1024 /* of candidates, at first */

struct MemoryIndex
{
	const Vecs *base;
	uint32_t dim; /* padded */
	uint32_t lists;

	/* The space of the codes */
	VdbRotation *rotation;
	float *mean;
	float mean_norm2;
	float scale;

	VdbCentroids root;
	float *mean_dot; /* <centroid, mean>, by list */

	/* The lists, one after the other */
	uint8_t *groups;
	size_t *first;	/* number of the list's first group */
	uint32_t *rows; /* of the list */

	/* The query */
	float *z;
	VdbSpaceQuery query;
	float epsilon;	 /* standard errors from estimates to bounds */
	VdbNear *near;	 /* of the lists */
	uint64_t *order; /* of the lists, by distance */
	VdbQueue queue;
	VdbCandidate *items;
	size_t room; /* candidates that items can hold */
};

/* A vector in the space of the codes, until the next one. */
static inline const float *
memory_index_project(MemoryIndex *index, const float *x)
{
	vdb_rotate(index->rotation, x, index->base->dim, index->z);
	vdb_space_shift(index->z, index->dim, index->scale, index->mean);
	return index->z;
}

/* Bytes of a group. */
static inline size_t
memory_index_group_bytes(const MemoryIndex *index)
{
	return (2 + vdb_code_lines(index->query.rows, index->dim)) *
		   (size_t) VDB_LINE;
}

/* The group that has a row of a list. */
static inline uint8_t *
memory_index_group(const MemoryIndex *index, uint32_t list, uint32_t row)
{
	return index->groups + (index->first[list] + row / VDB_GROUP) *
							   memory_index_group_bytes(index);
}

#endif /* BENCH_MEMORY_PARTS_H */
