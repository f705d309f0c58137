/*
 * kernel_guc.h: the setting vecdb.kernel.
 */
#ifndef VECDB_TYPES_KERNEL_GUC_H
#define VECDB_TYPES_KERNEL_GUC_H

/* Define the setting; called from _PG_init. */
extern void vdb_kernel_guc_init(void);

#endif /* VECDB_TYPES_KERNEL_GUC_H */
