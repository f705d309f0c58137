/*
 * meta.h: the metapage.
 *
 * Block 0 says what the index is and where its streams begin.  It changes as a
 * whole when a new tree takes the place of the old one; otherwise nothing in it
 * does, but for the scale of an index that was built without rows, and the
 * numbers of trees that are begun.
 */
#ifndef VECDB_IVF_DISK_META_H
#define VECDB_IVF_DISK_META_H

#include "compat.h"

#include <math.h>

#include "ivf/disk/page.h"
#include "storage/block.h"
#include "utils/relcache.h"

#define IVF_MIN_LISTS 1
#define IVF_MAX_LISTS 1048576 /* 32,768 blocks of math/blocks.h */
#define IVF_MAX_DIM 1000000000
#define IVF_MAX_VIEW 64000

/* Of the calibration; see scan/probes.c. */
#define IVF_CURVE_POINTS 20
#define IVF_FEATURES 7

/*
 * How densely a list holds true neighbours, as a function of its distance and
 * rank, and down to which density lists have to be probed for a recall.  Where
 * there are shares (below), only recalls and rows are used of it.
 */
typedef struct IvfCalibration
{
	uint32 points;					 /* 0: not calibrated */
	float residual2;				 /* mean |r|^2, the unit of distances */
	float coefficient[IVF_FEATURES]; /* of the logarithm of the density */
	float recall[IVF_CURVE_POINTS];	 /* ascending */
	float density[IVF_CURVE_POINTS]; /* its logarithm, descending */
	float share[IVF_CURVE_POINTS];	 /* of the rows, in the lists probed */
} IvfCalibration;

/* The answers that such a calibration is for. */
#define IVF_USUAL_DEPTH 10

/*
 * How the nearest k rows are shared out among lists, and down to which score
 * these have to be probed for a recall; see space/shares.c.
 */
#define IVF_DEPTHS 6
#define IVF_SHARES_FEATURES 4

typedef struct IvfSharesRule
{
	uint32 count;			 /* of depths; 0: none, as in what 0.1.0 made */
	float far;				 /* log of a nearest list's squared distance, over
							  * residual2, that few rows exceed */
	float depth[IVF_DEPTHS]; /* k, ascending; the first is the usual one */
	float coefficient[IVF_DEPTHS][IVF_SHARES_FEATURES];
	float score[IVF_DEPTHS][IVF_CURVE_POINTS]; /* descending, for the recalls */
	float share[IVF_DEPTHS][IVF_CURVE_POINTS]; /* of the rows */
} IvfSharesRule;

/*
 * A tree is all streams that the metapage leads to: mean, root, lists.  VACUUM
 * can make another one beside it and put that in its place.  Each has a number,
 * which its pages bear; pages of another number are litter: of the tree before,
 * which scans that began with it may still read, or of one that was given up.
 */
typedef struct IvfTrees
{
	uint32 tree;	 /* the number of the one in use; 0 for the first */
	uint32 begun;	 /* the highest number ever given */
	uint64 switched; /* the next transaction when it came into use: scans of
					  * older trees have a snapshot that is not newer */
	uint32 litter;	 /* 1: pages of other numbers may be there */
	uint32 asked;	 /* lists that its options asked for; 0: none */
} IvfTrees;

/*
 * How many of the rows are within a distance of one, on average; what is
 * between two points goes by the share's logarithm (space/spread.c).
 */
#define IVF_SPREAD_POINTS 24

typedef struct IvfSpread
{
	uint32 points;					   /* IVF_SPREAD_POINTS; 0: not learnt */
	float share[IVF_SPREAD_POINTS];	   /* above 0, up to 1, ascending */
	float distance[IVF_SPREAD_POINTS]; /* not descending; as the type's */
} IvfSpread;

/*
 * Rows that have a second entry, in another list: see space/spill.h.  Where
 * there may be any, the version has IVF_WITH_SPILL.
 */
typedef struct IvfSpill
{
	float asked;	/* the share that its option asked for; 0: none was, which
					 * is automatic, as in older trees; -1: of no rows */
	float limit;	/* of a second list's loss, in the residual's; 0: no rows */
	double entries; /* second ones when the tree was made */
} IvfSpill;

/*
 * What a tree was like when it was made, for who asks whether it still is; and
 * what all trees cost so far.  Zeros in what 0.1.0 made.
 */
typedef struct IvfHistory
{
	float residual2; /* mean |r|^2 of its entries; 0: not known */
	float imbalance; /* the mean entry's list over the mean list, 1 to lists */
	double inserted; /* rows, into this tree when it was made and into those
					  * before: each once */
	double recoded;	 /* rows that went from one tree to the next */
} IvfHistory;

/*
 * Where many rows are close together, at the origin (build/origin.c), searches
 * among them have a rule of their own: what is far there is near elsewhere.
 */
typedef struct IvfClose
{
	float reach;		  /* norm that centroids of such lists have at most; 0:
						   * there is no such rule */
	float residual2;	  /* its unit of distances */
	float near;			  /* log of a nearest list's squared distance, over
						   * residual2, that few rows are below */
	IvfSharesRule shares; /* with the recalls of the calibration */
} IvfClose;

/*
 * Pairs that are farther apart than some distance may have another stretch than
 * near ones: if they have less.
 */
typedef struct IvfFarStretch
{
	float from;	   /* the class's own distance; 0: it is all the same */
	float stretch; /* of what is no nearer */
} IvfFarStretch;

typedef struct IvfMetaPage
{
	uint32 magic;	/* IVF_MAGIC */
	uint32 version; /* IVF_VERSION, and a bit for each thing beside it */
	uint32 dim;		/* dimensions of the indexed column */
	uint32 padded;	/* those of what is coded, padded for the rotation: D */
	uint16 metric;	/* VdbMetric */
	uint16 bits;	/* of a leaf code's field */
	uint32 height;	/* 0: the root is a leaf list */
	BlockNumber root;
	BlockNumber unplaced;
	BlockNumber mean;	   /* InvalidBlockNumber: the mean is zero */
	uint32 lists;		   /* leaf lists */
	uint64 seed;		   /* of the rotation */
	float scale;		   /* vectors are divided by it; 0: not chosen */
	float mean_norm2;	   /* of the scaled mean */
	double trained_rows;   /* rows in the table at training */
	uint32 trained_sample; /* rows that k-means saw */
	IvfCalibration calibration;
	IvfSharesRule shares; /* zeros in what 0.1.0 made, as what follows */
	float stretch;		  /* of a class's own distance; 0: none, or not known */
	float least_stretch;  /* the same for searches that are to miss nothing */
	uint32 sketch; /* dimensions of the rows' sketches; 0: rows themselves */
	IvfColumnFormats columns; /* scalar ones */
	IvfTrees trees;
	IvfSpread spread;
	IvfSpill spill;
	IvfHistory history;
	IvfClose close;
	IvfFarStretch far[2]; /* beside stretch and least_stretch */
} IvfMetaPage;

StaticAssertDecl(sizeof(IvfMetaPage) <= IVF_PAGE_LINES * VDB_LINE,
				 "metapage fits");

static inline IvfMetaPage *
ivf_meta(Page page)
{
	return (IvfMetaPage *) ivf_line(page, 0);
}

/*
 * How many times greater than the metric's a class's own distance is, for
 * nearly all near pairs, or for all that were measured; no less than one
 * (space/type.h).
 */
static inline double
ivf_stretch(const IvfMetaPage *meta, bool least)
{
	float stretch = least ? meta->least_stretch : meta->stretch;

	return stretch > 1 ? stretch : 1;
}

/* The same from some own distance on; INFINITY: there is no such distance. */
static inline IvfFarStretch
ivf_far_stretch(const IvfMetaPage *meta, bool least)
{
	const IvfFarStretch *far = &meta->far[least];

	if (!(far->from > 0))
		return (IvfFarStretch){INFINITY, 1};
	return (IvfFarStretch){far->from, Max(far->stretch, 1)};
}

/*
 * Dimensions of what is coded: those of the column, or of sketches of its
 * values.
 */
static inline uint32
ivf_view_dim(const IvfMetaPage *meta)
{
	return meta->sketch > 0 ? meta->sketch : meta->dim;
}

/*
 * What differs from the format's plain form is a bit beside its number, so that
 * a version of vecdb that does not know it refuses the index.
 */
static inline bool
ivf_version_known(uint32 version)
{
	return (version & ~(IVF_WITH_COLUMNS | IVF_WITH_SPILL)) == IVF_VERSION;
}

/* May rows have a second entry? */
static inline bool
ivf_spills(const IvfMetaPage *meta)
{
	return (meta->version & IVF_WITH_SPILL) != 0;
}

/* Entries of lists for each row in training, 1 to 2. */
static inline double
ivf_entries_a_row(const IvfMetaPage *meta)
{
	return meta->trained_rows > 0 ? 1 + meta->spill.entries / meta->trained_rows
								  : 1;
}

/*
 * Rows inserted into a tree when it was made and into those before.  What 0.1.0
 * made knows of those that it has.
 */
static inline double
ivf_rows_inserted(const IvfMetaPage *meta)
{
	return Max(meta->history.inserted, meta->trained_rows);
}

/* What cannot be in a metapage of this version, or NULL. */
extern const char *ivf_meta_fault(const IvfMetaPage *meta);

/* What is impossible of a metapage's scalar columns, or NULL. */
extern const char *ivf_columns_fault(const IvfMetaPage *meta);

/* What of a metapage's dimensions is impossible, with its value, or NULL. */
extern const char *ivf_dim_fault(const IvfMetaPage *meta, uint32 *value);

/* Why nothing can be learnt from the calibration, or NULL where it is sound. */
extern const char *ivf_calibration_fault(const IvfMetaPage *meta);

/* The same of the spread. */
extern const char *ivf_spread_fault(const IvfMetaPage *meta);

/* The same of second entries. */
extern const char *ivf_spill_fault(const IvfMetaPage *meta);

/* The same of the history. */
extern const char *ivf_history_fault(const IvfMetaPage *meta);

/* The same of the stretch of far pairs. */
extern const char *ivf_far_fault(const IvfMetaPage *meta);

/* The metapage; an error where it is damaged or of another format version. */
extern void ivf_meta_read(Relation index, IvfMetaPage *meta);

/* The same; false where there is none that this version can use. */
extern bool ivf_meta_peek(Relation index, IvfMetaPage *meta);

/* Write the metapage of a new index: block 0, which must exist. */
extern void ivf_meta_write(Relation index, ForkNumber fork,
						   const IvfMetaPage *meta);

/* The number of the tree in use now. */
extern uint32 ivf_meta_tree(Relation index);

/* A number for a tree to be made, WAL-logged: from now on there is litter. */
extern uint32 ivf_meta_begin_tree(Relation index);

/*
 * Put a new tree, meta->trees.tree, into the place of the old one: one record
 * says all.  No insert may be under way (insert.h).
 */
extern void ivf_meta_switch(Relation index, const IvfMetaPage *meta);

/* No page of another tree is left. */
extern void ivf_meta_clean(Relation index);

/*
 * Choose the scale of an index that has none yet, or leave the one that
 * somebody else chose first.
 */
extern void ivf_meta_set_scale(Relation index, float scale);

#endif /* VECDB_IVF_DISK_META_H */
