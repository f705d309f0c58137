/*
 * bit.h: core's bit strings as vectors of zeros and ones.
 *
 *	offset	bytes	field
 *	0		4		varlena header
 *	4		4		bits
 *	8		n / 8	bits, the first one highest; zeros fill the last byte
 */
#ifndef VECDB_TYPES_BIT_H
#define VECDB_TYPES_BIT_H

#include "fmgr.h"
#include "utils/varbit.h"

#include "compat.h"

/*
 * Detoast.  A length that does not fit the number of bits is reported rather
 * than read past its end, since pages do get damaged.
 */
extern VarBit *vdb_bit_datum(Datum datum);

/* Bits that two values of one length differ in. */
extern double vdb_bit_hamming(const VarBit *a, const VarBit *b);

/*
 * Bits that are set, of values of one length: counts[0] in both, counts[1] in
 * a, counts[2] in b.
 */
extern void vdb_bit_counts(const VarBit *a, const VarBit *b, uint64 counts[3]);

#endif /* VECDB_TYPES_BIT_H */
