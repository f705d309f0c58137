/*
 * radius.c: see radius.h.
 *
 * A condition "distance to q <= r" comes as a scan key of strategy 2.  It says
 * where a scan ends if q is the scan's own query: bounds beyond the radius do
 * not get into the queue, and rows beyond it are no answers.  A condition with
 * another q, as "WHERE v <-> a <= r ORDER BY v <-> b" has, is left to the
 * executor, which checks the rows again.
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/conditions.h"
#include "ivf/scan/probes.h"
#include "ivf/scan/radius.h"
#include "types/sphere.h"

/*
 * Lists of whose rows a larger share is within the radius do not tell where it
 * ends.
 */
#define MOST_WITHIN 0.5

static bool
is_radius(ScanKey key)
{
	return key->sk_attno == 1 && key->sk_strategy == IVF_RADIUS_STRATEGY;
}

ScanKey
ivf_radius_key(IndexScanDesc desc)
{
	for (int i = 0; i < desc->numberOfKeys; i++)
		if (is_radius(&desc->keyData[i]))
			return &desc->keyData[i];
	return NULL;
}

bool
ivf_radius_center(ScanKey key, Datum *center)
{
	VdbSphere sphere;

	if ((key->sk_flags & SK_ISNULL) ||
		!vdb_sphere_fields(key->sk_argument, &sphere))
		return false;
	*center = sphere.center;
	return true;
}

/* Are two values the same bytes?  One of them may be packed. */
static bool
same_value(Datum detoasted, Datum other)
{
	struct varlena *a = (struct varlena *) DatumGetPointer(detoasted);
	struct varlena *b = PG_DETOAST_DATUM(other);

	return VARSIZE(a) == VARSIZE(b) &&
		   memcmp(VARDATA(a), VARDATA(b), VARSIZE(a) - VARHDRSZ) == 0;
}

/*
 * The greatest distance as the type returns it to the scan (type.h) that a row
 * within the radius has: as long as a NaN is within it, everything is.
 */
static double
reach_of(const IvfScan *scan, double radius)
{
	if (isnan(radius))
		return INFINITY;
	return scan->state->type->reach
			   ? scan->state->type->reach(scan->value, radius)
			   : radius;
}

/* A condition on the distance to the scan's query; all of them have to hold. */
static void
add_sphere(IvfScan *scan, const VdbSphere *sphere)
{
	double reach = reach_of(scan, sphere->radius);

	scan->radius.reach = Min(scan->radius.reach, reach);
	scan->radius.undefined &= sphere->undefined || isnan(sphere->radius);
}

/* False where a NULL lets no row through. */
static bool
add_keys(IndexScanDesc desc, bool has_value)
{
	IvfScan *scan = desc->opaque;

	for (int i = 0; i < desc->numberOfKeys; i++)
	{
		ScanKey key = &desc->keyData[i];
		VdbSphere sphere;

		if (!is_radius(key))
			continue;
		if ((key->sk_flags & SK_ISNULL) ||
			!vdb_sphere_fields(key->sk_argument, &sphere))
			return false;
		if (has_value && same_value(scan->value, sphere.center))
			add_sphere(scan, &sphere);
		else
			scan->radius.recheck = true;
	}
	return true;
}

/*
 * Rows are checked again where the radius is not what the scan compares: under
 * a class's own distance, which has the square of the operator's or the like;
 * and where all rows come that are not NULL, or those without a distance.
 */
bool
ivf_radius_set(IndexScanDesc desc, bool has_value, bool placed)
{
	IvfScan *scan = desc->opaque;
	IvfRadius *radius = &scan->radius;

	*radius = (IvfRadius){
		.reach = INFINITY,
		.undefined = scan->state->space->normalize,
		.recheck = scan->state->type->own != NULL,
	};
	if (!add_keys(desc, has_value))
		return false;
	/* Every distance to a query without a place is a NaN. */
	if (!placed && ivf_radius_ends(scan) && radius->undefined)
		radius->reach = INFINITY;
	if (ivf_radius_key(desc))
		scan->recheck |=
			radius->recheck || !ivf_radius_ends(scan) || radius->undefined;
	return radius->undefined ||
		   (placed ? radius->reach > -INFINITY : !ivf_radius_ends(scan));
}

/* How many rows the calibration tells the lists of. */
static double
calibrated_rows(const IvfScan *scan)
{
	const IvfMetaPage *meta = &scan->state->meta;

	if (scan->settings.probes > 0 || meta->calibration.points == 0)
		return 0;
	return ivf_probes_deepest(meta);
}

/*
 * Are many of the lists' rows within the radius?  Then it reaches farther than
 * they do, however few lists so many rows ask for.  Rows that the snapshot does
 * not see count as well as those that it sees, and one more, since two or three
 * tell nothing.
 */
static bool
is_filled(const IvfScan *scan, double found)
{
	double rows = scan->radius.listed / ivf_entries_a_row(&scan->state->meta);

	return found + scan->report.invisible + 1 > MOST_WITHIN * rows;
}

bool
ivf_radius_complete(IvfScan *scan)
{
	double found = vdb_answers_so_far(&scan->answers);
	double gained = found - scan->radius.found;

	scan->radius.found = found;
	if (is_filled(scan, found))
		return false;
	return found / ivf_pass_rate(scan) <= calibrated_rows(scan) ||
		   gained <= (1 - scan->settings.target_recall) * found;
}
