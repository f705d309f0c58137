/*
 * window.h: centroids of an index whose root is written, part by part.
 */
#ifndef VECDB_IVF_BUILD_WINDOW_H
#define VECDB_IVF_BUILD_WINDOW_H

#include "compat.h"

#include "ivf/build/build.h"
#include "math/blocks.h"

/*
 * As many of the root's codes as the memory has room for.  The root is where
 * all centroids are, in shared buffers, once for all processes.
 */
typedef struct IvfWindow
{
	const IvfBuild *build;
	VdbCentroids codes;
	uint32 room;  /* lists that fit */
	uint32 first; /* the first list that is in it */
	uint8 *group; /* a group as the pages have it */
	IvfEntry *entry;
	uint8 *fields;	 /* D, of a centroid */
	float *centroid; /* D */
	float *decoded;	 /* all lists, where these are looked up often; or NULL */
	bool loaded;

	/* Where all are in it, and in blocks: what rows are compared with. */
	VdbCentroids means;
	VdbScreenCentroids screen;
	VdbBlocks blocks;
} IvfWindow;

extern void ivf_window_init(IvfWindow *window, const IvfBuild *build);

/*
 * Each row's nearest lists, "most" of them: see vdb_nearest_some().  There are
 * as many lists or more.  Where there are very many, some rows get another list
 * than the nearest, though a near one.
 */
extern void ivf_window_nearest(IvfWindow *window, const VdbRow *rows,
							   uint32 count, uint32 most, uint32 *nearest,
							   float *keys);

/* The centroid of a list: D floats. */
extern void ivf_window_centroid(IvfWindow *window, uint32 list,
								float *centroid);

/* The same, to be read, in "memory" or where it lies. */
extern const float *ivf_window_peek(IvfWindow *window, uint32 list,
									float *memory);

#endif /* VECDB_IVF_BUILD_WINDOW_H */
