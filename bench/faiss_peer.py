#!/usr/bin/python3
"""FAISS's indexes in a process, without a server, as a yardstick.

    peers_faiss.py build KIND BASE INDEX
    peers_faiss.py search KIND LABEL ROUND WARM SECONDS START K INDEX BASE
        QUERIES TRUTH SETTING...

KIND is ivfflat, ivfpq (fast scan of 4-bit product codes, then exact
refinement) or hnsw.  A setting is nprobe, or efSearch with hnsw.  Queries are
searched one by one by one thread; "build" uses two.  Output as of hnswlib.cpp.
"""
import os
import sys
import time

import faiss
import numpy as np

REFINE = 10  # candidates that are refined, for each neighbour asked for


def read_vecs(path, kind=np.float32):
    """A matrix of fvecs or ivecs, without the column of lengths."""
    data = np.memmap(path, dtype=np.int32, mode='r')
    return data.reshape(-1, data[0] + 1)[:, 1:].view(kind)


def make(kind, rows, dim):
    lists = int(round(2 * rows ** 0.5))
    if kind == 'hnsw':
        index = faiss.IndexHNSWFlat(dim, 16)
        index.hnsw.efConstruction = 100
        return index
    if kind == 'ivfflat':
        return faiss.index_factory(dim, f'IVF{lists},Flat')
    return faiss.index_factory(dim, f'IVF{lists},PQ{dim // 2}x4fs')


def build(kind, base_path, index_path):
    faiss.omp_set_num_threads(2)
    base = np.ascontiguousarray(read_vecs(base_path))
    index = make(kind, *base.shape)
    began = time.monotonic()
    index.train(base)
    index.add(base)
    took = time.monotonic() - began
    faiss.write_index(index, index_path)
    print(f'{took:.3f},{os.stat(index_path).st_size}')


def searcher(kind, index, base, setting, k):
    """A function from a query (1 x d) to the row numbers found."""
    if kind == 'hnsw':
        index.hnsw.efSearch = setting
        return lambda q: index.search(q, k)[1][0]
    index.nprobe = setting
    if kind == 'ivfflat':
        return lambda q: index.search(q, k)[1][0]
    refined = faiss.IndexRefineFlat(index, faiss.swig_ptr(base))
    refined.k_factor = REFINE
    return lambda q: refined.search(q, k)[1][0]


def clock():
    """As latency.h says."""
    if os.environ.get('BENCH_CLOCK') == 'processor':
        return time.process_time()
    return time.perf_counter()


def measure(search, queries, truth, warm, seconds, start):
    n = len(queries)
    for i in range(warm):
        search(queries[(start - 1 - i) % n:][:1])
    times = []
    found = 0
    began = time.monotonic()
    for i in range(n):
        if i >= 20 and time.monotonic() - began > seconds:
            break
        q = (start + i) % n
        at = clock()
        rows = search(queries[q:q + 1])
        times.append(clock() - at)
        found += len(np.intersect1d(rows, truth[q]))
    return np.array(times) * 1e3, found


def search_all(kind, label, round_, warm, seconds, start, k, paths, settings):
    index_path, base_path, queries_path, truth_path = paths
    faiss.omp_set_num_threads(1)
    k = int(k)
    index = faiss.read_index(index_path)
    base = np.ascontiguousarray(read_vecs(base_path)) if kind == 'ivfpq' else None
    queries = np.ascontiguousarray(read_vecs(queries_path))
    truth = read_vecs(truth_path, np.int32)[:, :k]
    name = 'ef' if kind == 'hnsw' else 'nprobe'
    for setting in settings:
        search = searcher(kind, index, base, int(setting), k)
        ms, found = measure(search, queries, truth, int(warm), float(seconds),
                            int(start))
        # The nearest rank, as in cli/common/percentile.h.
        p50, p95, p99 = np.percentile(ms, [50, 95, 99], method='inverted_cdf')
        print(f'{label},{name}={setting},{round_},1,{len(ms)},'
              f'{found / (len(ms) * k):.5f},{1e3 / ms.mean():.2f},'
              f'{p50:.4f},{p95:.4f},{p99:.4f},{ms.mean():.4f}')


def main(argv):
    if len(argv) == 5 and argv[1] == 'build':
        build(*argv[2:])
    elif len(argv) > 13 and argv[1] == 'search':
        search_all(*argv[2:9], argv[9:13], argv[13:])
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main(sys.argv)
