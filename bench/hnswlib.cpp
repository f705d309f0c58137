/*
 * hnswlib.cpp: hnswlib's graph in a process, without a server, as a yardstick.
 *
 *		hnswlib build BASE INDEX THREADS
 *		hnswlib search LABEL ROUND WARM SECONDS START K INDEX BASE QUERIES
 *			TRUTH EF...
 *
 * With M 16 and ef_construction 100.  BASE and QUERIES are normalized already
 * where the metric is cosine: squared distances then order alike.  "build"
 * prints seconds and bytes; "search" a row of CSV for each ef, in the form of
 * "client search", by one thread.
 */
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

/* The library's header is not free of warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wreorder"
#include <hnswlib/hnswlib.h>
#pragma GCC diagnostic pop

extern "C" {
#include "latency.h"
#include "vecs.h"
}

using Graph = hnswlib::HierarchicalNSW<float>;

static void
build(const char *base_path, const char *index_path, int threads)
{
	Vecs		base = vecs_open(base_path);
	hnswlib::L2Space space(base.dim);
	Graph		graph(&space, base.n, 16, 100);
	std::vector<std::thread> workers;
	double		began = now();
	struct stat st;

	graph.addPoint(const_cast<float *>(vecs_row(&base, 0)), 0);
	for (int t = 0; t < threads; t++)
		workers.emplace_back([&, t] {
			for (size_t i = 1 + t; i < base.n; i += threads)
				graph.addPoint(const_cast<float *>(vecs_row(&base, i)), i);
		});
	for (auto &worker : workers)
		worker.join();
	double		took = now() - began;

	graph.saveIndex(index_path);
	if (stat(index_path, &st) != 0)
		die("%s was not written", index_path);
	printf("%.3f,%lld\n", took, (long long) st.st_size);
}

struct Search
{
	const char *label;
	const char *round;
	size_t		warm;
	double		seconds;
	size_t		start;
	size_t		k;
	Vecs		queries;
	Vecs		truth;
};

static size_t
count_found(const Search &s, size_t query,
			std::priority_queue<std::pair<float, hnswlib::labeltype>> &rows)
{
	size_t		found = 0;

	for (; !rows.empty(); rows.pop())
		found += vecs_holds(&s.truth, query, s.k,
							(int32_t) rows.top().second);
	return found;
}

static void
search(const Search &s, Graph &graph, int ef)
{
	std::vector<double> times;
	size_t		found = 0;
	size_t		n = s.queries.n;
	double		began;

	graph.setEf(ef);
	for (size_t i = 0; i < s.warm; i++)
		graph.searchKnn(vecs_row(&s.queries,
								 (s.start + 2 * n - 1 - i % n) % n), s.k);
	began = now();
	for (size_t i = 0; i < n && (i < 20 || now() - began < s.seconds); i++)
	{
		size_t		query = (s.start + i) % n;
		double		at = latency_clock();
		auto		rows = graph.searchKnn(vecs_row(&s.queries, query), s.k);

		times.push_back(latency_clock() - at);
		found += count_found(s, query, rows);
	}
	double		sum = 0;

	for (double time : times)
		sum += time;
	n = times.size();
	printf("%s,ef=%d,%s,1,%zu,%.5f,%.2f,", s.label, ef, s.round, n,
		   (double) found / (n * s.k), n / sum);
	latency_print(times.data(), n);
}

int
main(int argc, char **argv)
{
	if (argc == 5 && std::string(argv[1]) == "build")
	{
		build(argv[2], argv[3], (int) number("threads", argv[4], 1, 64));
		return 0;
	}
	if (argc < 13 || std::string(argv[1]) != "search")
		die("usage: hnswlib build|search ARGUMENT...");
	Search		s = {argv[2], argv[3], (size_t) number("warm", argv[4], 0, 1e9),
		number("seconds", argv[5], 0, 1e9),
		(size_t) number("start", argv[6], 0, 1e9),
		(size_t) number("k", argv[7], 1, 1000),
		vecs_open(argv[10]), vecs_open(argv[11])};
	hnswlib::L2Space space(s.queries.dim);
	Graph		graph(&space, std::string(argv[8]));

	for (int i = 12; i < argc; i++)
		search(s, graph, (int) number("ef", argv[i], 1, 1e6));
	return 0;
}
