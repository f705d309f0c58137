/*
 * bench_options.c
 *	  The options of vecdb bench.  Each value of --probes and --target-recall
 *	  becomes a setting, which is a row of the output.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bench_state.h"
#include "cli.h"
#include "options.h"

#define LARGEST_K 10000
#define LARGEST_QUERIES 100000
#define LARGEST_SEARCHES 1000000000
#define LARGEST_ROUNDS 1000
#define LARGEST_SECONDS 86400

/* The value is the setting's own from now on. */
static void
add_setting(struct bench *b, enum setting_kind kind, char *value)
{
	struct setting setting = {
		.kind = kind, .value = value, .recall = -1, .lists_read = -1};

	if (b->setting_count == MAX_SETTINGS)
		usage_error("bench", "expected at most %d settings", MAX_SETTINGS);
	b->settings[b->setting_count++] = setting;
}

/* A row of the output for each number of a list, spelt as JSON wants it. */
static void
take_settings(const struct option_row *row, const char *command,
			  const char *text, void *place)
{
	struct bench *b = place;
	bool probes = strcmp(row->name, "probes") == 0;
	char *copy = xstrdup(text);
	char *rest = copy;
	char *item;

	while ((item = strsep(&rest, ",")) != NULL)
		add_setting(b, probes ? PROBES : TARGET_RECALL,
					probes
						? format("%ld", option_integer_of(row, command, item))
						: format("%g", option_decimal_of(row, command, item)));
	free(copy);
}

static void
take_assignment(const struct option_row *row, const char *command,
				const char *text, void *place)
{
	struct bench *b = place;
	const char *equals = strchr(text, '=');
	struct assignment *a = &b->assignments[b->assignment_count];

	if (equals == NULL || equals == text)
		usage_error(command, "--%s expects NAME=VALUE, found \"%s\"", row->name,
					text);
	if (b->assignment_count++ == MAX_ASSIGNMENTS)
		usage_error(command, "expected at most %d times --%s", MAX_ASSIGNMENTS,
					row->name);
	a->name = format("%.*s", (int) (equals - text), text);
	a->value = equals + 1;
}

#define PLACE(member) .place = offsetof(struct bench, member)
#define ALL .place = 0 /* readers that add to an array of struct bench */

/* What is measured and in which table. */
static const struct option_row subject_rows[] = {
	{"table", 't', "NAME", DEFAULT_TABLE, "the same as TABLE (default %s)",
	 option_text, PLACE(table_name)},
	{"column", 0, "NAME", DEFAULT_COLUMN, "column of vectors (default %s)",
	 option_text, PLACE(column_name)},
	{"metric", 0, "METRIC", NULL,
	 "l2, ip or cosine (default: that of an index on\n"
	 "the column, else " DEFAULT_METRIC ")",
	 option_metric, PLACE(metric)},
	{"count", 'k', "N", "10", "rows of a search (default %s)", option_integer,
	 PLACE(k), RANGE(1, LARGEST_K)},
	{"where", 0, "CONDITION", NULL,
	 "only rows that meet this condition, in SQL", option_text,
	 PLACE(condition)},
	{"queries", 0, "N", "1000", "different queries (default %s)",
	 option_integer, PLACE(query_limit), RANGE(1, LARGEST_QUERIES)},
	{"queries-from", 0, "FILE", NULL,
	 "take them from a file, not from the table", option_text, PLACE(path)},
	{"format", 'f', "FORMAT", NULL, "%s (default: by the file)", option_text,
	 PLACE(input.format), .names = reader_format_names},
	/* Exact answers are slow: more of them are for the patient. */
	{"recall-queries", 0, "N", "100",
	 "of them, compared with exact answers (default %s;\n"
	 "0: measure no recall)",
	 option_integer, PLACE(recall_limit), RANGE(0, LARGEST_QUERIES)},
};

static const struct option_row setting_rows[] = {
	{"probes", 0, "N,...", NULL, "lists of the index to read, 0 for automatic",
	 take_settings, ALL, RANGE(0, LARGEST_PROBES)},
	{"target-recall", 0, "R,...", NULL,
	 "recall that automatic searches aim for", take_settings, ALL, RANGE(0, 1)},
	{"exact", 0, NULL, NULL, "also a scan of the table, without index",
	 option_flag, PLACE(exact)},
	{"set", 0, "NAME=VALUE", NULL, "a setting for all rows; may be repeated",
	 take_assignment, ALL},
};

/* How it is measured. */
static const struct option_row manner_rows[] = {
	{"clients", 'c', "N", "1",
	 "searches at a time, a connection each (default %s)", option_integer,
	 PLACE(client_count), RANGE(1, MAX_CLIENTS)},
	{"seconds", 0, "S", "5", "of each setting (default %s)", option_decimal,
	 PLACE(seconds), RANGE(0, LARGEST_SECONDS)},
	{"searches", 0, "N", NULL, "of each setting, instead of a time",
	 option_integer, PLACE(searches), RANGE(1, LARGEST_SEARCHES)},
	{"rounds", 0, "N", "3", "turns that the settings take (default %s)",
	 option_integer, PLACE(rounds), RANGE(1, LARGEST_ROUNDS)},
	{"warm", 0, "N", "20",
	 "searches of each connection in each round that do\n"
	 "not count (default %s)",
	 option_integer, PLACE(warm), RANGE(0, LARGEST_QUERIES)},
	{"json", 0, NULL, NULL, "print JSON", option_flag, PLACE(json)},
	{"quiet", 'q', NULL, NULL, "no progress", option_flag, PLACE(quiet)},
	HELP_OPTION};

static const struct option_group subject_group =
	OPTION_GROUP("\nOptions:\n", subject_rows, "");
static const struct option_group setting_group = OPTION_GROUP(
	"\nSettings, a row of the output each:\n", setting_rows,
	"Without --probes and --target-recall, searches run as set on the "
	"server.\n");
static const struct option_group manner_group =
	OPTION_GROUP("\nMeasurement:\n", manner_rows, "");

static const struct option_table options = {
	"bench",
	"vecdb bench measures the speed and the recall of searches in a table.\n\n"
	"Usage:\n  vecdb bench [OPTION]... [TABLE]\n",
	{&subject_group, &setting_group, &manner_group, &conn_option_group}};

static void
check_options(struct bench *b, const struct arguments *left)
{
	if (left->count > 1)
		usage_error("bench", "expected one table, found %d", left->count);
	if (left->count == 1 && option_given(&options, left, "table"))
		usage_error("bench", "unexpected argument \"%s\"", left->texts[0]);
	if (left->count == 1)
		b->table_name = left->texts[0];
	if (b->input.format != NULL && b->path == NULL)
		usage_error("bench", "--format has no meaning without --queries-from");
	if (b->searches > 0 && option_given(&options, left, "seconds"))
		usage_error("bench", "expected --seconds or --searches, not both");
	if (b->setting_count == 0)
		add_setting(b, AS_IS, NULL);
	if (b->exact)
		add_setting(b, EXACT, NULL);
}

/* False when the help was all that was asked for. */
bool
bench_options(struct bench *b, int argc, char **argv)
{
	struct arguments left;

	*b = (struct bench){/* of words that nobody reads */
						.input = {.max_label = LONG_MAX}};
	if (!options_parse(&options, b, argc, argv, &left))
		return false;
	check_options(b, &left);
	return true;
}
