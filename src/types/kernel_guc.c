/*
 * kernel_guc.c: the setting vecdb.kernel and the function vecdb_kernel().
 *
 * The setting is an upper limit, not a demand: a level that this build or this
 * CPU lacks falls back to the best one below it, so one configuration file may
 * serve machines of several kinds.  vecdb_kernel() tells what is in use.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "kernel/kernel.h"
#include "types/kernel_guc.h"

/* The value of "auto": not a level, it means the best one of this machine. */
#define KERNEL_AUTO VDB_LEVELS

static const struct config_enum_entry kernel_options[] = {
	{"auto", KERNEL_AUTO, false},
	{"scalar", VDB_SCALAR, false},
	{"avx2", VDB_AVX2, false},
	{"avx512", VDB_AVX512, false},
	{"avx512vnni", VDB_AVX512_VNNI, false},
	{"avx512_vnni", VDB_AVX512_VNNI, true}, /* as the kernel is named */
	{"neon", VDB_NEON, false},
	{NULL, 0, false}};

static int kernel_setting = KERNEL_AUTO;

static void assign_kernel(int newval, void *extra);

/* Define vecdb.kernel. */
void
vdb_kernel_guc_init(void)
{
	DefineCustomEnumVariable("vecdb.kernel",
							 "Sets the highest instruction set that distance "
							 "computations use.",
							 "\"auto\" means the best one of this CPU.  Where "
							 "the chosen one is missing, the best one below "
							 "it is used.",
							 &kernel_setting, KERNEL_AUTO, kernel_options,
							 PGC_USERSET, 0, NULL, assign_kernel, NULL);
}

/* The best level that this build and this CPU have. */
static VdbLevel
best_level(void)
{
	int level = VDB_LEVELS - 1;

	while (level > VDB_SCALAR && vdb_kernel_at((VdbLevel) level) == NULL)
		level--;
	return (VdbLevel) level;
}

static void
assign_kernel(int newval, void *extra)
{
	vdb_kernel_limit(newval == KERNEL_AUTO ? best_level() : (VdbLevel) newval);
}

/* vecdb_kernel() returns text: the name of the kernel table in use. */
PG_FUNCTION_INFO_V1(vecdb_kernel);
Datum
vecdb_kernel(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(vdb_kernel()->name));
}
