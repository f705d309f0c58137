/*
 * options.h: options of an index, as in WITH (lists = 500).
 */
#ifndef VECDB_IVF_SPACE_OPTIONS_H
#define VECDB_IVF_SPACE_OPTIONS_H

#include "compat.h"

#include "access/reloptions.h"
#include "utils/relcache.h"

/*
 * The errors of codes are normal, and of one size, where there are many
 * dimensions.  Where there are so few, padded, they are neither.  So codes have
 * 8 bits, for 12 bytes more a row, and bounds allow for the greatest error that
 * is trusted (VDB_MAX_ERROR_RATIO) in place of the mean.
 */
#define IVF_FEW_DIMENSIONS 16
#define IVF_BIT_DEFAULT_BITS 1 /* of bit strings: the bits themselves */
#define IVF_DEFAULT_GROWTH 1.5
#define IVF_SPILL_AUTOMATIC (-1)
#define IVF_DEFAULT_M 16
#define IVF_DEFAULT_EF_CONSTRUCTION 64

typedef struct IvfOptions
{
	int32 vl_len_;	/* varlena header (do not touch directly!) */
	int lists;		/* 0: automatic */
	int bits;		/* 0: automatic */
	int dimensions; /* 0: the column's */
	int m;			/* of hnsw: kept for clients, without effect */
	int ef_construction;
	bool autotrain; /* vacuum may train the index again */
	double growth;	/* the factor of rows at which it does */
	double spill;	/* share of the rows in two lists; IVF_SPILL_AUTOMATIC */
} IvfOptions;

/* Define the options, once in a process. */
extern void ivf_options_init(void);

/* The methods' callbacks: reloptions parsed, palloc'd, or NULL. */
extern bytea *ivf_ivfflat_options(Datum reloptions, bool validate);
extern bytea *ivf_hnsw_options(Datum reloptions, bool validate);

/* Raise an error where options do not go together: before a build. */
extern void ivf_options_require(Relation index);

extern int ivf_option_lists(Relation index);
extern int ivf_option_bits(Relation index, int initial);
extern bool ivf_option_autotrain(Relation index);
extern double ivf_option_growth(Relation index);

/* The share of the rows in two lists, or IVF_SPILL_AUTOMATIC. */
extern double ivf_option_spill(Relation index);

/* The same as the metapage has it: 0 where it is automatic, -1 for none. */
extern float ivf_spill_asked(Relation index);

/* 0 without. */
extern uint32 ivf_option_dimensions(Relation index);

/* Bits of a code's field for D padded dimensions. */
extern int ivf_automatic_bits(uint32 padded);

/* Lists for so many rows of D padded dimensions. */
extern uint32 ivf_automatic_lists(double rows, uint32 padded);

#endif /* VECDB_IVF_SPACE_OPTIONS_H */
