/*
 * avx2.c: the table of AVX2 with FMA and F16C.
 */
#include "kernel/avx2.h"

#ifdef VDB_X86

const VdbKernel vdb_kernel_avx2 = {
	.name = "avx2",
	VDB_FLOAT_ROWS(avx2),
	VDB_CODE_ROWS(avx2),
	.bound_f16 = bound_f16_avx2,
	VDB_BIT_ROWS(avx2),
	.keys_in_ranges = vdb_keys_in_ranges_avx2,
};

#endif /* VDB_X86 */
