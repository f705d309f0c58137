/*
 * avx512.c: the tables of AVX-512, with and without VNNI.
 */
#include "kernel/avx512.h"

#ifdef VDB_X86

const VdbKernel vdb_kernel_avx512 = {
	.name = "avx512",
	VDB_FLOAT_ROWS(avx512),
	VDB_CODE_ROWS(avx512),
	.bound_f16 = bound_f16_avx512,
	VDB_BIT_ROWS(avx512),
	.keys_in_ranges = vdb_keys_in_ranges_avx512,
};

const VdbKernel vdb_kernel_avx512_vnni = {
	.name = "avx512_vnni",
	VDB_FLOAT_ROWS(avx512),
	VDB_CODE_ROWS(avx512_vnni),
	.bound_f16 = bound_f16_avx512,
	VDB_BIT_ROWS(avx512_vnni),
	.keys_in_ranges = vdb_keys_in_ranges_avx512,
};

#endif /* VDB_X86 */
