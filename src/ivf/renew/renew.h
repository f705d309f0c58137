/*
 * renew.h: a new tree for an index that is in use.
 */
#ifndef VECDB_IVF_RENEW_RENEW_H
#define VECDB_IVF_RENEW_RENEW_H

#include "compat.h"

#include "storage/block.h"
#include "utils/relcache.h"

/* Why a tree is to be made anew. */
typedef enum IvfRenewalReason
{
	IVF_KEEP,	/* it is not */
	IVF_FIRST,	/* it was made when there were too few rows to train with */
	IVF_GROWN,	/* many rows were added since, new ones or in place of others */
	IVF_SHRUNK, /* many rows are gone */
	IVF_UNLIKE, /* those that were added are farther from the centroids */
	IVF_UNEVEN, /* they went into a few of its lists */
	IVF_OPTIONS, /* the index's options say otherwise */
	IVF_OLD,	 /* an older version made it, without what this one learns */
	IVF_SPACE,	 /* its pages lie behind as many free ones */
} IvfRenewalReason;

typedef struct IvfRenewal
{
	IvfRenewalReason reason;  /* for autovacuum */
	IvfRenewalReason by_hand; /* for who does not wait for as many new rows */
	double rows;			  /* in its lists now, or nearly so */
	double added;			  /* to them since they were trained */
	double fit;		  /* mean |r|^2 of those over that of rows in training; 0:
					   * not known */
	double imbalance; /* of the lists' sizes over that at training; 0: not
					   * known */
	double inserted;  /* rows, since the index was made */
	bool may_pack;	  /* autovacuum, for nothing but the space, within costs */
	bool may_pack_by_hand;
	double recoded; /* rows that went from one tree to another since */
} IvfRenewal;

/* Words for a reason, for logs and users. */
extern const char *ivf_renewal_reason_text(IvfRenewalReason reason);

/* What the next vacuum should do, by what the lists count. */
extern void ivf_renewal_judge(Relation index, IvfRenewal *renewal);

/*
 * Make another tree beside the one in use and put it into its place.  The
 * caller vacuums the table, and has none of its pages locked.  "kept" are the
 * rows in its lists, as ivf_renewal_judge() has them, and "free" pages of the
 * index that can be used, ascending.  Returns the rows in the new
 * tree, or -1 where it could not be made for want of memory, or of rows that
 * VACUUM sees: the tree in use stays.
 */
extern double ivf_renew(Relation heap, Relation index, IvfRenewalReason reason,
						double kept, BlockNumber *free, uint32 nfree);

#endif /* VECDB_IVF_RENEW_RENEW_H */
