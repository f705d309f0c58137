/*
 * options.h: options of an index, as in WITH (lists = 500).
 */
#ifndef VECDB_IVF_SPACE_OPTIONS_H
#define VECDB_IVF_SPACE_OPTIONS_H

#include "compat.h"

#include "access/reloptions.h"
#include "utils/relcache.h"

#define IVF_DEFAULT_BITS 2

typedef struct IvfOptions
{
	int32 vl_len_; /* varlena header (do not touch directly!) */
	int lists;	   /* 0: automatic */
	int bits;
} IvfOptions;

/* Define the options, once in a process. */
extern void ivf_options_init(void);

/* The callback: reloptions parsed, palloc'd, or NULL. */
extern bytea *ivf_options(Datum reloptions, bool validate);

extern int ivf_option_lists(Relation index);
extern int ivf_option_bits(Relation index);

/* Lists for so many rows of D padded dimensions. */
extern uint32 ivf_automatic_lists(double rows, uint32 padded);

#endif /* VECDB_IVF_SPACE_OPTIONS_H */
