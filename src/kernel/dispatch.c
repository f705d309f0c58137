/*
 * dispatch.c: which table of kernels to use.
 *
 * A level is a row: its table, and what tells whether this processor and its
 * operating system run it.  Rows that the build lacks stay empty.
 */
#include <stdbool.h>

#include "kernel/levels.h"

#if defined(VDB_X86)
#include <cpuid.h>
#elif defined(VDB_ARM_DOTPROD) && defined(__linux__)
#include <sys/auxv.h>

#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1 << 20)
#endif
#endif

static const VdbKernel *current;

static const VdbKernel *
find_scalar(void)
{
	return &vdb_kernel_scalar;
}

#ifdef VDB_X86

/* The compiler's function asks XGETBV too: the system saves the registers. */
static const VdbKernel *
find_avx2(void)
{
	unsigned eax;
	unsigned ebx;
	unsigned ecx;
	unsigned edx;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
		return NULL;

	/* older compilers do not know this one by name */
	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_F16C))
		return NULL;
	return &vdb_kernel_avx2;
}

static const VdbKernel *
find_avx512(void)
{
	if (find_avx2() == NULL || !__builtin_cpu_supports("avx512f") ||
		!__builtin_cpu_supports("avx512bw") ||
		!__builtin_cpu_supports("avx512dq") ||
		!__builtin_cpu_supports("avx512vl"))
		return NULL;
	return &vdb_kernel_avx512;
}

static const VdbKernel *
find_avx512_vnni(void)
{
	if (find_avx512() == NULL || !__builtin_cpu_supports("avx512vnni"))
		return NULL;
	return &vdb_kernel_avx512_vnni;
}

#endif /* VDB_X86 */

#ifdef VDB_ARM_DOTPROD
static bool
has_dotprod(void)
{
#if defined(__ARM_FEATURE_DOTPROD)
	return true;
#elif defined(__linux__)
	return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
	return false;
#endif
}
#endif

#ifdef VDB_ARM

/* Every AArch64 processor has NEON, most have SDOT too. */
static const VdbKernel *
find_neon(void)
{
#ifdef VDB_ARM_DOTPROD
	if (has_dotprod())
		return &vdb_kernel_neon_dotprod;
#endif
	return &vdb_kernel_neon;
}

#endif /* VDB_ARM */

/* A level: how to find its table, and the level to try next without it. */
static const struct
{
	const VdbKernel *(*find)(void);
	VdbLevel below;
} levels[VDB_LEVELS] = {
	[VDB_SCALAR] = {find_scalar, VDB_SCALAR},
#ifdef VDB_X86
	[VDB_AVX2] = {find_avx2, VDB_SCALAR},
	[VDB_AVX512] = {find_avx512, VDB_AVX2},
	[VDB_AVX512_VNNI] = {find_avx512_vnni, VDB_AVX512},
#endif
#ifdef VDB_ARM
	[VDB_NEON] = {find_neon, VDB_SCALAR},
#endif
};

/* The level above all others of the processors that this build is for. */
#if defined(VDB_ARM)
#define TOP_LEVEL VDB_NEON
#else
#define TOP_LEVEL VDB_AVX512_VNNI
#endif

const VdbKernel *
vdb_kernel(void)
{
	if (current == NULL)
		vdb_kernel_limit(TOP_LEVEL);
	return current;
}

const VdbKernel *
vdb_kernel_at(VdbLevel level)
{
	if ((unsigned) level >= VDB_LEVELS || levels[level].find == NULL)
		return NULL;
	return levels[level].find();
}

/* An absent row has VDB_SCALAR (zero) below it, so the walk always ends. */
void
vdb_kernel_limit(VdbLevel level)
{
	const VdbKernel *kernel;

	if ((unsigned) level >= VDB_LEVELS)
		level = TOP_LEVEL;
	while ((kernel = vdb_kernel_at(level)) == NULL)
		level = levels[level].below;
	current = kernel;
}
