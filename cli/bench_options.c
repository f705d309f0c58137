/*
 * bench_options.c
 *	  The options of vecdb bench.  Each value of --probes and --target-recall
 *	  becomes a setting, which is a row of the output.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "cli.h"

/* Exact answers are slow: the larger ones are for the patient. */
#define DEFAULT_QUERIES 1000
#define DEFAULT_RECALL_QUERIES 100
#define DEFAULT_SECONDS 5
#define DEFAULT_ROUNDS 3
#define DEFAULT_WARM 20

#define LARGEST_K 10000
#define LARGEST_QUERIES 100000
#define LARGEST_SEARCHES 1000000000
#define LARGEST_ROUNDS 1000
#define LARGEST_SECONDS 86400

enum
{
	OPT_HELP = 256,
	OPT_COLUMN,
	OPT_METRIC,
	OPT_QUERIES,
	OPT_QUERIES_FROM,
	OPT_RECALL_QUERIES,
	OPT_WHERE,
	OPT_PROBES,
	OPT_TARGET_RECALL,
	OPT_EXACT,
	OPT_SET,
	OPT_SECONDS,
	OPT_SEARCHES,
	OPT_ROUNDS,
	OPT_WARM,
	OPT_JSON
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"table", required_argument, NULL, 't'},
	{"column", required_argument, NULL, OPT_COLUMN},
	{"metric", required_argument, NULL, OPT_METRIC},
	{"count", required_argument, NULL, 'k'},
	{"queries", required_argument, NULL, OPT_QUERIES},
	{"queries-from", required_argument, NULL, OPT_QUERIES_FROM},
	{"format", required_argument, NULL, 'f'},
	{"recall-queries", required_argument, NULL, OPT_RECALL_QUERIES},
	{"where", required_argument, NULL, OPT_WHERE},
	{"probes", required_argument, NULL, OPT_PROBES},
	{"target-recall", required_argument, NULL, OPT_TARGET_RECALL},
	{"exact", no_argument, NULL, OPT_EXACT},
	{"set", required_argument, NULL, OPT_SET},
	{"clients", required_argument, NULL, 'c'},
	{"seconds", required_argument, NULL, OPT_SECONDS},
	{"searches", required_argument, NULL, OPT_SEARCHES},
	{"rounds", required_argument, NULL, OPT_ROUNDS},
	{"warm", required_argument, NULL, OPT_WARM},
	{"json", no_argument, NULL, OPT_JSON},
	{"quiet", no_argument, NULL, 'q'},
	CONN_LONG_OPTIONS,
	{NULL, 0, NULL, 0}};

static void
help(void)
{
	char formats[64];

	reader_format_names(formats, sizeof(formats));
	printf("vecdb bench measures the speed and the recall of searches in a "
		   "table.\n\n"
		   "Usage:\n  vecdb bench [OPTION]... [TABLE]\n\nOptions:\n"
		   "  -t, --table=NAME         the same as TABLE (default %s)\n"
		   "      --column=NAME        column of vectors (default %s)\n"
		   "      --metric=METRIC      l2, ip or cosine (default: that of an "
		   "index on\n"
		   "                           the column, else %s)\n"
		   "  -k, --count=N            rows of a search (default 10)\n"
		   "      --where=CONDITION    only rows that meet this condition, in "
		   "SQL\n"
		   "      --queries=N          different queries (default %d)\n"
		   "      --queries-from=FILE  take them from a file, not from the "
		   "table\n"
		   "  -f, --format=FORMAT      %s (default: by the file)\n"
		   "      --recall-queries=N   of them, compared with exact answers "
		   "(default %d;\n"
		   "                           0: measure no recall)\n",
		   DEFAULT_TABLE, DEFAULT_COLUMN, DEFAULT_METRIC, DEFAULT_QUERIES,
		   formats, DEFAULT_RECALL_QUERIES);
	printf("\nSettings, a row of the output each:\n"
		   "      --probes=N,...       lists of the index to read, 0 for "
		   "automatic\n"
		   "      --target-recall=R,...\n"
		   "                           recall that automatic searches aim "
		   "for\n"
		   "      --exact              also a scan of the table, without "
		   "index\n"
		   "      --set=NAME=VALUE     a setting for all rows; may be "
		   "repeated\n"
		   "Without --probes and --target-recall, searches run as set on the "
		   "server.\n"
		   "\nMeasurement:\n"
		   "  -c, --clients=N          searches at a time, a connection each "
		   "(default 1)\n"
		   "      --seconds=S          of each setting (default %d)\n"
		   "      --searches=N         of each setting, instead of a time\n"
		   "      --rounds=N           turns that the settings take "
		   "(default %d)\n"
		   "      --warm=N             searches of each connection in each "
		   "round that do\n"
		   "                           not count (default %d)\n"
		   "      --json               print JSON\n"
		   "  -q, --quiet              no progress\n"
		   "      --help               show this help, then exit\n",
		   DEFAULT_SECONDS, DEFAULT_ROUNDS, DEFAULT_WARM);
	conn_help();
	finish_stdout();
}

static long
integer(const char *option, const char *text, long low, long high)
{
	return integer_argument("bench", option, text, low, high);
}

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

/* A row for each number of the list, spelt as JSON wants it. */
static void
add_settings(struct bench *b, enum setting_kind kind, const char *list)
{
	char *copy = xstrdup(list);
	char *rest = copy;
	char *item;

	while ((item = strsep(&rest, ",")) != NULL)
		add_setting(
			b, kind,
			kind == PROBES
				? format("%ld", integer("--probes", item, 0, LARGEST_PROBES))
				: format("%g", decimal_argument("bench", "--target-recall",
												item, 0, 1)));
	free(copy);
}

static void
add_assignment(struct bench *b, const char *text)
{
	const char *equals = strchr(text, '=');
	struct assignment *a = &b->assignments[b->assignment_count];

	if (equals == NULL || equals == text)
		usage_error("bench", "--set expects NAME=VALUE, found \"%s\"", text);
	if (b->assignment_count++ == MAX_ASSIGNMENTS)
		usage_error("bench", "expected at most %d times --set",
					MAX_ASSIGNMENTS);
	a->name = format("%.*s", (int) (equals - text), text);
	a->value = equals + 1;
}

/* What is measured and in which table. */
static bool
take_subject(struct bench *b, int opt, char *arg)
{
	switch (opt)
	{
		case 't':
			b->table_name = arg;
			return true;
		case 'f':
			b->input.format = arg;
			return true;
		case 'k':
			b->k = integer("-k", arg, 1, LARGEST_K);
			return true;
		case OPT_COLUMN:
			b->column_name = arg;
			return true;
		case OPT_METRIC:
			b->metric = metric_named("bench", arg);
			return true;
		case OPT_WHERE:
			b->condition = arg;
			return true;
		case OPT_QUERIES:
			b->query_limit = integer("--queries", arg, 1, LARGEST_QUERIES);
			return true;
		case OPT_QUERIES_FROM:
			b->path = arg;
			return true;
		case OPT_RECALL_QUERIES:
			b->recall_limit =
				integer("--recall-queries", arg, 0, LARGEST_QUERIES);
			return true;
		default:
			return false;
	}
}

/* How it is measured. */
static void
take_manner(struct bench *b, int opt, char *arg)
{
	switch (opt)
	{
		case 'c':
			b->client_count = integer("-c", arg, 1, MAX_CLIENTS);
			break;
		case 'q':
			b->quiet = true;
			break;
		case OPT_PROBES:
			add_settings(b, PROBES, arg);
			break;
		case OPT_TARGET_RECALL:
			add_settings(b, TARGET_RECALL, arg);
			break;
		case OPT_EXACT:
			b->exact = true;
			break;
		case OPT_SET:
			add_assignment(b, arg);
			break;
		case OPT_SECONDS:
			b->seconds =
				decimal_argument("bench", "--seconds", arg, 0, LARGEST_SECONDS);
			break;
		case OPT_SEARCHES:
			b->searches = integer("--searches", arg, 1, LARGEST_SEARCHES);
			break;
		case OPT_ROUNDS:
			b->rounds = integer("--rounds", arg, 1, LARGEST_ROUNDS);
			break;
		case OPT_WARM:
			b->warm = integer("--warm", arg, 0, LARGEST_QUERIES);
			break;
		case OPT_JSON:
			b->json = true;
			break;
	}
}

static void
check_options(struct bench *b, int argc, char **argv)
{
	if (argc > 1)
		usage_error("bench", "expected one table, found %d", argc);
	if (argc == 1 && b->table_name != NULL)
		usage_error("bench", "unexpected argument \"%s\"", argv[0]);
	if (argc == 1)
		b->table_name = argv[0];
	if (b->table_name == NULL)
		b->table_name = DEFAULT_TABLE;
	if (b->input.format != NULL && b->path == NULL)
		usage_error("bench", "--format has no meaning without --queries-from");
	if (b->seconds > 0 && b->searches > 0)
		usage_error("bench", "expected --seconds or --searches, not both");
	if (b->seconds <= 0)
		b->seconds = DEFAULT_SECONDS;
	if (b->setting_count == 0)
		add_setting(b, AS_IS, NULL);
	if (b->exact)
		add_setting(b, EXACT, NULL);
}

/* False when the help was all that was asked for. */
bool
bench_options(struct bench *b, int argc, char **argv)
{
	int opt;

	*b = (struct bench){.column_name = DEFAULT_COLUMN,
						/* of words that nobody reads */
						.input = {.max_label = SIZE_MAX},
						.k = 10,
						.query_limit = DEFAULT_QUERIES,
						.recall_limit = DEFAULT_RECALL_QUERIES,
						.client_count = 1,
						.rounds = DEFAULT_ROUNDS,
						.warm = DEFAULT_WARM};
	while ((opt = getopt_long(argc, argv, CONN_SHORT_OPTIONS "t:k:f:c:q",
							  long_options, NULL)) != -1)
	{
		if (opt == OPT_HELP)
		{
			help();
			return false;
		}
		if (opt == '?')
		{
			hint("Try \"vecdb bench --help\".");
			exit(CODE_INPUT);
		}
		if (!conn_option(&b->connection, opt, optarg) &&
			!take_subject(b, opt, optarg))
			take_manner(b, opt, optarg);
	}
	check_options(b, argc - optind, argv + optind);
	return true;
}
