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
#include "math/least.h"

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
	IvfProbes *probes;
} ProbeCollector;

static void
make_room(IvfProbes *probes, uint32 room)
{
	if (room <= probes->room)
		return;
	room = Max(room, 2 * probes->room);
	if (probes->room == 0)
	{
		probes->lists = palloc(room * sizeof(IvfProbe));
		probes->order = palloc(room * sizeof(uint64));
	}
	else
	{
		probes->lists = repalloc_huge(probes->lists, room * sizeof(IvfProbe));
		probes->order = repalloc_huge(probes->order, room * sizeof(uint64));
	}
	probes->room = room;
}

/*
 * A list's place in the order of distance, then of slots, as one number, with
 * the list's number below.  The bits of a float order like an integer, when
 * the sign bit is turned over, and all of them where it is set.
 */
static inline uint64
order_of(float distance, uint32 number)
{
	uint32 bits;

	memcpy(&bits, &distance, sizeof(bits));
	bits ^= bits >> 31 ? PG_UINT32_MAX : UINT32_C(0x80000000);
	return (uint64) bits << 32 | number;
}

/* The list's distance is known: it is the next one. */
static inline void
add_probe(IvfProbes *probes)
{
	probes->order[probes->count] =
		order_of(probes->lists[probes->count].distance, probes->count);
	probes->count++;
}

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
	IvfProbes *probes = collector->probes;

	make_room(probes, probes->count + VDB_GROUP);
	for (uint32 i = 0; i < group->slots; i++)
	{
		IvfProbe *probe = &probes->lists[probes->count];
		float dot = factors->gain[i] *
					vdb_query_inner_fine(&query->code, format, group->dot[0][i],
										 group->dot[1][i]);

		if (!ItemPointerIsValid(&group->slot[i].tid))
			continue;
		set_probe(query, factors->norm2[i], factors->mean_dot[i], dot, probe);
		probe->head = ItemPointerGetBlockNumberNoCheck(&group->slot[i].tid);
		probe->slot = group->number * VDB_GROUP + i;
		probe->pages = group->slot[i].detail;
		add_probe(probes);
	}
}

/* Lists have to lie in the index, or reading one gives a puzzling error. */
static void
check_heads(Relation index, const IvfProbes *probes)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(index);

	for (uint32 i = 0; i < probes->count; i++)
		if (probes->lists[i].head >= blocks)
			ivf_page_corrupted(index, probes->lists[i].head,
							   "list lies behind the end of the index");
}

void
ivf_probes_all(Relation index, const IvfQuery *query, IvfProbes *probes)
{
	const IvfIndex *ivf = query->ivf;
	IvfReading reading = {
		.queries = {query->code.hi, query->code.lo},
		.nqueries = 2,
		.first = VDB_NO_AHEAD,
	};
	ProbeCollector collector = {query, probes};

	probes->count = 0;
	probes->sorted = 0;
	if (ivf->meta.height == 0)
	{
		make_room(probes, 1);
		set_probe(query, 0, 0, 0, &probes->lists[0]);
		probes->lists[0].head = ivf->meta.root;
		probes->lists[0].slot = 0;
		probes->lists[0].pages = 0;
		add_probe(probes);
		return;
	}
	ivf_list_visit(index, ivf->meta.root, &ivf->inner, &reading, collect_group,
				   &collector);
	check_heads(index, probes);
}

void
ivf_probes_sort(IvfProbes *probes, uint32 n)
{
	Assert(n <= probes->count);
	if (n <= probes->sorted)
		return;
	vdb_sort_least(probes->order + probes->sorted,
				   probes->count - probes->sorted, n - probes->sorted);
	probes->sorted = n;
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
		.first = VDB_NO_AHEAD,
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
ivf_probe_bound(const IvfQuery *query, const IvfProbe *probe, float epsilon,
				VdbBound *bound)
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
		factor * (epsilon * error -
				  query->code.step * format->center * query->code.hi_sum);
}

double
ivf_bound_unit(const IvfIndex *ivf)
{
	double scale = ivf->meta.scale > 0 ? ivf->meta.scale : 1;

	return scale * scale * (ivf->type->metric == IVF_COSINE ? 0.5 : 1);
}
