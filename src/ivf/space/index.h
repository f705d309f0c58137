/*
 * index.h: the state of an index: its metapage and what follows from it.
 *
 * Every part of the access method works with a copy of its own: see
 * ivf_index_open().
 */
#ifndef VECDB_IVF_SPACE_INDEX_H
#define VECDB_IVF_SPACE_INDEX_H

#include "compat.h"

#include "ivf/disk/layout.h"
#include "ivf/disk/meta.h"
#include "ivf/space/column.h"
#include "ivf/space/type.h"
#include "math/rabitq.h"
#include "math/rotate.h"
#include "utils/relcache.h"

#define IVF_CENTROID_BITS 8

/* Of the rotation. */
#define IVF_SEED UINT64_C(0x5EED0FBEC70125)

/*
 * The metapage and what follows from it, without a pointer inside except to
 * what stays as long as the process, so that it can be copied whole.  The
 * mean's floats and the rotation lie behind it.
 */
typedef struct IvfState
{
	Size size; /* of everything */
	IvfMetaPage meta;
	const IvfType *type;
	const VdbSpace *space;
	const VdbCodeFormat *format; /* of leaves */
	const VdbCodeFormat *centroid_format;
	IvfLayout leaf;
	IvfLayout inner;
	IvfLayout unplaced;
	IvfColumn columns[IVF_MOST_COLUMNS]; /* scalar: meta.columns.count */
	Size mean_offset;
	Size rotation_offset;
} IvfState;

static inline float *
ivf_mean(const IvfState *state)
{
	return (float *) ((char *) state + state->mean_offset);
}

/* What a distance of one between codes is to the class; or at least is. */
static inline double
ivf_unit(const IvfState *state, bool least)
{
	return vdb_space_unit(state->space, state->meta.scale) *
		   ivf_stretch(&state->meta, least);
}

static inline VdbRotation *
ivf_rotation(const IvfState *state)
{
	return (VdbRotation *) ((char *) state + state->rotation_offset);
}

/* A state with rotation and layouts, from dim, metric, bits and seed alone. */
extern IvfState *ivf_index_create(Relation index, MemoryContext context);

/*
 * The state of an index that exists, a copy of the caller's own in "context".
 * An index of another format version, or whose metapage is damaged, is an
 * error.
 */
extern IvfState *ivf_index_open(Relation index, MemoryContext context);

/*
 * The first scalar column, from 0, that is not as the metapage says, or -1; so
 * many columns are those of the catalog.
 */
extern int ivf_columns_differ(const IvfMetaPage *meta, const IvfColumn *columns,
							  int count);

/* Take over a scale that was chosen since the state was made. */
extern void ivf_index_update_scale(Relation index, IvfState *state);

/* Have the next state made from the pages, which may be damaged since. */
extern void ivf_index_forget(Relation index);

#endif /* VECDB_IVF_SPACE_INDEX_H */
