/*
 * bit_distance.c: distances of core's bit strings.
 *
 * A value of type varbit is one of type bit to the server, so lengths are those
 * of the values.
 */
#include "postgres.h"

#include "kernel/kernel.h"
#include "types/bit.h"

VarBit *
vdb_bit_datum(Datum datum)
{
	VarBit *bits = DatumGetVarBitP(datum);

	if (unlikely(VARSIZE(bits) < VARBITTOTALLEN(0) || VARBITLEN(bits) < 0 ||
				 VARBITLEN(bits) > VARBITMAXLEN ||
				 VARSIZE(bits) != VARBITTOTALLEN(VARBITLEN(bits))))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("invalid bit string of %d bytes",
							   (int) VARSIZE(bits))));
	return bits;
}

double
vdb_bit_hamming(const VarBit *a, const VarBit *b)
{
	return (double) vdb_kernel()->hamming(VARBITS(a), VARBITS(b),
										  VARBITBYTES(a));
}

void
vdb_bit_counts(const VarBit *a, const VarBit *b, uint64 counts[3])
{
	uint64_t out[3];

	vdb_kernel()->bit_counts(VARBITS(a), VARBITS(b), VARBITBYTES(a), out);
	for (int i = 0; i < 3; i++)
		counts[i] = out[i];
}

static void
check_same(const VarBit *a, const VarBit *b)
{
	if (VARBITLEN(a) != VARBITLEN(b))
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("different bit lengths %u and %u", VARBITLEN(a),
							   VARBITLEN(b))));
}

/* hamming_distance(bit, bit) returns double precision; operator <~>. */
PG_FUNCTION_INFO_V1(hamming_distance);
Datum
hamming_distance(PG_FUNCTION_ARGS)
{
	VarBit *a = vdb_bit_datum(PG_GETARG_DATUM(0));
	VarBit *b = vdb_bit_datum(PG_GETARG_DATUM(1));

	check_same(a, b);
	PG_RETURN_FLOAT8(vdb_bit_hamming(a, b));
}

/*
 * jaccard_distance(bit, bit) returns double precision; operator <%>: of the
 * bits that are set in either, the share that are not set in both; 1 where none
 * is set in both, so that there is no NaN.
 */
PG_FUNCTION_INFO_V1(jaccard_distance);
Datum
jaccard_distance(PG_FUNCTION_ARGS)
{
	VarBit *a = vdb_bit_datum(PG_GETARG_DATUM(0));
	VarBit *b = vdb_bit_datum(PG_GETARG_DATUM(1));
	uint64 counts[3];

	check_same(a, b);
	vdb_bit_counts(a, b, counts);
	if (counts[0] == 0)
		PG_RETURN_FLOAT8(1.0);
	PG_RETURN_FLOAT8(1.0 -
					 counts[0] / (double) (counts[1] + counts[2] - counts[0]));
}
