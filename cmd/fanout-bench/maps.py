"""Runs one peer on the work of the parallel maps, and prints what it took as JSON.

    FANOUT_BENCH_WORK=work.json python maps.py PEER
    python maps.py versions

tasks.go.txt makes the same measurements in Go. All times are in seconds. What a
peer cannot do is missing.
"""

import importlib.metadata
import json
import logging
import os
import platform
import statistics
import sys
from time import perf_counter

import tasks


class Peer:
    """A way to map on workers. Each calls its library as its manual does."""

    packages = []  # that it needs
    alone = False  # it has no workers

    def __init__(self, workers):
        self.workers = workers

    def start(self):
        pass

    def stop(self):
        pass

    def map(self, f, xs):
        """A list of results; chunks as the library sizes them."""
        raise NotImplementedError

    def spread(self, f, xs):
        """The same, by the call that the library has for tasks that are tiny."""
        return self.map(f, xs)

    def map1(self, f, xs):
        """The same, each task handed out by itself."""
        raise NotImplementedError

    def submit(self, f, xs):
        """Results of tasks that are submitted one by one."""
        raise NotImplementedError

    def floats(self, xs):
        """The cheap function of an array, piece by piece."""
        np = tasks.numpy
        return np.concatenate(self.map(tasks.cheap, np.array_split(xs, 4 * self.workers)))


class Serial(Peer):
    """A list comprehension."""

    alone = True

    def map(self, f, xs):
        return [f(x) for x in xs]

    def floats(self, xs):
        raise NotImplementedError  # that is numpy's


class Pool(Peer):
    def start(self):
        import multiprocessing

        self.pool = multiprocessing.Pool(self.workers)

    def stop(self):
        self.pool.terminate()
        self.pool.join()

    def map(self, f, xs):
        return self.pool.map(f, xs)

    def map1(self, f, xs):
        return self.pool.map(f, xs, chunksize=1)

    def submit(self, f, xs):
        return [r.get() for r in [self.pool.apply_async(f, (x,)) for x in xs]]


class Executor(Peer):
    kind = ""

    def start(self):
        import concurrent.futures

        self.pool = getattr(concurrent.futures, self.kind)(self.workers)

    def stop(self):
        self.pool.shutdown(cancel_futures=True)

    def map(self, f, xs):
        return list(self.pool.map(f, xs))

    def map1(self, f, xs):
        return list(self.pool.map(f, xs, chunksize=1))

    def submit(self, f, xs):
        return [r.result() for r in [self.pool.submit(f, x) for x in xs]]


class Threads(Executor):
    kind = "ThreadPoolExecutor"


class Processes(Executor):
    kind = "ProcessPoolExecutor"


class Joblib(Peer):
    packages = ["joblib"]

    def start(self):
        import joblib

        self.delayed = joblib.delayed
        self.parallel = joblib.Parallel(n_jobs=self.workers)
        self.one = joblib.Parallel(n_jobs=self.workers, batch_size=1)

    def stop(self):
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(kill_workers=True)

    def map(self, f, xs):
        return self.parallel(self.delayed(f)(x) for x in xs)

    def map1(self, f, xs):
        return self.one(self.delayed(f)(x) for x in xs)


class IPyParallel(Peer):
    packages = ["ipyparallel"]

    def start(self):
        import ipyparallel

        self.cluster = ipyparallel.Cluster(n=self.workers, log_level=logging.ERROR)
        self.client = self.cluster.start_and_connect_sync(activate=False)
        self.balanced = self.client.load_balanced_view()
        self.direct = self.client[:]

    def stop(self):
        self.cluster.stop_cluster_sync()

    def map(self, f, xs):
        return list(self.balanced.map_sync(f, xs))

    def spread(self, f, xs):
        return list(self.direct.map_sync(f, xs))

    def map1(self, f, xs):
        return list(self.balanced.map_sync(f, xs, chunksize=1))

    def submit(self, f, xs):
        return [r.get() for r in [self.balanced.apply_async(f, x) for x in xs]]


class Dask(Peer):
    packages = ["distributed", "dask"]

    def start(self):
        import dask.bag
        import distributed

        self.bag = dask.bag.from_sequence
        self.cluster = distributed.LocalCluster(
            n_workers=self.workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
        )
        self.client = distributed.Client(self.cluster)

    def stop(self):
        self.client.close()
        self.cluster.close()

    # Dask takes functions for pure, and remembers their results; not with pure=False.

    def map(self, f, xs):
        return self.client.gather(self.client.map(f, xs, pure=False))

    def spread(self, f, xs):
        return self.bag(xs, npartitions=4 * self.workers).map(f).compute()

    map1 = map

    def submit(self, f, xs):
        return [r.result() for r in [self.client.submit(f, x, pure=False) for x in xs]]

    def floats(self, xs):
        np = tasks.numpy
        pieces = self.client.scatter(np.array_split(xs, 4 * self.workers))
        return np.concatenate(self.map(tasks.cheap, pieces))


FEW, MANY = 64, 20_000  # tasks that a measurement of the cost of a task begins with
VECTORISED = {tasks.inside: tasks.inside_numpy, tasks.sieve: tasks.sieve_numpy}


class Numpy(Serial):
    """Whole arrays, on one core."""

    packages = ["numpy"]

    def map(self, f, xs):
        if f not in VECTORISED:
            raise NotImplementedError
        return [VECTORISED[f](x) for x in xs]

    def floats(self, xs):
        return tasks.cheap(xs)


class NumpyPool(Pool):
    """The same in the tasks of multiprocessing.Pool."""

    packages = ["numpy"]

    def map(self, f, xs):
        if f not in VECTORISED:
            raise NotImplementedError
        return self.pool.map(VECTORISED[f], xs)

    map1 = submit = Peer.map1

    def floats(self, xs):
        raise NotImplementedError  # that is the Pool's


PEERS = {
    "serial": Serial,
    "numpy": Numpy,
    "numpy-pool": NumpyPool,
    "pool": Pool,
    "threads": Threads,
    "processes": Processes,
    "joblib": Joblib,
    "ipyparallel": IPyParallel,
    "dask": Dask,
}


def versions():
    """The version of each peer; null for one that is not installed."""
    found = {}
    for name, peer in PEERS.items():
        try:
            found[name] = [f"{p} {importlib.metadata.version(p)}" for p in peer.packages]
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return {"python": platform.python_version(), "peers": found}


def timed(call):
    start = perf_counter()
    call()
    return perf_counter() - start


def middle(repeats, measure):
    return statistics.median(measure() for _ in range(repeats))


class Work:
    """What is to be mapped, and how it is measured; see tasks.go.txt."""

    def __init__(self, spec):
        self.__dict__.update(spec)

    def per_task(self, call, n):
        """What one of n tasks takes, or of as many more as a measurement needs."""
        n = min(n, self.Cap)
        while True:
            took = timed(lambda: call(n))
            if took >= self.Seconds or n == self.Cap:
                break
            n = min(self.Cap, int(n * min(16, max(2, 1.2 * self.Seconds / took))))
        if took > 5 * self.Seconds:
            return took / n
        return middle(self.Repeats, lambda: timed(lambda: call(n))) / n

    def uneven(self, peer, ms):
        if peer.alone:
            raise NotImplementedError
        ideal = max(sum(ms) / self.Workers, max(ms)) / 1e3
        return middle(self.Repeats, lambda: timed(lambda: peer.map(tasks.spin, ms))) / ideal

    def memory(self, peer):
        if tasks.numpy is None:
            raise NotImplementedError
        xs = tasks.numpy.arange(self.Floats) / 2

        def say(text):  # and wait until cmd/fanout-bench has heard it
            print(text, flush=True)
            sys.stdin.readline()

        say("memory begins")
        try:
            ys = peer.floats(xs)
        finally:
            say("memory ends")
        self.answers["floats"] = float(ys[self.Floats // 2])
        del ys
        return middle(self.Repeats, lambda: timed(lambda: peer.floats(xs)))

    def error(self, peer):
        def call():
            try:
                peer.map(tasks.fail, range(-self.Failing, self.Errors - self.Failing))
            except Exception as error:
                if "this task fails" not in str(error):
                    raise
            else:
                raise AssertionError("the task did not fail")

        return timed(call)

    def ranges(self, name, f, xs):
        def measure(peer):
            def call():
                self.answers[name] = sum(peer.map(f, [tuple(x) for x in xs]))

            return middle(self.Repeats, lambda: timed(call))

        return measure

    def run(self, peer):
        self.answers = {}

        def start(peer):
            begun = perf_counter()
            peer.start()
            if peer.alone:
                raise NotImplementedError
            peer.map(tasks.step, range(self.Workers))
            return perf_counter() - begun

        measures = {
            "start": start,
            "floats": self.memory,
            "chunk1": lambda peer: self.per_task(lambda n: peer.map1(tasks.step, range(n)), FEW),
            "auto": lambda peer: self.per_task(lambda n: peer.spread(tasks.step, range(n)), MANY),
            "submit": lambda peer: 1 / self.per_task(lambda n: peer.submit(tasks.step, range(n)), FEW),
            "latency": lambda peer: middle(20 * self.Repeats, lambda: timed(lambda: peer.submit(tasks.step, range(1)))),
            "triangular": lambda peer: self.uneven(peer, self.Triangular),
            "pareto": lambda peer: self.uneven(peer, self.Pareto),
            "efficiency": lambda peer: 1 / self.uneven(peer, self.Even),
            "pi": self.ranges("pi", tasks.inside, self.Pi),
            "sieve": self.ranges("sieve", tasks.sieve, self.Sieve),
            "trial": self.ranges("trial", tasks.trial, self.Trial),
            "error": self.error,  # last: some libraries replace their workers then
        }
        figures = {}
        for name, measure in measures.items():
            begun = perf_counter()
            try:
                figures[name] = measure(peer)
            except NotImplementedError:
                pass
            print(f"{name}: {perf_counter() - begun:.2f} s", file=sys.stderr)  # shown if it fails
        if "auto" in figures:
            figures["rate"] = 1 / figures["auto"]
        return {"figures": figures, "answers": self.answers}


def main():
    name = sys.argv[1]
    if name == "versions":
        return print(json.dumps(versions()))
    with open(os.environ["FANOUT_BENCH_WORK"]) as file:
        work = Work(json.load(file))
    peer = PEERS[name](work.Workers)
    try:
        found = work.run(peer)
    finally:
        peer.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
