/*
 * memory.c: see memory.h.
 */
#include "compat.h"

#include "ivf/build/memory.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"

/* Bytes that a sort in memory takes for each tuple beside it, at the least. */
#define SORT_OVERHEAD 40

static bool
has_own_memory(void)
{
	return vdb_is_autovacuum() && autovacuum_work_mem != -1;
}

Size
ivf_build_memory(void)
{
	int kilobytes =
		has_own_memory() ? autovacuum_work_mem : maintenance_work_mem;

	return (Size) kilobytes * 1024;
}

const char *
ivf_build_memory_setting(void)
{
	return has_own_memory() ? "autovacuum_work_mem" : "maintenance_work_mem";
}

int
ivf_build_notice(void)
{
	return vdb_is_autovacuum() ? LOG : NOTICE;
}

int
ivf_sort_memory(int parts)
{
	return ivf_build_memory() / 1024 / parts;
}

double
ivf_sort_files(double tuples, Size bytes, int memory_kb)
{
	if (tuples * (bytes + SORT_OVERHEAD) <= memory_kb * 1024.0)
		return 0;
	return tuples * bytes;
}
