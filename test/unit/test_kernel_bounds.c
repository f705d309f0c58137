/*
 * test_kernel_bounds.c: lower bounds from products and factors.
 */
#include "kernel_test.h"

static void
put_factors(uint8_t *factors, const uint16_t add[VDB_GROUP],
			const uint16_t gain[VDB_GROUP])
{
	memcpy(factors, add, VDB_GROUP * sizeof(uint16_t));
	memcpy(factors + VDB_LINE / 2, gain, VDB_GROUP * sizeof(uint16_t));
}

static void
check_bounds(const VdbKernel *kernel, size_t shift)
{
	uint8_t *factors = area_a.end - VDB_LINE - shift;
	VdbBound bound = {10 * rnd_float(), rnd_float() / 1000, rnd_float()};
	uint16_t add[VDB_GROUP];
	uint16_t gain[VDB_GROUP];
	int32_t acc[VDB_GROUP];
	float out[VDB_GROUP];
	float threshold = 10 * rnd_float();
	uint32_t keep;

	for (int v = 0; v < VDB_GROUP; v++)
	{
		add[v] = vdb_f32_to_f16(10 * rnd_float());
		gain[v] = vdb_f32_to_f16(rnd_float());
		acc[v] = rnd_between(-2000000, 2000000);
	}
	put_factors(factors, add, gain);
	keep = kernel->bound_f16(factors, acc, &bound, threshold, out);
	check_that(keep >> VDB_GROUP == 0, "mask %x", keep);
	for (int v = 0; v < VDB_GROUP; v++)
	{
		double x = vdb_f16_to_f32(add[v]);
		double g = vdb_f16_to_f32(gain[v]);
		double product = (double) bound.scale * acc[v];
		double want = bound.base + x - g * (product + bound.shift);
		double size = fabs(bound.base) + fabs(x) +
					  fabs(g) * (fabs(product) + fabs(bound.shift));

		check_that(fabs(out[v] - want) <= 3 * FLT_EPSILON * size,
				   "vector %d: %.9g, not %.9g", v, out[v], want);
		check_that((keep >> v & 1) == !(out[v] > threshold),
				   "vector %d: %g against %g, mask %x", v, out[v], threshold,
				   keep);
	}
}

static void
test_bounds(const VdbKernel *kernel)
{
	check_begin("%s: bound_f16", kernel->name);
	for (int i = 0; i < 2000; i++)
		check_bounds(kernel, (size_t) i % VDB_LINE);
	check_end();
}

/* Every half in every lane, as "add" and as "gain", with the scalar's answer */
static void
test_bounds_halves(const VdbKernel *kernel)
{
	const VdbKernel *scalar = vdb_kernel_at(VDB_SCALAR);
	static const VdbBound as_add = {0, 0, 0};
	static const VdbBound as_gain = {0, 1, 0};
	uint8_t *factors = area_a.end - VDB_LINE;
	int32_t acc[VDB_GROUP];
	float got[VDB_GROUP];
	float want[VDB_GROUP];

	for (int v = 0; v < VDB_GROUP; v++)
		acc[v] = v - VDB_GROUP / 2;

	check_begin("%s: bound_f16 reads every half and keeps NaN", kernel->name);
	for (uint32_t half = 0; half < 65536; half++)
	{
		uint16_t halves[VDB_GROUP];
		uint16_t zeros[VDB_GROUP] = {0};
		uint32_t keep;

		for (int v = 0; v < VDB_GROUP; v++)
			halves[v] = (uint16_t) (half + (uint32_t) v * 4099);

		for (int i = 0; i < 2; i++)
		{
			const VdbBound *bound = i == 0 ? &as_add : &as_gain;

			put_factors(factors, i == 0 ? halves : zeros,
						i == 0 ? zeros : halves);
			keep = kernel->bound_f16(factors, acc, bound, 0.5f, got);
			check_that(keep ==
						   scalar->bound_f16(factors, acc, bound, 0.5f, want),
					   "half %04x: mask %x", half, keep);
			for (int v = 0; v < VDB_GROUP; v++)
			{
				check_that(same(got[v], want[v]), "half %04x: %g, not %g",
						   halves[v], got[v], want[v]);
				check_that((keep >> v & 1) == !(want[v] > 0.5f),
						   "half %04x: mask %x", halves[v], keep);
			}
		}
	}
	check_end();
}

/* Thresholds that are infinite or no number, and one that is met exactly. */
static void
test_bounds_thresholds(const VdbKernel *kernel)
{
	static const VdbBound bound = {1, 0, 0};
	static const struct
	{
		float threshold;
		uint32_t keep;
	} cases[] = {
		{INFINITY, 0xffff}, {-INFINITY, 0}, {NAN, 0xffff},
		{1, 0xffff},		{0.99f, 0},		{1.01f, 0xffff},
	};
	uint8_t *factors = area_a.end - VDB_LINE;
	int32_t acc[VDB_GROUP] = {0};
	float out[VDB_GROUP];

	memset(factors, 0, VDB_LINE);
	check_begin("%s: bound_f16 thresholds", kernel->name);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint32_t keep =
			kernel->bound_f16(factors, acc, &bound, cases[i].threshold, out);

		check_that(keep == cases[i].keep, "threshold %g: mask %x, not %x",
				   cases[i].threshold, keep, cases[i].keep);
	}
	check_end();
}

/* Groups whose bounds are as likely to be above a threshold as not. */
static void
fill_groups(uint8_t *groups, size_t n, const VdbGroups *form, int8_t *query)
{
	for (size_t i = 0; i < n * form->stride; i++)
		groups[i] = (uint8_t) rnd();
	for (size_t i = 0; i < form->nlines * 16; i++)
		query[i] = (int8_t) rnd_between(-127, 127);
	for (size_t i = 0; i < n; i++)
	{
		uint16_t add[VDB_GROUP];
		uint16_t gain[VDB_GROUP];

		for (int v = 0; v < VDB_GROUP; v++)
		{
			add[v] = vdb_f32_to_f16(10 + rnd_float());
			gain[v] = vdb_f32_to_f16(rnd_float());
		}
		put_factors(groups + i * form->stride, add, gain);
	}
}

/* All groups of a run, each found by the kernels of one. */
static void
check_bounds2(const VdbKernel *kernel, size_t n, const VdbGroups *form)
{
	uint8_t *groups = area_a.end - n * form->stride;
	int8_t *query = (int8_t *) area_b.end - form->nlines * 16;
	VdbBound bound = {0, 1.0f / 1000, 0};
	float threshold = 9 + rnd_float();
	size_t found = 0;

	fill_groups(groups, n, form, query);
	for (size_t i = 0; i < n; i++)
	{
		const uint8_t *group = groups + i * form->stride;
		int32_t acc[VDB_GROUP] = {0};
		float want[VDB_GROUP];
		float got[VDB_GROUP];
		uint32_t keep;
		uint32_t mask = 0;

		kernel->code_dot2(group + form->codes, query, form->nlines, acc);
		keep = kernel->bound_f16(group, acc, &bound, threshold, want);
		if (keep == 0)
			continue;
		found +=
			kernel->code_bounds2(groups + found * form->stride, n - found, form,
								 query, &bound, threshold, got, &mask);
		check_that(found == i && mask == keep &&
					   memcmp(got, want, sizeof(got)) == 0,
				   "%zu lines, group %zu: mask %x, found %zu with %x",
				   form->nlines, i, keep, found, mask);
		found = i + 1;
	}
	check_that(kernel->code_bounds2(groups + found * form->stride, n - found,
									form, query, &bound, threshold,
									(float[VDB_GROUP]){0},
									&(uint32_t){0}) == n - found,
			   "%zu lines: something behind the last group", form->nlines);
}

static void
test_bounds_of_runs(const VdbKernel *kernel)
{
	check_begin("%s: code_bounds2 is code_dot2 and bound_f16", kernel->name);
	for (size_t nlines = 0; nlines <= 130; nlines++)
		for (size_t n = 0; n <= 12; n++)
		{
			VdbGroups form = {.nlines = nlines};

			form.codes = VDB_LINE * (1 + n % 4);
			form.stride = form.codes + nlines * VDB_LINE;
			form.ahead = n % 3 * form.stride;
			check_bounds2(kernel, n, &form);
		}
	check_end();
}

static void
test_level(const VdbKernel *kernel)
{
	test_bounds(kernel);
	test_bounds_halves(kernel);
	test_bounds_thresholds(kernel);
	test_bounds_of_runs(kernel);
}

int
main(int argc, char **argv)
{
	return kernel_test(argc, argv, NULL, test_level);
}
