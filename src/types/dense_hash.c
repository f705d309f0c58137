/*
 * dense_hash.c: hashes of dense types, for hash joins, aggregates, indexes and
 * partitions.
 *
 * Values that dense_compare.c calls equal have one hash: it is that of the
 * elements as floats, with -0 made 0.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "types/halfvec.h"

/* The elements as floats without -0, allocated. */
static const unsigned char *
hashed_bytes(const VdbDense *type, Datum datum, int *length)
{
	VdbDenseValue *value = vdb_dense_value(type, datum);
	Size size = sizeof(float) * value->dim;
	float *x = palloc(size);
	const float *elements = vdb_dense_some(type, value, 0, value->dim, x);
	int i;

	for (i = 0; i < value->dim; i++)
		x[i] = elements[i] == 0.0f ? 0.0f : elements[i];
	if ((Pointer) value != DatumGetPointer(datum))
		pfree(value);
	*length = size;
	return (const unsigned char *) x;
}

static Datum
hash(FunctionCallInfo fcinfo, const VdbDense *type)
{
	int length;
	const unsigned char *bytes =
		hashed_bytes(type, PG_GETARG_DATUM(0), &length);

	PG_RETURN_UINT32(hash_bytes(bytes, length));
}

static Datum
hash_extended(FunctionCallInfo fcinfo, const VdbDense *type)
{
	int length;
	const unsigned char *bytes =
		hashed_bytes(type, PG_GETARG_DATUM(0), &length);

	PG_RETURN_UINT64(hash_bytes_extended(bytes, length, PG_GETARG_INT64(1)));
}

/* halfvec_hash(halfvec) returns integer. */
VDB_DENSE_FUNCTION(halfvec_hash, halfvec, hash)
/* halfvec_hash_extended(halfvec, bigint) returns bigint. */
VDB_DENSE_FUNCTION(halfvec_hash_extended, halfvec, hash_extended)
