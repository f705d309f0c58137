/*
 * vecs.c: see vecs.h.
 *
 * The numbers are taken as the machine's own: every CPU that PostgreSQL
 * packages are made for and that has a kernel here is little-endian, which
 * the first row's length would give away.
 */
#include "vecs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void find_rows(Vecs *vecs, const char *bytes, size_t size);

Vecs
vecs_open(const char *path)
{
	Vecs vecs = {.path = path};
	struct stat st;
	const char *bytes;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: %s", path, strerror(errno));
	if (st.st_size < 8)
		die("%s: holds no vector", path);
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	close(fd);
	find_rows(&vecs, bytes, st.st_size);
	return vecs;
}

static void
find_rows(Vecs *vecs, const char *bytes, size_t size)
{
	int32_t dim;

	memcpy(&dim, bytes, sizeof(dim));
	if (dim < 1 || dim > 65535)
		die("%s: the first vector has %d dimensions", vecs->path, dim);
	vecs->dim = dim;
	vecs->stride = (size_t) dim + 1;
	vecs->first = bytes + 4;
	if (size % (vecs->stride * 4) != 0)
		die("%s: is no whole number of vectors of %d dimensions", vecs->path,
			dim);
	vecs->n = size / (vecs->stride * 4);
	for (size_t i = 0; i < vecs->n; i++)
	{
		if (vecs_ints(vecs, i)[-1] != dim)
			die("%s: vector %zu has %d dimensions, not %d", vecs->path, i,
				vecs_ints(vecs, i)[-1], dim);
	}
}

void
vecs_write(FILE *file, const void *row, uint32_t dim)
{
	int32_t length = dim;

	if (fwrite(&length, 4, 1, file) != 1 || fwrite(row, 4, dim, file) != dim)
		die("cannot write: %s", strerror(errno));
}

static char *
temporary_name(const char *path)
{
	size_t size = strlen(path) + 5;
	char *name = allocate(size);

	snprintf(name, size, "%s.new", path);
	return name;
}

FILE *
output_open(const char *path)
{
	char *name = temporary_name(path);
	FILE *file = fopen(name, "wb");

	if (file == NULL)
		die("%s: %s", name, strerror(errno));
	free(name);
	return file;
}

void
output_close(FILE *file, const char *path)
{
	char *name = temporary_name(path);

	if (fclose(file) != 0 || rename(name, path) != 0)
		die("%s: %s", path, strerror(errno));
	free(name);
}

void
die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void *
allocate(size_t size)
{
	void *memory = NULL;

	if (posix_memalign(&memory, 64, size > 0 ? size : 1) != 0)
		die("out of memory: %zu bytes are wanted", size);
	return memory;
}

double
number(const char *name, const char *text, double least, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || !(value >= least && value <= most))
		die("--%s takes a number from %.15g to %.15g, not \"%s\"", name, least,
			most, text);
	return value;
}
