/*
 * neon.c: the tables of NEON, with and without SDOT.
 */
#include "kernel/neon.h"

#ifdef VDB_ARM

const VdbKernel vdb_kernel_neon = {
	.name = "neon",
	VDB_FLOAT_ROWS(neon),
	VDB_CODE_ROWS(neon),
	.bound_f16 = bound_f16_neon,
	VDB_BIT_ROWS(neon),
	.keys_in_ranges = vdb_keys_in_ranges_neon,
};

#ifdef VDB_ARM_DOTPROD
const VdbKernel vdb_kernel_neon_dotprod = {
	.name = "neon_dotprod",
	VDB_FLOAT_ROWS(neon),
	VDB_CODE_ROWS(dotprod),
	.bound_f16 = bound_f16_neon,
	VDB_BIT_ROWS(neon),
	.keys_in_ranges = vdb_keys_in_ranges_neon,
};
#endif

#endif /* VDB_ARM */
