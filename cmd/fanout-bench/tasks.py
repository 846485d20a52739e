"""The tasks of the parallel maps: a module, so that processes can import it."""

import math
import random
from time import thread_time

try:
    import numpy
except ImportError:
    numpy = None


def step(x):
    return x + 1


def cheap(xs):
    """The cheap function of all elements of an array."""
    return numpy.sqrt(xs) * xs + 1


def spin(ms):
    """Keeps a core busy until this thread has had so many milliseconds of it."""
    end = thread_time() + ms / 1e3
    while thread_time() < end:
        pass
    return ms


def fail(x):
    """A task of 1 ms that fails where x is 0."""
    spin(1)
    if x == 0:
        raise ValueError("this task fails")
    return x


def inside(task):
    """Counts random points within the quarter circle."""
    seed, samples = task
    r = random.Random(seed).random
    n = 0
    for _ in range(samples):
        x, y = r(), r()
        if x * x + y * y < 1:
            n += 1
    return n


def inside_numpy(task):
    seed, samples = task
    x, y = numpy.random.default_rng(seed).random((2, samples))
    return int(numpy.count_nonzero(x * x + y * y < 1))


def small_primes(root):
    small = bytearray([1]) * (root + 1)
    for p in range(2, root + 1):
        if small[p]:
            yield p
            small[p * p :: p] = bytes(len(range(p * p, root + 1, p)))


def sieve(task):
    """Counts the primes in a range, by a sieve of Eratosthenes over it."""
    start, stop = task
    prime = bytearray([1]) * (stop - start)
    for p in small_primes(math.isqrt(stop)):
        first = max(p * p, -(-start // p) * p) - start
        prime[first::p] = bytes(len(range(first, stop - start, p)))
    return prime.count(1) - sum(prime[: max(0, 2 - start)])


def sieve_numpy(task):
    start, stop = task
    prime = numpy.ones(stop - start, dtype=bool)
    for p in small_primes(math.isqrt(stop)):
        prime[max(p * p, -(-start // p) * p) - start :: p] = False
    return int(numpy.count_nonzero(prime[max(0, 2 - start) :]))


def trial(task):
    """Counts the primes in a range, by trial division."""
    return sum(map(is_prime, range(*task)))


def is_prime(n):
    if n < 4 or n % 2 == 0:
        return n == 2 or n == 3
    d = 3
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return True
