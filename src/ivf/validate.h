/*
 * validate.h: what the parts of validate.c share.
 */
#ifndef VECDB_IVF_VALIDATE_H
#define VECDB_IVF_VALIDATE_H

#include "compat.h"

/* Report what is wrong with an operator class. */
extern void ivf_class_fault(const char *method, const char *family,
							const char *what);

/* A class for scalars. */
typedef struct IvfScalarClass
{
	const char *method; /* names, for messages */
	const char *family_name;
	Oid family;
	Oid type;
} IvfScalarClass;

/* Has the family operators, but none that orders, and no function? */
extern bool ivf_family_is_scalar(Oid family);

/* Is the class one that columns can have?  Its faults are reported. */
extern bool ivf_validate_scalar(const IvfScalarClass *class);

#endif /* VECDB_IVF_VALIDATE_H */
