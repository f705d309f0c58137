/*
 * check_code.h: does a code of the index belong to a vector of the table?
 */
#ifndef VECDB_INSPECT_CHECK_CODE_H
#define VECDB_INSPECT_CHECK_CODE_H

#include "inspect/check_report.h"
#include "ivf/space/vector.h"

typedef struct IvfCodeCheck
{
	IvfCheck *check;
	float *y;
	float *centroid;
	IvfCoder coder;
	IvfEntry *entry;
	uint8 *bits; /* where lists hold those of rows */
} IvfCodeCheck;

/* Needs check->state. */
extern void ivf_check_code_init(IvfCodeCheck *code, IvfCheck *check);

/*
 * Is "entry" of that leaf list a code of the value, which is x when it was
 * normalized?  True as well where it cannot be told, since the list's centroid
 * is wrong.
 */
extern bool ivf_check_code(IvfCodeCheck *code, uint32 child, Datum value,
						   const float *x, const IvfEntry *entry);

#endif /* VECDB_INSPECT_CHECK_CODE_H */
