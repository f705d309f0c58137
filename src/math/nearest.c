/*
 * nearest.c: the nearest of many centroids, as a matrix product.
 *
 * |x - c|^2 / 2 = |x|^2 / 2 + (|c|^2 / 2 - <x, c>), and only the bracket
 * depends on c.  Blocks of rows meet one panel of centroids after another;
 * within a block the depth is cut into pieces, so that a piece of a panel
 * stays in the first-level cache while all rows of the block pass by, and the
 * block of rows in the second.
 */
#include "math/kmeans.h"

#include <math.h>
#include <string.h>

#include "kernel/kernel.h"
#include "math/vec.h"

/* Rows of a block: 64 rows of 1536 floats take 384 KB. */
#define ROWS 64

/* Depth of a piece: 256 * VDB_PANEL floats take 32 KB. */
#define DEPTH 256

_Static_assert(ROWS % VDB_GEMM_ROWS == 0, "blocks are whole tiles");

typedef struct Block
{
	float		products[ROWS * VDB_PANEL];
	float		dist[ROWS];		/* least |c|^2 / 2 - <x, c> so far */
	uint32_t	nearest[ROWS];
} Block;

static uint32_t
panel_count(uint32_t count)
{
	return count / VDB_PANEL + (count % VDB_PANEL != 0);
}

size_t
vdb_panels_floats(uint32_t count, uint32_t dim)
{
	return (size_t) panel_count(count) * VDB_PANEL * ((size_t) dim + 1);
}

static void
pack_column(float *column, const float *centroid, uint32_t dim)
{
	for (size_t k = 0; k < dim; k++)
		column[k * VDB_PANEL] = centroid[k];
}

static float
half_norm(const float *centroid, uint32_t dim)
{
	double		sum = 0;

	for (uint32_t k = 0; k < dim; k++)
		sum += (double) centroid[k] * centroid[k];
	return (float) (sum / 2);
}

void
vdb_panels_pack(VdbPanels *panels, float *memory, const float *centroids,
				uint32_t count, uint32_t dim)
{
	size_t		columns = (size_t) panel_count(count) * VDB_PANEL;

	panels->count = count;
	panels->dim = dim;
	panels->panels = memory;
	panels->half_norms = memory + columns * dim;
	if (count < columns)
		memset(memory + (columns - VDB_PANEL) * dim, 0,
			   VDB_PANEL * dim * sizeof(float));
	for (size_t c = 0; c < count; c++)
	{
		const float *centroid = centroids + c * dim;
		float	   *panel = memory + c / VDB_PANEL * VDB_PANEL * dim;

		pack_column(panel + c % VDB_PANEL, centroid, dim);
		panels->half_norms[c] = half_norm(centroid, dim);
	}
	for (size_t c = count; c < columns; c++)
		panels->half_norms[c] = INFINITY;
}

static void
add_to(float *sum, const float *more, size_t n)
{
	for (size_t i = 0; i < n; i += VEC_WIDTH)
		vec_store(sum + i, vec_load(sum + i) + vec_load(more + i));
}

/* Inner products of n <= ROWS rows with the columns of a panel. */
static void
multiply(const VdbKernel *kernel, const float *panel, size_t dim,
		 const float *rows, size_t stride, size_t n, float *products)
{
	float		piece[VDB_GEMM_ROWS * VDB_PANEL];

	for (size_t k = 0; k == 0 || k < dim; k += DEPTH)
	{
		size_t		depth = dim - k < DEPTH ? dim - k : DEPTH;

		for (size_t i = 0; i < n; i += VDB_GEMM_ROWS)
		{
			size_t		tile = n - i < VDB_GEMM_ROWS ? n - i : VDB_GEMM_ROWS;
			float	   *out = products + i * VDB_PANEL;

			kernel->gemm_panel(rows + i * stride + k, stride, tile,
							   panel + k * VDB_PANEL, depth,
							   k == 0 ? out : piece);
			if (k > 0)
				add_to(out, piece, tile * VDB_PANEL);
		}
	}
}

/* Whether one of the columns is nearer than "dist". */
static inline bool
any_nearer(const float *products, const float *half_norms, float dist)
{
	VecInt		nearer = vec_all_int(0);
	uint64_t	halves[2];

	for (int j = 0; j < VDB_PANEL; j += VEC_WIDTH)
		nearer |= vec_load(half_norms + j) - vec_load(products + j) <
			vec_all(dist);
	memcpy(halves, &nearer, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/*
 * Take a panel's centroids into account.  Few of many panels hold a nearer
 * one, so all columns are tested at once first.  A NaN is never nearer.
 */
static void
update_nearest(Block *block, size_t n, const float *half_norms, uint32_t first)
{
	for (size_t i = 0; i < n; i++)
	{
		const float *products = block->products + i * VDB_PANEL;

		if (!any_nearer(products, half_norms, block->dist[i]))
			continue;
		for (uint32_t j = 0; j < VDB_PANEL; j++)
		{
			float		dist = half_norms[j] - products[j];

			if (dist < block->dist[i])
			{
				block->dist[i] = dist;
				block->nearest[i] = first + j;
			}
		}
	}
}

static void
nearest_of_block(const VdbPanels *panels, const float *rows, size_t stride,
				 size_t n, Block *block)
{
	const VdbKernel *kernel = vdb_kernel();

	for (size_t i = 0; i < n; i++)
	{
		block->dist[i] = INFINITY;
		block->nearest[i] = 0;
	}
	for (size_t c = 0; c < panels->count; c += VDB_PANEL)
	{
		multiply(kernel, panels->panels + c * panels->dim, panels->dim,
				 rows, stride, n, block->products);
		update_nearest(block, n, panels->half_norms + c, (uint32_t) c);
	}
}

void
vdb_nearest(const VdbPanels *panels, const float *rows, size_t stride,
			size_t n, uint32_t *nearest, float *half_dist)
{
	Block		block;

	for (size_t i = 0; i < n; i += ROWS)
	{
		size_t		part = n - i < ROWS ? n - i : ROWS;

		nearest_of_block(panels, rows + i * stride, stride, part, &block);
		memcpy(nearest + i, block.nearest, part * sizeof(uint32_t));
		if (half_dist != NULL)
			memcpy(half_dist + i, block.dist, part * sizeof(float));
	}
}
