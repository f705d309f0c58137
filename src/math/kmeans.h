/*
 * kmeans.h: k-means and nearest-centroid assignment over blocks of float32.
 *
 * Lloyd's iterations on a sample, started from distinct random rows.  The
 * assignment is a matrix product with kernels' gemm_panel: argmin over c of
 * |c|^2 / 2 - <x, c>.  Memory is the caller's; nothing here allocates.
 */
#ifndef VECDB_KMEANS_H
#define VECDB_KMEANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Called often, between blocks of work, with the iteration (from 1) and the
 * share of it that is done (0 to 1).  It may not return (longjmp): no state is lost
 * that matters then.
 */
typedef void (*VdbProgress) (void *arg, int iteration, double share);

/* Centroids packed into panels for the matrix product, with half norms. */
typedef struct VdbPanels
{
	uint32_t	count;			/* centroids */
	uint32_t	dim;
	float	   *panels;			/* ceil(count / VDB_PANEL) * dim * VDB_PANEL */
	float	   *half_norms;		/* count rounded up to VDB_PANEL; +inf pads */
} VdbPanels;

/* Floats that the two arrays of VdbPanels take together. */
extern size_t vdb_panels_floats(uint32_t count, uint32_t dim);

/* Pack count * dim centroids into "memory" of vdb_panels_floats() floats. */
extern void vdb_panels_pack(VdbPanels *panels, float *memory,
							const float *centroids, uint32_t count,
							uint32_t dim);

/*
 * nearest[i] = the centroid nearest to row i under L2 (the lowest number on a
 * tie), for n rows of panels->dim floats at rows + i * stride.  A row with a
 * NaN gets centroid 0.  half_dist, if not NULL, gets |c|^2 / 2 - <x, c>.
 */
extern void vdb_nearest(const VdbPanels *panels, const float *rows,
						size_t stride, size_t n, uint32_t *nearest,
						float *half_dist);

typedef struct VdbKmeans
{
	uint32_t	dim;
	uint32_t	count;			/* centroids wanted, >= 1 */
	size_t		n;				/* sample rows, < 2^32 - 1; may be fewer than
								 * count */
	const float *rows;			/* n * dim */
	int			iterations;		/* at most; stops when nothing moves */
	uint64_t	seed;
	float	   *centroids;		/* out: count * dim */
	void	   *work;			/* vdb_kmeans_work() bytes, aligned to 64 */
	VdbProgress progress;		/* or NULL */
	void	   *progress_arg;
} VdbKmeans;

/* Bytes of VdbKmeans.work. */
extern size_t vdb_kmeans_work(uint32_t count, uint32_t dim, size_t n);

/*
 * Train.  Returns how many centroids were made: count, or fewer where the
 * sample has fewer distinct finite rows (then the first so many are set; 0
 * for none).  Rows with a NaN or an infinity, or whose squared norm is beyond
 * a float, are passed over.  An empty cluster takes over half of the most
 * populous one that holds distinct rows (a copy of its centroid, both
 * perturbed in opposite directions), so that no list stays empty while another
 * holds distinct rows.  Duplicated rows are fine.  Equal tasks give equal
 * results under the same kernel.
 */
extern uint32_t vdb_kmeans(const VdbKmeans *task);

#endif							/* VECDB_KMEANS_H */
