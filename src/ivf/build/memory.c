/*
 * memory.c: see memory.h.
 */
#include "compat.h"

#include "ivf/build/memory.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"

Size
ivf_build_memory(void)
{
	int kilobytes = maintenance_work_mem;

	if (vdb_is_autovacuum() && autovacuum_work_mem != -1)
		kilobytes = autovacuum_work_mem;
	return (Size) kilobytes * 1024;
}

int
ivf_sort_memory(int parts)
{
	return ivf_build_memory() / 1024 / parts;
}
