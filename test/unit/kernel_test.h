/*
 * kernel_test.h: what the tests of the kernels share.
 *
 * Every instruction set that this processor has is tested against the
 * definitions in kernel.h.  All inputs end where a page without access begins:
 * reading one byte too many ends the program.  Each program takes a seed as its
 * argument.
 */
#ifndef VECDB_KERNEL_TEST_H
#define VECDB_KERNEL_TEST_H

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "kernel/kernel.h"

#define GUARD 12345.0f	 /* behind what may be written */
#define LONGEST 16000	 /* dimensions that a vector may have */
#define MANY_LINES 20000 /* more than 32 bits hold in place */

/* An area of memory whose end is the start of a page without access. */
typedef struct Area
{
	uint8_t *end;
	size_t size;
} Area;

static Area area_a;
static Area area_b;
static Area area_c;
static uint64_t seed = 20260611;
static uint64_t state;

/* xorshift64*: the tests shall not change with the C library. */
__attribute__((unused)) static uint32_t
rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t) ((state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

__attribute__((unused)) static int
rnd_between(int low, int high)
{
	return low + (int) (rnd() % (uint32_t) (high - low + 1));
}

/* Uniform within -1 and 1. */
__attribute__((unused)) static float
rnd_float(void)
{
	return (float) ((int32_t) rnd() * 0x1p-31);
}

__attribute__((unused)) static Area
area_make(size_t size)
{
	size_t page = (size_t) sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) / page * page;
	Area area;
	uint8_t *start = mmap(NULL, whole + page, PROT_READ | PROT_WRITE,
						  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + whole, page, PROT_NONE) != 0)
	{
		perror("mmap");
		exit(2);
	}
	area.end = start + whole;
	area.size = whole;
	return area;
}

__attribute__((unused)) static bool
same(float x, float y)
{
	return x == y || (isnan(x) && isnan(y));
}

static const struct
{
	VdbLevel level;
	const char *name;
	int rank; /* on its own kind of processor */
	bool x86;
} known[VDB_LEVELS] = {
	{VDB_SCALAR, "scalar", 0, false}, {VDB_AVX2, "avx2", 1, true},
	{VDB_AVX512, "avx512", 2, true},  {VDB_AVX512_VNNI, "avx512_vnni", 3, true},
	{VDB_NEON, "neon", 1, false},
};

/*
 * A program: what is tested once, before any other use of a kernel, or NULL;
 * then what each table has to pass.
 */
static int
kernel_test(int argc, char **argv, void (*once)(void),
			void (*test_level)(const VdbKernel *kernel))
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	state = seed * 2 + 1;
	check_note("seed %llu", (unsigned long long) seed);
	area_a = area_make((size_t) MANY_LINES * VDB_LINE);
	area_b = area_make((size_t) MANY_LINES * VDB_LINE);
	area_c = area_make((size_t) VDB_SCREEN_LINES * VDB_LINE);
	if (once != NULL)
		once();
	for (int i = 0; i < VDB_LEVELS; i++)
	{
		const VdbKernel *kernel = vdb_kernel_at(known[i].level);

		if (kernel != NULL)
			test_level(kernel);
		else
			check_skip(known[i].name, "not on this processor");
	}
	return check_done();
}

#endif /* VECDB_KERNEL_TEST_H */
