/*
 * ivf.h: what the files of the access method share.
 *
 * README.md beside this file tells the algorithm, the locks and the
 * invariants; page.h the disk format; list.h how lists are read and written.
 */
#ifndef VECDB_IVF_H
#define VECDB_IVF_H

#include "compat.h"

#include "access/amapi.h"
#include "access/genam.h"
#include "ivf/list.h"
#include "ivf/page.h"
#include "math/rabitq.h"
#include "math/rotate.h"
#include "math/space.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "shortcut/fetch.h"
#include "utils/relcache.h"

#define IVF_MIN_LISTS 1
#define IVF_MAX_LISTS 32768
#define IVF_MAX_DIM 16000
#define IVF_DEFAULT_BITS 2
#define IVF_CENTROID_BITS 8

/*
 * Of the rotation, and what makes other streams of it for the sample and for
 * k-means: with one stream for both, the starts of k-means would be rows that
 * stand near each other in the table.
 */
#define IVF_SEED UINT64_C(0x5EED0FBEC70125)
#define IVF_SAMPLE_STREAM UINT64_C(0xD1B54A32D192ED03)
#define IVF_KMEANS_STREAM UINT64_C(0xABC98388FB8FAC03)

/* Support functions of an operator class. */
#define IVF_SUPPORT_TYPE 1
#define IVF_NUM_SUPPORT 1

/* Strategy numbers. */
#define IVF_DISTANCE_STRATEGY 1

/* Types ------------------------------------------------------------------ */

/*
 * What an operator class brings, returned by its support function 1: how to
 * see a datum as floats, and the exact distance that orders the answers.
 */
typedef struct IvfType
{
	const char *name;
	VdbMetric metric;
	uint32 max_dim;

	/*
	 * The detoasted value as floats, *dim of them, each finite.  The result
	 * points into the value or to memory of the current context.
	 */
	const float *(*floats)(Datum value, uint32 *dim);

	/* Orders as the operator does; squared for L2. NaN has no order. */
	double (*distance)(const float *a, const float *b, int dim);
} IvfType;

/* The type of an index's only column. */
extern const IvfType *ivf_type(Relation index);

/* Index state ------------------------------------------------------------ */

/*
 * The metapage and what follows from it, without a pointer inside except to
 * static data, so that it can be copied whole.  The mean's floats and the
 * rotation lie behind it.
 */
typedef struct IvfIndex
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
	Size mean_offset;
	Size rotation_offset;
} IvfIndex;

static inline float *
ivf_mean(const IvfIndex *ivf)
{
	return (float *) ((char *) ivf + ivf->mean_offset);
}

static inline VdbRotation *
ivf_rotation(const IvfIndex *ivf)
{
	return (VdbRotation *) ((char *) ivf + ivf->rotation_offset);
}

/* A state with rotation and layouts, from dim, metric, bits and seed alone. */
extern IvfIndex *ivf_index_create(Relation index, MemoryContext context);

/*
 * The state of an index that exists, a copy of the caller's own in "context".
 * An index of another format version, or whose metapage is damaged, is an
 * error.
 */
extern IvfIndex *ivf_index_open(Relation index, MemoryContext context);

/* Take over a scale that was chosen since the state was made. */
extern void ivf_index_update_scale(Relation index, IvfIndex *ivf);

/* Have the next state made from the pages, which may be damaged since. */
extern void ivf_index_forget(Relation index);

/* The metapage; false where this version cannot use it. */
extern bool ivf_meta_peek(Relation index, IvfMetaPage *meta);

/* Write the metapage of a new index: block 0, which must exist. */
extern void ivf_meta_write(Relation index, ForkNumber fork,
						   const IvfMetaPage *meta);

/*
 * Choose the scale of an index that has none yet, for vectors like one of
 * this norm, or take the scale that somebody else chose first.
 */
extern void ivf_meta_set_scale(Relation index, float scale);

/* Vectors (vector.c) ----------------------------------------------------- */

/* The floats of a value, detoasted; another dimension is an error. */
extern const float *ivf_raw(const IvfIndex *ivf, Datum value);

/*
 * out = raw, normalized under cosine.  False where the metric gives the
 * vector no distance to anything: the zero vector under cosine.
 */
extern bool ivf_normalize(const IvfIndex *ivf, const float *raw, float *out);

/* Into the space of the codes (math/space.h): out[D] = P x / scale - mean. */
extern void ivf_project(const IvfIndex *ivf, const float *x, float *out);

/*
 * What a row leaves in its list: the code of its residual, and the factors
 * that fold everything that does not depend on the query.
 */
typedef struct IvfCoder
{
	const IvfIndex *ivf;
	VdbCoder code;
} IvfCoder;

extern void ivf_coder_init(IvfCoder *coder, const IvfIndex *ivf);

/* Code the projected row y of the list with that projected centroid. */
extern void ivf_code_row(IvfCoder *coder, const float *y, const float *centroid,
						 ItemPointer tid, IvfEntry *entry);

/*
 * The entry of a list in its parent.  The centroid itself is replaced by what
 * its code stands for: that is the centroid from now on.
 */
extern void ivf_code_centroid(IvfCoder *coder, float *centroid,
							  IvfEntry *entry);

/* Queries ---------------------------------------------------------------- */

/* A query in the space of the codes. */
typedef struct IvfQuery
{
	const IvfIndex *ivf;
	VdbSpaceQuery z;
} IvfQuery;

extern void ivf_query_init(IvfQuery *query, const IvfIndex *ivf);
extern void ivf_query_set(IvfQuery *query, const float *z);

/* A leaf list as the query sees it. */
typedef struct IvfProbe
{
	VdbNear near;
	BlockNumber head;
	uint32 slot;  /* in the root list */
	uint32 pages; /* as far as the parent knows; 0: unknown */
} IvfProbe;

/* All leaf lists as a query sees them.  Zeros are an empty one. */
typedef struct IvfProbes
{
	IvfProbe *lists; /* in the root's order */
	uint64 *order;	 /* by distance: see ivf_nth_probe() */
	uint32 count;
	uint32 sorted; /* entries of "order" that are in their places */
	uint32 room;
} IvfProbes;

/*
 * Fill in the lists with their distances, none of them sorted.  The arrays are
 * palloc'd, or repalloc'd where there is too little room.
 */
extern void ivf_probes_all(Relation index, const IvfQuery *query,
						   IvfProbes *probes);

/* The list that a row belongs to. */
extern IvfProbe ivf_probe_nearest(Relation index, const IvfQuery *query);

/* See to it that the nearest n of the lists are sorted. */
extern void ivf_probes_sort(IvfProbes *probes, uint32 n);

/* The list of a rank, from 0, that has been sorted. */
static inline const IvfProbe *
ivf_nth_probe(const IvfProbes *probes, uint32 rank)
{
	Assert(rank < probes->sorted);
	return &probes->lists[(uint32) probes->order[rank]];
}

/*
 * Sort the lists that a scan probes at first, and return how many they are: by
 * ivfflat.probes, or by calibration and target recall.
 */
extern uint32 ivf_probes_first(const IvfMetaPage *meta, IvfProbes *probes);

/*
 * Standard errors for the bounds of a scan: as the target recall asks for, or
 * the most where the user says which lists are probed.
 */
extern float ivf_scan_epsilon(void);

/* The share of the rows in them, on average. */
extern double ivf_probed_share(const IvfMetaPage *meta);

/* Why nothing can be learnt from a calibration, or NULL where it is sound. */
extern const char *ivf_calibration_fault(const IvfCalibration *calibration);

/* What a list's density of hits depends on, and its logarithm. */
extern void ivf_density_features(float residual2, const IvfProbe *first,
								 const IvfProbe *probe, uint32 rank,
								 double features[IVF_FEATURES]);
extern double ivf_log_density(const IvfCalibration *calibration,
							  const IvfProbe *first, const IvfProbe *probe,
							  uint32 rank);

/* The centroid that the entry in a slot of the root stands for: D floats. */
extern void ivf_centroid_read(Relation index, const IvfIndex *ivf, uint32 slot,
							  float *centroid);
extern void ivf_centroid_decode(const IvfIndex *ivf, const IvfEntry *entry,
								uint8 *fields, float *centroid);

/* What the session's last scan did (scan.c) ------------------------------ */

typedef enum IvfStop
{
	IVF_STOP_CALLER, /* nobody asked for more rows */
	IVF_STOP_PROBES, /* the settings allowed no further lists */
	IVF_STOP_END,	 /* every row was returned */
} IvfStop;

typedef struct IvfScanReport
{
	Oid index; /* InvalidOid: no scan yet */
	uint32 lists;
	uint32 first_probes; /* lists of the first batch */
	uint32 probes;		 /* lists of all batches */
	uint32 passes;		 /* over codes; more than one a batch: see queue.h */
	uint64 codes;		 /* estimated, over all passes */
	uint64 fetches;		 /* rows looked at in the heap */
	uint64 invisible;	 /* of them, rows that the snapshot did not see */
	uint64 rows;		 /* returned */
	IvfStop stop;
} IvfScanReport;

extern IvfScanReport ivf_last_scan;

/* Exact distances from the heap (refine.c) ------------------------------- */

typedef struct IvfRefiner IvfRefiner;

extern IvfRefiner *ivf_refiner_create(Relation heap, Relation index,
									  const IvfIndex *ivf);
extern void ivf_refiner_set_query(IvfRefiner *refiner, Snapshot snapshot,
								  const float *query);
/* False where the snapshot sees no row there, or its value has no distance. */
extern bool ivf_refine(IvfRefiner *refiner, ItemPointer tid, double *distance);

/* How it fetches rows: a scan asks for some ahead, and hands others over. */
extern VdbFetch *ivf_refiner_fetch(IvfRefiner *refiner);

extern void ivf_refiner_destroy(IvfRefiner *refiner);

/* Options (options.c) ---------------------------------------------------- */

typedef enum IvfIterative
{
	IVF_ITERATIVE_OFF,
	IVF_ITERATIVE_RELAXED,
} IvfIterative;

typedef struct IvfOptions
{
	int32 vl_len_; /* varlena header (do not touch directly!) */
	int lists;	   /* 0: automatic */
	int bits;
} IvfOptions;

extern int ivf_probes;			 /* ivfflat.probes; 0: automatic */
extern int ivf_iterative_scan;	 /* ivfflat.iterative_scan, IvfIterative */
extern int ivf_max_probes;		 /* ivfflat.max_probes */
extern double ivf_target_recall; /* ivfflat.target_recall */

extern void ivf_init(void);
extern bytea *ivf_options(Datum reloptions, bool validate);
extern int ivf_option_lists(Relation index);
extern int ivf_option_bits(Relation index);
extern uint32 ivf_automatic_lists(double rows, uint32 padded);

/* First blocks of all leaf lists, palloc'd; returns how many. */
extern uint32 ivf_list_heads(Relation index, const IvfIndex *ivf,
							 BlockNumber **heads);

/* Access method callbacks ------------------------------------------------ */

extern IndexBuildResult *ivf_build(Relation heap, Relation index,
								   IndexInfo *info);
extern void ivf_build_empty(Relation index);
extern bool ivf_insert(Relation index, Datum *values, bool *isnull,
					   ItemPointer tid, Relation heap, IndexUniqueCheck check,
					   IVF_INSERT_UNCHANGED IndexInfo *info);
extern IndexScanDesc ivf_scan_begin(Relation index, int nkeys, int norderbys);
extern void ivf_scan_restart(IndexScanDesc scan, ScanKey keys, int nkeys,
							 ScanKey orderbys, int norderbys);
extern bool ivf_scan_next(IndexScanDesc scan, ScanDirection direction);
extern void ivf_scan_end(IndexScanDesc scan);
extern IndexBulkDeleteResult *ivf_bulk_delete(IndexVacuumInfo *info,
											  IndexBulkDeleteResult *stats,
											  IndexBulkDeleteCallback callback,
											  void *callback_state);
extern IndexBulkDeleteResult *ivf_vacuum_cleanup(IndexVacuumInfo *info,
												 IndexBulkDeleteResult *stats);
extern void ivf_cost_estimate(PlannerInfo *root, IndexPath *path,
							  double loop_count, Cost *startup, Cost *total,
							  Selectivity *selectivity, double *correlation,
							  double *pages);
extern bool ivf_validate(Oid opclass);

#endif /* VECDB_IVF_H */
