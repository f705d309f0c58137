/*
 * memory.c: see memory.h.
 */
#include "compat.h"

#include "ivf/build/memory.h"
#include "miscadmin.h"

Size
ivf_build_memory(void)
{
	return (Size) maintenance_work_mem * 1024;
}
