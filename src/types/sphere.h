/*
 * sphere.h: a value and a radius around it, as the one argument of an operator.
 *
 * A sphere is a composite type for each type of values, with the fields center,
 * radius and undefined; the radius is a distance as the operator's own returns
 * it.
 */
#ifndef VECDB_TYPES_SPHERE_H
#define VECDB_TYPES_SPHERE_H

#include "compat.h"

typedef struct VdbSphere
{
	Datum center; /* may be packed */
	double radius;
	bool undefined; /* a value whose distance is a NaN is in it, too */
} VdbSphere;

/*
 * The fields of a sphere, which is not NULL itself; false where center or
 * radius is NULL.  The center points into the sphere, or into a copy in the
 * current context where that was toasted.
 */
extern bool vdb_sphere_fields(Datum datum, VdbSphere *sphere);

#endif /* VECDB_TYPES_SPHERE_H */
