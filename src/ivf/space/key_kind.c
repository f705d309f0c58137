/*
 * key_kind.c: how the values of each type become keys.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "ivf/space/column.h"
#include "math/ordered.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/inet.h"
#include "utils/timestamp.h"

static uint64
key_of_byte(const IvfColumn *column, Datum value)
{
	return DatumGetUInt8(value);
}

static uint64
key_of_int2(const IvfColumn *column, Datum value)
{
	return vdb_key_of_signed(DatumGetInt16(value), sizeof(int16));
}

static Datum
int2_of_key(uint64 key)
{
	return Int16GetDatum((int16) vdb_signed_of_key(key, sizeof(int16)));
}

static uint64
key_of_int4(const IvfColumn *column, Datum value)
{
	return vdb_key_of_signed(DatumGetInt32(value), sizeof(int32));
}

static Datum
int4_of_key(uint64 key)
{
	return Int32GetDatum((int32) vdb_signed_of_key(key, sizeof(int32)));
}

static uint64
key_of_int8(const IvfColumn *column, Datum value)
{
	return vdb_key_of_signed(DatumGetInt64(value), sizeof(int64));
}

static Datum
int8_of_key(uint64 key)
{
	return Int64GetDatum(vdb_signed_of_key(key, sizeof(int64)));
}

/*
 * No date or time lies between the limits of the calendar and the infinities,
 * where functions may not tell what is earlier: the next one does.
 */
static Datum
date_of_key(uint64 key)
{
	const DateADT first = DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE;
	const DateADT end = DATE_END_JULIAN - POSTGRES_EPOCH_JDATE;
	DateADT date = (DateADT) vdb_signed_of_key(key, sizeof(int32));

	if (!DATE_NOT_FINITE(date))
		date = Min(Max(date, first), end - 1);
	return DateADTGetDatum(date);
}

static Datum
timestamp_of_key(uint64 key)
{
	Timestamp time = vdb_signed_of_key(key, sizeof(int64));

	if (!TIMESTAMP_NOT_FINITE(time))
		time = Min(Max(time, MIN_TIMESTAMP), END_TIMESTAMP - 1);
	return TimestampGetDatum(time);
}

static uint64
key_of_oid(const IvfColumn *column, Datum value)
{
	return DatumGetObjectId(value);
}

static uint64
key_of_unsigned(const IvfColumn *column, Datum value)
{
	return DatumGetUInt64(value);
}

static uint64
key_of_float4(const IvfColumn *column, Datum value)
{
	return vdb_key_of_float(DatumGetFloat4(value));
}

static Datum
float4_of_key(uint64 key)
{
	return Float4GetDatum(vdb_float_of_key(key));
}

static uint64
key_of_float8(const IvfColumn *column, Datum value)
{
	return vdb_key_of_double(DatumGetFloat8(value));
}

static Datum
float8_of_key(uint64 key)
{
	return Float8GetDatum(vdb_double_of_key(key));
}

/* Rounding keeps the order; what is out of range becomes an infinity. */
static uint64
key_of_numeric(const IvfColumn *column, Datum value)
{
	return key_of_float8(
		column, DirectFunctionCall1(numeric_float8_no_overflow, value));
}

/*
 * Intervals compare as spans of time with months of 30 days, 37 bits of days,
 * to which 27 bits of units of 1,024 microseconds are added.
 */
static uint64
key_of_interval(const IvfColumn *column, Datum value)
{
	const Interval *interval = DatumGetIntervalP(value);
	int64 days = interval->time / USECS_PER_DAY;
	int64 rest = interval->time % USECS_PER_DAY;

	if (rest < 0)
	{
		rest += USECS_PER_DAY;
		days--;
	}
	days += INT64CONST(30) * interval->month + interval->day;
	return vdb_key_of_signed(days * (1 << 27) + rest / 1024, sizeof(int64));
}

/* The zone, which decides between equal moments, is left out. */
static uint64
key_of_timetz(const IvfColumn *column, Datum value)
{
	const TimeTzADT *time = DatumGetTimeTzADTP(value);

	return vdb_key_of_signed(time->time + time->zone * USECS_PER_SEC,
							 sizeof(int64));
}

static uint64
key_of_bytes(const unsigned char *bytes, int n)
{
	uint64 key = 0;

	for (int i = 0; i < n; i++)
		key = key << 8 | bytes[i];
	return key;
}

static uint64
key_of_macaddr(const IvfColumn *column, Datum value)
{
	return key_of_bytes(&DatumGetMacaddrP(value)->a, sizeof(macaddr));
}

static uint64
key_of_macaddr8(const IvfColumn *column, Datum value)
{
	return key_of_bytes(&DatumGetMacaddr8P(value)->a, sizeof(macaddr8));
}

static uint64
key_of_hash(const IvfColumn *column, Datum value)
{
	return DatumGetUInt32(
		FunctionCall1Coll(column->hash, column->collation, value));
}

/* Numbers are on disk: new kinds get new ones. */
static const IvfKeyKind key_hash = {1, 4, false, false, key_of_hash};
static const IvfKeyKind key_enum = {2, 4, false, true, key_of_oid};
static const IvfKeyKind key_byte = {3, 1, true, true, key_of_byte};
static const IvfKeyKind key_int2 = {
	4, 2, true, true, key_of_int2, int2_of_key, 0, PG_UINT16_MAX};
static const IvfKeyKind key_int4 = {
	5, 4, true, true, key_of_int4, int4_of_key, 0, PG_UINT32_MAX};
static const IvfKeyKind key_int8 = {
	6, 8, true, true, key_of_int8, int8_of_key, 0, PG_UINT64_MAX};
static const IvfKeyKind key_oid = {7, 4, true, true, key_of_oid};
static const IvfKeyKind key_unsigned = {8, 8, true, true, key_of_unsigned};
static const IvfKeyKind key_float4 = {9,
									  4,
									  true,
									  true,
									  key_of_float4,
									  float4_of_key,
									  VDB_KEY_FLOAT_LEAST,
									  VDB_KEY_FLOAT_MOST};
static const IvfKeyKind key_float8 = {10,
									  8,
									  true,
									  true,
									  key_of_float8,
									  float8_of_key,
									  VDB_KEY_DOUBLE_LEAST,
									  VDB_KEY_DOUBLE_MOST};
static const IvfKeyKind key_macaddr = {11, 8, true, true, key_of_macaddr};
static const IvfKeyKind key_macaddr8 = {12, 8, true, true, key_of_macaddr8};
static const IvfKeyKind key_numeric = {13, 8, true, false, key_of_numeric};
static const IvfKeyKind key_interval = {14, 8, true, false, key_of_interval};
static const IvfKeyKind key_timetz = {15, 8, true, false, key_of_timetz};
static const IvfKeyKind key_date = {
	16, 4, true, true, key_of_int4, date_of_key, 0, PG_UINT32_MAX};
static const IvfKeyKind key_timestamp = {
	17, 8, true, true, key_of_int8, timestamp_of_key, 0, PG_UINT64_MAX};

/* By the type of the operator class; of others a hash. */
static const struct
{
	Oid type;
	const IvfKeyKind *kind;
} type_kinds[] = {
	{BOOLOID, &key_byte},			{CHAROID, &key_byte},
	{INT2OID, &key_int2},			{INT4OID, &key_int4},
	{INT8OID, &key_int8},			{OIDOID, &key_oid},
	{FLOAT4OID, &key_float4},		{FLOAT8OID, &key_float8},
	{DATEOID, &key_date},			{TIMEOID, &key_int8},
	{TIMESTAMPOID, &key_timestamp}, {TIMESTAMPTZOID, &key_timestamp},
	{CASHOID, &key_int8},			{LSNOID, &key_unsigned},
	{XID8OID, &key_unsigned},		{MACADDROID, &key_macaddr},
	{MACADDR8OID, &key_macaddr8},	{NUMERICOID, &key_numeric},
	{INTERVALOID, &key_interval},	{TIMETZOID, &key_timetz},
	{ANYENUMOID, &key_enum},
};

const IvfKeyKind *
ivf_key_kind(Oid type)
{
	for (int i = 0; i < lengthof(type_kinds); i++)
		if (type_kinds[i].type == type)
			return type_kinds[i].kind;
	return &key_hash;
}
