/*
 * dense_hash.c: hashes of dense types, for joins, GROUP BY, hash indexes and
 * partitions.
 *
 * Values that dense_compare.c calls equal have one hash: it is that of the
 * elements as floats, with -0 made 0.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "types/halfvec.h"
#include "types/vector.h"

/* Elements to hash at a time, with the hash of those before as the seed. */
#define SOME 256

static uint64
hash_elements(const VdbDense *type, const VdbDenseValue *value, uint64 seed)
{
	float room[SOME];
	int first;
	int i;

	for (first = 0; first < value->dim; first += SOME)
	{
		int count = Min(value->dim - first, SOME);
		const float *x = vdb_dense_some(type, value, first, count, room);

		/* The sum of -0 and 0 is 0. */
		for (i = 0; i < count; i++)
			room[i] = x[i] + 0.0f;
		seed = hash_bytes_extended((const unsigned char *) room,
								   count * (int) sizeof(float), seed);
	}
	return seed;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, const VdbDense *type, uint64 seed)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);
	uint64 hash = hash_elements(type, value, seed);

	PG_FREE_IF_COPY(value, 0);
	return hash;
}

/* The low half of the other with seed zero, as the server wants it. */
static Datum
hash(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_UINT32((uint32) hash_argument(fcinfo, type, 0));
}

static Datum
hash_extended(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_UINT64(hash_argument(fcinfo, type, PG_GETARG_INT64(1)));
}

/* vector_hash(vector) returns integer. */
VDB_DENSE_FUNCTION(vector_hash, vector, hash)
/* vector_hash_extended(vector, bigint) returns bigint. */
VDB_DENSE_FUNCTION(vector_hash_extended, vector, hash_extended)
/* halfvec_hash(halfvec) returns integer. */
VDB_DENSE_FUNCTION(halfvec_hash, halfvec, hash)
/* halfvec_hash_extended(halfvec, bigint) returns bigint. */
VDB_DENSE_FUNCTION(halfvec_hash_extended, halfvec, hash_extended)
