/*
 * list.h: reading lists, group by group.
 *
 * A reader holds one share lock at a time, on the page that it looks at, and no
 * pin between pages; a caller's visit runs under that lock and must be short.
 */
#ifndef VECDB_IVF_DISK_LIST_H
#define VECDB_IVF_DISK_LIST_H

#include "compat.h"

#include "ivf/disk/cursor.h"
#include "ivf/disk/fences.h"
#include "nodes/bitmapset.h"

/* A whole group; the pointers serve until the visit ends. */
typedef struct IvfGroup
{
	const IvfLayout *layout;
	uint32 number;		 /* in the list */
	uint32 slots;		 /* slots of it that were ever filled, 1 .. 16 */
	uint32 lanes;		 /* the mask of these, or of those that were selected */
	const uint8 *head;	 /* its first lines, up to the codes */
	const void *factors; /* the same */
	const IvfSlot *slot;
	int32 (*dot)[VDB_GROUP]; /* one array a query, unless there are bounds */
	const float *bounds;	 /* of the lanes, where those are asked for */
} IvfGroup;

typedef void (*IvfVisit)(void *arg, const IvfGroup *group);

/*
 * Which of a group's lanes are worth a visit, by its head alone.  Where none
 * is, the group's codes are not read, and it is not visited.
 */
typedef uint32 (*IvfSelect)(void *arg, const IvfGroup *group);

/*
 * What makes bounds of a list's products with one query, and above which of
 * them a row is not worth a visit.  A visit may lower the threshold.
 */
typedef struct IvfBounding
{
	VdbBound bound;
	float threshold;
} IvfBounding;

/* What the codes are multiplied with, and what is known of the list. */
typedef struct IvfReading
{
	const int8 *queries[2];		 /* as the codes want them: D bytes, or bits */
	int nqueries;				 /* 0 to 2 */
	const IvfBounding *bounding; /* or NULL: products are all that is wanted */
	Snapshot snapshot;			 /* that rows are read for, or NULL */
	VdbAhead first;				 /* of the list's first page */
	IvfSelect select;			 /* or NULL: all lanes */
	bool few;					 /* it will take few groups */
	const VdbRange *range;	 /* or NULL: lanes that are selected have these keys
							  * in the first scalar column */
	const Bitmapset *groups; /* or NULL: all; the only ones */
} IvfReading;

/* A walk along the groups of a list, page by page; aligned as lines are. */
typedef struct IvfListWalk
{
	const IvfLayout *layout;
	IvfReading reading;
	const VdbKernel *kernel;
	VdbCodeDot dot;
	bool ahead; /* the kernel asks for the next group's codes */
	bool two;	/* and this one takes both queries at once */
	bool runs;	/* groups that lie on a page whole are taken at once */
	IvfVisit visit;
	void *arg; /* of select and visit */
	IvfCursor cursor;
	bool partly;		/* some groups are not looked at */
	IvfStretch stretch; /* those that are, by a range */
	uint32 position;	/* line within the group */
	uint32 touch_begin; /* lines that are brought into the cache ahead, */
	uint32 touch_end;	/* from a group's first one */
	IvfGroup group;
	int32 dots[2][VDB_GROUP];
	float bounds[VDB_GROUP];
	uint8 head[IVF_HEAD_LINES_MAX * VDB_LINE] pg_attribute_aligned(VDB_LINE);
} IvfListWalk;

/* "reading" may be NULL: no queries, all lanes. */
extern void ivf_list_begin(IvfListWalk *walk, Relation index, BlockNumber head,
						   const IvfLayout *layout, const IvfReading *reading,
						   IvfVisit visit, void *arg);

/*
 * Visit the groups that end on the next page, under its lock, which is then let
 * go; false at the list's end.
 */
extern bool ivf_list_next(IvfListWalk *walk);

/*
 * Visit the groups of a list in order, with the dot products of their codes;
 * where a range is given, those that can have such keys.
 * Checks for interrupts between pages.  Returns the list's number of rows.
 */
extern uint32 ivf_list_visit(Relation index, BlockNumber head,
							 const IvfLayout *layout, const IvfReading *reading,
							 IvfVisit visit, void *arg);

/* Ask for a list's first page; the result helps to read it. */
extern VdbAhead ivf_list_ahead(Relation index, BlockNumber head);

#endif /* VECDB_IVF_DISK_LIST_H */
