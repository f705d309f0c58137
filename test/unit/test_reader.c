/*
 * Files with named columns: each prefix of a good file, and files with bytes
 * changed at random, give rows or an error, and nothing worse.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "common/reader.h"
#include "common/tabular.h"

static const char *folder;

static const struct sample
{
	const char *suffix;
	const char *bytes;
	size_t len;
	int rows;
} samples[] = {
#define SAMPLE(suffix, bytes, rows) {suffix, bytes, sizeof(bytes) - 1, rows}
	SAMPLE("csv",
		   "\xef\xbb\xbfid,t,x,d,v\r\n1,\"a\"\"\r\nb\",1.5e3,2024-02-29,"
		   "\"[1, 2.5]\"\r\n\r\n2,,-2,2024-01-01T10:00+01:00,\"{3,-4e-1}\"\n",
		   2),
	SAMPLE("tsv", "id\tt\tv\n1\tx\xc3\xa9\t[1,2]\n2\t\"\t\"\t[3,4]\n", 2),
	SAMPLE("jsonl",
		   "{\"id\": 1, \"t\": \"a\\u00e9\\ud83d\\ude00\\n\", \"v\": [1, "
		   "2.5e0]}\n\n {\"v\": \"[3,4]\", \"m\": {\"k\": [1, {}, null, "
		   "true]}, \"b\": false}\n",
		   2),
	SAMPLE("npy",
		   "\x93NUMPY\x02\x00\x3d\x00\x00\x00{'descr': '|u1', "
		   "'fortran_order': False, 'shape': (2, 3), } \n"
		   "\1\2\3\4\5\6",
		   2),
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static char *
write_file(const char *suffix, const char *bytes, size_t len)
{
	char *path;
	FILE *file;

	if (asprintf(&path, "%s/file.%s", folder, suffix) < 0)
		abort();
	file = fopen(path, "wb");
	if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
		abort();
	return path;
}

/* The rows of a file, -1 after an error, whose text goes to error. */
static int
read_file(const char *suffix, const char *bytes, size_t len, char *error)
{
	static const struct reader_options options = {.max_label = 2000,
												  .null_vectors = true};
	char *path = write_file(suffix, bytes, len);
	struct reader r;
	struct row row;
	int rows = 0;
	int got = reader_open(&r, path, &options) ? 1 : -1;
	size_t sum = 0;

	while (got > 0 && (got = reader_next(&r, &row)) > 0)
	{
		rows++;
		for (int i = 0; i < row.cell_count; i++)
			if (row.cells[i].text != NULL)
				sum += strlen(row.cells[i].text) - row.cells[i].len;
	}
	if (sum != 0)
		got = -2;
	strcpy(error, got < 0 ? r.error : "");
	reader_close(&r);
	unlink(path);
	free(path);
	return got == -2 ? -2 : got < 0 ? -1 : rows;
}

static void
test_prefixes(const struct sample *s)
{
	char error[1024];

	check_begin("%s cut at each byte", s->suffix);
	for (size_t len = 0; len <= s->len; len++)
	{
		int rows = read_file(s->suffix, s->bytes, len, error);

		check_that(rows >= -1 && rows <= s->rows, "%zu bytes gave %d rows", len,
				   rows);
		check_that((rows < 0) == (error[0] != '\0'), "%zu bytes: error \"%s\"",
				   len, error);
		if (len == s->len)
			check_that(rows == s->rows, "%d rows: %s", rows, error);
	}
	check_end();
}

static void
test_changes(const struct sample *s)
{
	static const char likely[] = "\"\\{}[],:\n\r\t0eu\xff\xc3";
	char error[1024];
	char *bytes = malloc(s->len);

	check_begin("%s with bytes changed", s->suffix);
	for (int i = 0; i < 2000; i++)
	{
		int rows;

		memcpy(bytes, s->bytes, s->len);
		for (int n = rand() % 3; n >= 0; n--)
			bytes[(size_t) rand() % s->len] =
				rand() % 3 > 0 ? likely[(size_t) rand() % sizeof(likely)]
							   : (char) rand();
		rows = read_file(s->suffix, bytes, s->len, error);
		check_that(rows >= -1, "change %d gave %d", i, rows);
		check_that((rows < 0) == (error[0] != '\0'), "change %d: \"%s\"", i,
				   error);
	}
	check_end();
	free(bytes);
}

int
main(void)
{
	char made[] = "/tmp/test_reader.XXXXXX";

	folder = mkdtemp(made);
	if (folder == NULL)
		return 1;
	srand(1);
	for (size_t i = 0; i < SAMPLES; i++)
	{
		test_prefixes(&samples[i]);
		test_changes(&samples[i]);
	}
	rmdir(folder);
	return check_done();
}
