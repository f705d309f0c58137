/*
 * query.c: a query in the space of the codes, and the lists near to it.
 *
 * The root's codes of 8 bits are the centroids (ivf_code_centroid), so that
 * the only error of a list's distance is the query's own quantization; with
 * both bytes of it, hi and lo, that is some 1e-5 of |z| |c|.
 */
#include "compat.h"

#include <math.h>

#include "ivf/ivf.h"

/* Relative error of sums of float32 products, with room to spare. */
#define ROUNDING 2e-6f

void
ivf_query_init(IvfQuery *query, const IvfIndex *ivf)
{
	query->ivf = ivf;
	query->z = palloc(ivf->meta.padded * sizeof(float));
	query->code.hi = palloc(ivf->meta.padded);
	query->code.lo = palloc(ivf->meta.padded);
}

void
ivf_query_set(IvfQuery *query, const float *z)
{
	const IvfIndex *ivf = query->ivf;
	uint32 dim = ivf->meta.padded;

	memcpy(query->z, z, dim * sizeof(float));
	vdb_quantize_query(z, dim, &query->code);
	query->mean_dot =
		vdb_kernel()->dot_f32(ivf_mean(ivf), z, dim) + ivf->meta.mean_norm2;
}

/* Lists ------------------------------------------------------------------ */

typedef struct ProbeCollector
{
	const IvfQuery *query;
	IvfProbe *probes;
	uint32 count;
	uint32 room;
} ProbeCollector;

/* Fill in what the scan needs of a list whose centroid c has these figures. */
static void
set_probe(const IvfQuery *query, float norm2, float mean_dot, float dot,
		  IvfProbe *probe)
{
	float gap2 = Max(norm2 + query->code.norm2 - 2 * dot, 0);

	probe->norm = sqrtf(norm2);
	probe->gap = sqrtf(gap2);
	probe->distance = query->ivf->type->metric == IVF_IP
						  ? -query->mean_dot - mean_dot - dot
						  : gap2;
}

static void
collect_group(void *arg, const IvfGroup *group)
{
	ProbeCollector *collector = arg;
	const IvfQuery *query = collector->query;
	const VdbCodeFormat *format = query->ivf->centroid_format;
	const IvfInnerFactors *factors = group->factors;

	if (collector->count + VDB_GROUP > collector->room)
	{
		collector->room = Max(collector->room * 2, 16 * VDB_GROUP);
		collector->probes = repalloc_huge(collector->probes,
										  collector->room * sizeof(IvfProbe));
	}
	for (uint32 i = 0; i < group->slots; i++)
	{
		IvfProbe *probe = &collector->probes[collector->count];
		float dot = factors->gain[i] *
					vdb_query_inner_fine(&query->code, format, group->dot[0][i],
										 group->dot[1][i]);

		if (!ItemPointerIsValid(&group->slot[i].tid))
			continue;
		set_probe(query, factors->norm2[i], factors->mean_dot[i], dot, probe);
		probe->head = ItemPointerGetBlockNumberNoCheck(&group->slot[i].tid);
		probe->slot = group->number * VDB_GROUP + i;
		probe->pages = group->slot[i].detail;
		collector->count++;
	}
}

/* Lists have to lie in the index, or reading one gives a puzzling error. */
static void
check_heads(Relation index, const IvfProbe *probes, uint32 count)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(index);

	for (uint32 i = 0; i < count; i++)
		if (probes[i].head >= blocks)
			ivf_page_corrupted(index, probes[i].head,
							   "list lies behind the end of the index");
}

uint32
ivf_probes_all(Relation index, const IvfQuery *query, IvfProbe **probes,
			   uint32 *room)
{
	const IvfIndex *ivf = query->ivf;
	IvfReading reading = {
		.queries = {query->code.hi, query->code.lo},
		.nqueries = 2,
		.first = IVF_NO_AHEAD,
	};
	ProbeCollector collector = {.query = query};

	if (*probes == NULL)
	{
		*room = VDB_GROUP;
		*probes = palloc(*room * sizeof(IvfProbe));
	}
	if (ivf->meta.height == 0)
	{
		set_probe(query, 0, 0, 0, &(*probes)[0]);
		(*probes)[0].head = ivf->meta.root;
		(*probes)[0].slot = 0;
		(*probes)[0].pages = 0;
		return 1;
	}

	collector.probes = *probes;
	collector.room = *room;
	ivf_list_visit(index, ivf->meta.root, &ivf->inner, &reading, collect_group,
				   &collector);
	*probes = collector.probes;
	*room = collector.room;
	check_heads(index, collector.probes, collector.count);
	return collector.count;
}

static inline bool
nearer(const IvfProbe *a, const IvfProbe *b)
{
	return a->distance < b->distance ||
		   (a->distance == b->distance && a->slot < b->slot);
}

static int
compare_probes(const void *a, const void *b)
{
	return nearer(a, b) ? -1 : nearer(b, a) ? 1 : 0;
}

static inline void
swap_probes(IvfProbe *a, IvfProbe *b)
{
	IvfProbe t = *a;

	*a = *b;
	*b = t;
}

/* Hoare's selection: the nearest n of [0, count) come first, unordered. */
static void
select_nearest(IvfProbe *probes, uint32 count, uint32 n)
{
	uint32 low = 0;
	uint32 high = count;

	while (high - low > 1)
	{
		IvfProbe pivot = probes[low + (high - 1 - low) / 2];
		uint32 i = low;
		uint32 j = high - 1;

		for (;;)
		{
			while (nearer(&probes[i], &pivot))
				i++;
			while (nearer(&pivot, &probes[j]))
				j--;
			if (i >= j)
				break;
			swap_probes(&probes[i++], &probes[j--]);
		}
		if (n <= j + 1)
			high = j + 1;
		else
			low = j + 1;
		if (n == low || n == high)
			return;
	}
}

void
ivf_probes_nearest(IvfProbe *probes, uint32 from, uint32 count, uint32 n)
{
	Assert(from + n <= count);
	if (n < count - from)
		select_nearest(probes + from, count - from, n);
	qsort(probes + from, n, sizeof(IvfProbe), compare_probes);
}

typedef struct NearestCollector
{
	const IvfQuery *query;
	IvfProbe best;
} NearestCollector;

static void
collect_nearest(void *arg, const IvfGroup *group)
{
	NearestCollector *collector = arg;
	const IvfQuery *query = collector->query;
	const IvfInnerFactors *factors = group->factors;

	for (uint32 i = 0; i < group->slots; i++)
	{
		float dot =
			factors->gain[i] *
			vdb_query_inner_fine(&query->code, query->ivf->centroid_format,
								 group->dot[0][i], group->dot[1][i]);
		IvfProbe probe;

		set_probe(query, factors->norm2[i], factors->mean_dot[i], dot, &probe);
		if (!ItemPointerIsValid(&group->slot[i].tid) ||
			probe.gap >= collector->best.gap)
			continue;
		probe.head = ItemPointerGetBlockNumberNoCheck(&group->slot[i].tid);
		probe.slot = group->number * VDB_GROUP + i;
		probe.pages = group->slot[i].detail;
		collector->best = probe;
	}
}

IvfProbe
ivf_probe_nearest(Relation index, const IvfQuery *query)
{
	const IvfIndex *ivf = query->ivf;
	IvfReading reading = {
		.queries = {query->code.hi, query->code.lo},
		.nqueries = 2,
		.first = IVF_NO_AHEAD,
	};
	NearestCollector collector = {.query = query};

	collector.best.gap = INFINITY;
	collector.best.head = InvalidBlockNumber;
	if (ivf->meta.height == 0)
	{
		set_probe(query, 0, 0, 0, &collector.best);
		collector.best.head = ivf->meta.root;
	}
	else
		ivf_list_visit(index, ivf->meta.root, &ivf->inner, &reading,
					   collect_nearest, &collector);
	if (collector.best.head == InvalidBlockNumber)
		ivf_page_corrupted(index, ivf->meta.root, "root has no lists");
	return collector.best;
}

void
ivf_centroid_read(Relation index, const IvfIndex *ivf, uint32 slot,
				  float *centroid)
{
	IvfEntry *entry;
	uint8 *fields;

	if (ivf->meta.height == 0)
	{
		memset(centroid, 0, ivf->meta.padded * sizeof(float));
		return;
	}
	entry = ivf_entry_create(&ivf->inner);
	fields = palloc(ivf->meta.padded);
	ivf_list_read_entry(index, ivf->meta.root, &ivf->inner, slot, entry);
	ivf_centroid_decode(ivf, entry, fields, centroid);
	pfree(fields);
	pfree(entry);
}

/* Bounds ----------------------------------------------------------------- */

void
ivf_probe_bound(const IvfQuery *query, const IvfProbe *probe, VdbBound *bound)
{
	const IvfIndex *ivf = query->ivf;
	const VdbCodeFormat *format = ivf->format;
	float factor = ivf->type->metric == IVF_IP ? 1 : 2;

	/* The errors of the code and of the quantized query are independent. */
	float error =
		hypotf(format->error * probe->gap, format->spread * query->code.rest);

	bound->base = probe->distance -
				  ROUNDING * (query->code.norm2 + probe->norm * probe->norm +
							  fabsf(query->mean_dot));
	bound->scale = factor * query->code.step;
	bound->shift =
		factor * (IVF_EPSILON * error -
				  query->code.step * format->center * query->code.hi_sum);
}

double
ivf_bound_unit(const IvfIndex *ivf)
{
	double scale = ivf->meta.scale > 0 ? ivf->meta.scale : 1;

	return scale * scale * (ivf->type->metric == IVF_COSINE ? 0.5 : 1);
}
