/*
 * vector_hash.c: hash values of vectors, for joins, GROUP BY, hash indexes and
 * partitions.
 *
 * Equal vectors have equal bytes but for the sign of zero.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "types/vector.h"

/* Elements that are brought into one form at a time. */
#define PIECE 256

/*
 * The hash of the elements, piece by piece, each with the hash of those before
 * it as its seed.  There are no two vectors of which one has the other's bytes
 * and more, and that are equal, so the dimension need not be part of it.
 */
static uint64
hash_elements(const Vector *vector, uint64 seed)
{
	float piece[PIECE];

	for (int begin = 0; begin < vector->dim; begin += PIECE)
	{
		int count = Min(vector->dim - begin, PIECE);

		/* Adding zero makes zero of -0, and changes nothing else. */
		for (int i = 0; i < count; i++)
			piece[i] = vector->x[begin + i] + 0.0f;
		seed = hash_bytes_extended((const unsigned char *) piece,
								   count * sizeof(float), seed);
	}
	return seed;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);
	uint64 hash = hash_elements(vector, seed);

	PG_FREE_IF_COPY(vector, 0);
	return hash;
}

/*
 * vector_hash(vector) returns integer: the low half of the other one with seed
 * zero, as the server wants it.
 */
PG_FUNCTION_INFO_V1(vector_hash);
Datum
vector_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) hash_argument(fcinfo, 0));
}

/* vector_hash_extended(vector, bigint) returns bigint */
PG_FUNCTION_INFO_V1(vector_hash_extended);
Datum
vector_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_argument(fcinfo, PG_GETARG_INT64(1)));
}
