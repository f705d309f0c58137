/*
 * sketch.h: a sparse vector of any number of dimensions as a dense one of few.
 *
 * A sparse Johnson-Lindenstrauss transform (Kane and Nelson, "Sparser
 * Johnson-Lindenstrauss transforms", 2014): each dimension is hashed to a place
 * and a sign in each of VDB_SKETCH_BLOCKS equal parts of the sketch, and its
 * element is added there.  The map is linear, is fixed by its seed, and needs
 * no memory.  Inner products come out unbiased over seeds; for vectors x and q
 * of many elements that share little, with a standard error of about
 * |x| |q| / sqrt(dim of the sketch).
 */
#ifndef VECDB_SKETCH_H
#define VECDB_SKETCH_H

#include <stdint.h>

#define VDB_SKETCH_BLOCKS 4

/*
 * out[0 .. dim) = the sketch of n elements, each with its dimension in "index".
 * dim is a multiple of VDB_SKETCH_BLOCKS, at most 2^16.  Finite: a sum that
 * float32 does not have is cut off at its ends.
 */
extern void vdb_sketch(const int32_t *index, const float *values, uint32_t n,
					   uint64_t seed, float *out, uint32_t dim);

#endif /* VECDB_SKETCH_H */
