"""The one pool of threads that kernels and products share.

A call to ``parallel_for`` opens a *job*. Workers are made when the first job wants
them and sleep on a condition variable between jobs, after watching for a next job
for some microseconds. The caller opens the job, wakes as many workers as can help,
and then works itself. Ranges are taken from atomic counters, so a worker that the
system delays costs nothing: when no range is left the caller closes the job and
waits only for workers that are inside a range, never for one that is still asleep.

The ranges are shared out in order, a run of them to each thread, so that the same
thread meets the same memory when a job comes again; who is done takes from the
others. Which thread runs a range thus depends on timing; the ranges do not.

When two threads pay. Microseconds on the development machine (2 cores of a virtual
machine, AVX-512, others at work on it; best of many), float32 with ``out=``; "awake"
in a run of calls, "asleep" after a pause of 0.5 ms:

    elements     add: one   awake   asleep    exp: one   awake   asleep
       65536            9       9       24          26      16       48
      131072           22      10       56          53      29       64
      262144          101      22       89         109      54       95
     1048576          447     231      259         434     238      240

A job costs about 1 us with workers awake, 5 us in the caller to wake one that is
asleep, and that one is late by 15 us or more. `PARALLEL_MATH` (elements) and
`PARALLEL_BYTES` (read and written) lie where an awake worker saves more than a
sleeping one costs.

Two callers at a time: the second runs its ranges itself, one after the other.
Inside a range: a nested call does the same. After fork: the child forgets the pool
(the threads do not exist there) and makes its own when it needs one.
"""

import atexit
import os
import warnings

from libc.stdint cimport int64_t

from derivo._core.threads cimport task_t


cdef extern from "<signal.h>" nogil:
    ctypedef struct sigset_t:
        pass
    int sigfillset(sigset_t*)
    int SIG_SETMASK


cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_t:
        pass
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    int pthread_create(pthread_t*, void*, void* (*)(void*) noexcept nogil, void*)
    int pthread_join(pthread_t, void**)
    int pthread_mutex_init(pthread_mutex_t*, void*)
    int pthread_mutex_lock(pthread_mutex_t*)
    int pthread_mutex_unlock(pthread_mutex_t*)
    int pthread_cond_init(pthread_cond_t*, void*)
    int pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*)
    int pthread_cond_signal(pthread_cond_t*)
    int pthread_cond_broadcast(pthread_cond_t*)
    int pthread_sigmask(int, const sigset_t*, sigset_t*)
    int pthread_atfork(
        void (*)() noexcept nogil,
        void (*)() noexcept nogil,
        void (*)() noexcept nogil,
    )


cdef extern from *:
    """
    #include <pthread.h>
    #include <signal.h>
    #include <time.h>
    #include <stdint.h>

    #if defined(__x86_64__) || defined(__i386__)
    #define derivo_pause() __builtin_ia32_pause()
    #elif defined(__aarch64__)
    #define derivo_pause() __asm__ __volatile__("yield")
    #else
    #define derivo_pause() ((void)0)
    #endif

    /* set on a thread while it runs a range: a nested call must not wait for a pool
       that waits for it */
    static __thread int derivo_inside_task = 0;

    static inline int64_t derivo_fetch_add(int64_t *p, int64_t v) {
        return __atomic_fetch_add(p, v, __ATOMIC_ACQ_REL);
    }
    static inline int64_t derivo_load(int64_t *p) {
        return __atomic_load_n(p, __ATOMIC_ACQUIRE);
    }
    static inline void derivo_store(int64_t *p, int64_t v) {
        __atomic_store_n(p, v, __ATOMIC_RELEASE);
    }
    static inline int derivo_claim(int64_t *p) {
        return __atomic_exchange_n(p, 1, __ATOMIC_ACQUIRE) == 0;
    }
    static inline int64_t derivo_now_ns(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    }
    """
    int inside_task "derivo_inside_task"
    void pause "derivo_pause"() noexcept nogil
    int64_t fetch_add "derivo_fetch_add"(int64_t*, int64_t) noexcept nogil
    int64_t load "derivo_load"(int64_t*) noexcept nogil
    void store "derivo_store"(int64_t*, int64_t) noexcept nogil
    bint claim "derivo_claim"(int64_t*) noexcept nogil
    int64_t now_ns "derivo_now_ns"() noexcept nogil


cdef enum:
    MAX_THREADS = 1024
    # Ranges a thread gets on average: more than one, so that a thread that the
    # system holds up hands its share to the others.
    RANGES_PER_THREAD = 4
    # How long a thread watches before it sleeps. A wake-up costs 5 us here on a busy
    # core and 15 us and more on an idle one. So the caller, whose wait ends when the
    # last range does, and a worker whose last two jobs came within twice that time,
    # watch for long; a worker that is not in such a run of jobs sleeps soon.
    WATCH_NS = 4000
    WATCH_LONG_NS = 50000


cdef struct Pool:
    pthread_mutex_t lock      # guards everything below but next and busy
    pthread_cond_t wake       # workers sleep here
    pthread_cond_t done       # the caller waits here for the last worker inside
    int workers               # threads alive (or started)
    int quit_from             # workers with index >= this leave
    int asleep
    int64_t serial            # counts jobs; read without the lock while watching
    bint open                 # the job still takes workers
    int wanted                # workers that the job can still use
    int64_t inside            # workers in the job; read without the lock while watching
    task_t fn
    void* arg
    int64_t n
    int64_t chunk
    int64_t ranges
    int64_t shares


cdef Pool pool
cdef pthread_t[MAX_THREADS] handles
# One a cache line: the next range of each thread's share, and whether a job is open.
cdef int64_t[MAX_THREADS * 8] next_range
cdef int64_t[16] _busy_line
cdef int64_t* busy = &_busy_line[8]
cdef int threads_wanted = 1


cdef void reset_pool() noexcept nogil:
    # Also the child's side of fork: the lock may have been held by a thread that
    # does not exist here, so nothing is unlocked, all is made anew.
    pthread_mutex_init(&pool.lock, NULL)
    pthread_cond_init(&pool.wake, NULL)
    pthread_cond_init(&pool.done, NULL)
    pool.workers = 0
    pool.quit_from = MAX_THREADS
    pool.asleep = 0
    pool.serial = 0
    pool.open = False
    pool.wanted = 0
    pool.inside = 0
    busy[0] = 0


cdef int num_threads() noexcept nogil:
    return threads_wanted


cdef int64_t chunk_size(int64_t n, int64_t grain) noexcept nogil:
    cdef int64_t threads = threads_wanted
    cdef int64_t pieces, chunk
    if grain < 1:
        grain = 1
    if n <= grain or threads == 1:
        return n if n > 0 else 1
    pieces = (n + grain - 1) // grain
    if pieces > threads * RANGES_PER_THREAD:
        pieces = threads * RANGES_PER_THREAD
    elif pieces > threads:
        pieces -= pieces % threads   # equal shares
    chunk = (n + pieces - 1) // pieces
    if chunk >= 256:
        chunk = (chunk + 63) & ~<int64_t> 63   # ranges of elements start on cache lines
    return chunk


cdef void run_ranges(int64_t share) noexcept nogil:
    cdef int64_t _tried, range_, last, begin
    cdef int64_t* next_
    for _tried in range(pool.shares):
        next_ = &next_range[8 * share]
        last = pool.ranges * (share + 1) // pool.shares
        while load(next_) < last:
            range_ = fetch_add(next_, 1)
            if range_ >= last:
                break
            begin = range_ * pool.chunk
            pool.fn(
                pool.arg, begin,
                begin + pool.chunk if pool.n - begin > pool.chunk else pool.n)
        share += 1
        if share == pool.shares:
            share = 0


cdef void run_inline(task_t fn, void* arg, int64_t n, int64_t chunk) noexcept nogil:
    # The same ranges as with the pool, or partial results would differ.
    cdef int64_t begin = 0
    while begin < n:
        fn(arg, begin, begin + chunk if n - begin > chunk else n)
        begin += chunk


cdef void* worker(void* index_) noexcept nogil:
    cdef int index = <int> <size_t> index_
    cdef int64_t seen = 0
    cdef int64_t ended = 0
    cdef int64_t watch = WATCH_NS
    global inside_task
    inside_task = 1
    pthread_mutex_lock(&pool.lock)
    while True:
        if index >= pool.quit_from:
            break
        if pool.open and pool.wanted > 0 and pool.serial != seen:
            seen = pool.serial
            pool.wanted -= 1
            pool.inside += 1
            pthread_mutex_unlock(&pool.lock)
            watch = WATCH_NS
            if now_ns() - ended < 2 * WATCH_LONG_NS:
                watch = WATCH_LONG_NS
            run_ranges((index + 1) % pool.shares)
            pthread_mutex_lock(&pool.lock)
            store(&pool.inside, pool.inside - 1)
            if pool.inside == 0:
                pthread_cond_signal(&pool.done)
            seen = pool.serial
            pthread_mutex_unlock(&pool.lock)
            ended = now_ns()
            while load(&pool.serial) == seen and now_ns() - ended < watch:
                pause()
            pthread_mutex_lock(&pool.lock)
            continue
        pool.asleep += 1
        pthread_cond_wait(&pool.wake, &pool.lock)
        pool.asleep -= 1
    pthread_mutex_unlock(&pool.lock)
    return NULL


cdef void start_workers(int count) noexcept nogil:
    # With the lock held. Fewer than asked (the system refuses) is not an error: the
    # caller does all ranges that nobody takes.
    cdef sigset_t every, before
    if pool.workers >= count:
        return
    # Signals belong to the main thread, where Python handles them.
    sigfillset(&every)
    pthread_sigmask(SIG_SETMASK, &every, &before)
    while pool.workers < count:
        if pthread_create(
            &handles[pool.workers], NULL, worker, <void*> <size_t> pool.workers
        ):
            break
        pool.workers += 1
    pthread_sigmask(SIG_SETMASK, &before, NULL)


cdef void parallel_for(task_t fn, void* arg, int64_t n, int64_t grain) noexcept nogil:
    if n <= grain or threads_wanted == 1:
        if n > 0:
            fn(arg, 0, n)
    else:
        parallel_chunks(fn, arg, n, chunk_size(n, grain))


cdef void parallel_chunks(
    task_t fn, void* arg, int64_t n, int64_t chunk
) noexcept nogil:
    cdef int64_t ranges, until
    cdef int helpers, sleeping, i
    global inside_task
    if n <= chunk or inside_task or threads_wanted == 1 or not claim(busy):
        run_inline(fn, arg, n, chunk)
        return
    ranges = (n + chunk - 1) // chunk
    helpers = threads_wanted - 1
    if ranges - 1 < helpers:
        helpers = <int> (ranges - 1)
    inside_task = 1
    pthread_mutex_lock(&pool.lock)
    start_workers(helpers)
    pool.fn = fn
    pool.arg = arg
    pool.n = n
    pool.chunk = chunk
    pool.ranges = ranges
    pool.shares = helpers + 1
    for i in range(helpers + 1):
        store(&next_range[8 * i], ranges * i // (helpers + 1))
    pool.wanted = helpers
    pool.open = True
    store(&pool.serial, pool.serial + 1)
    sleeping = pool.asleep
    pthread_mutex_unlock(&pool.lock)
    if sleeping > helpers:
        while helpers > 0:
            pthread_cond_signal(&pool.wake)
            helpers -= 1
    elif sleeping > 0:
        pthread_cond_broadcast(&pool.wake)

    run_ranges(0)

    pthread_mutex_lock(&pool.lock)
    pool.open = False
    if pool.inside:
        pthread_mutex_unlock(&pool.lock)
        until = now_ns() + WATCH_LONG_NS
        while load(&pool.inside) and now_ns() < until:
            pause()
        pthread_mutex_lock(&pool.lock)
        while pool.inside:
            pthread_cond_wait(&pool.done, &pool.lock)
    pthread_mutex_unlock(&pool.lock)
    inside_task = 0
    store(busy, 0)


cdef void stop_workers(int keep) noexcept nogil:
    # The caller owns `busy`, so no job is open.
    cdef int i
    cdef int alive
    pthread_mutex_lock(&pool.lock)
    alive = pool.workers
    pool.quit_from = keep
    pthread_cond_broadcast(&pool.wake)
    pthread_mutex_unlock(&pool.lock)
    for i in range(keep, alive):
        pthread_join(handles[i], NULL)
    pthread_mutex_lock(&pool.lock)
    if pool.workers > keep:
        pool.workers = keep
    pool.quit_from = MAX_THREADS
    pthread_mutex_unlock(&pool.lock)


cdef void resize(int count) noexcept nogil:
    global threads_wanted
    while not claim(busy):   # a job of another thread; it ends by itself
        pause()
    threads_wanted = count
    if pool.workers > count - 1:
        stop_workers(count - 1)
    store(busy, 0)


def get_num_threads():
    """Return the number of threads that an operation may use.

    Returns
    -------
    int
        Counts the calling thread. At start: the environment's
        ``DERIVO_NUM_THREADS``, else ``OMP_NUM_THREADS``, else the number of cores
        that this process may run on.

    Examples
    --------
    >>> import derivo
    >>> derivo.get_num_threads() >= 1
    True
    """
    return threads_wanted


def set_num_threads(int_):
    """Set the number of threads that an operation may use.

    Waits for an operation that is running in threads right now. Threads beyond the
    new number end; missing ones are made when they are first needed.

    Parameters
    ----------
    int_ : int
        At least 1. Counts the calling thread.

    Raises
    ------
    RuntimeError
        Not an ``int``, or not positive.
    ValueError
        Does not fit a 64-bit integer.

    Examples
    --------
    >>> import derivo
    >>> before = derivo.get_num_threads()
    >>> derivo.set_num_threads(1)
    >>> derivo.get_num_threads()
    1
    >>> derivo.set_num_threads(before)
    """
    cdef int count
    if type(int_) is bool or not isinstance(int_, int):
        raise RuntimeError(
            "[set_num_threads] set_num_threads expects an int, but got "
            f"{type(int_).__name__}. Pass the number of threads, at least 1."
        )
    if not -(2**63) <= int_ < 2**63:
        raise ValueError(
            "[set_num_threads] Overflow when unpacking long: expected a 64-bit "
            f"integer, got int_={int_}. Pass the number of threads, at least 1."
        )
    if int_ < 1:
        raise RuntimeError(
            f"[set_num_threads] set_num_threads expects a positive integer, got "
            f"int_={int_}. Pass 1 to work on the calling thread alone."
        )
    count = min(int_, MAX_THREADS)
    with nogil:
        resize(count)


def thread_ranges(n, grain):
    """Return the ranges that a job of `n` items is cut into, as ``(begin, end)``."""
    cdef int64_t total = n
    cdef int64_t chunk = chunk_size(total, grain)
    return [(begin, min(begin + chunk, n)) for begin in range(0, n, chunk)]


def live_workers():
    """Return how many worker threads exist now (not counting callers)."""
    return pool.workers


# --- what the tests and the benchmark of the pool itself need -----------------------

cdef struct Probe:
    int64_t* begins
    int64_t* ends
    int64_t* who
    int64_t chunk
    int64_t spin_ns
    int64_t nested
    int64_t calls


cdef void probe_inner(void* arg, int64_t begin, int64_t end) noexcept nogil:
    fetch_add(<int64_t*> arg, end - begin)


cdef void probe_task(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Probe* p = <Probe*> arg
    cdef int64_t slot = begin // p.chunk
    cdef int64_t until
    fetch_add(&p.calls, 1)
    p.begins[slot] = begin
    p.ends[slot] = end
    p.who[slot] = <int64_t> <size_t> &inside_task   # each thread has its own
    if p.nested:
        parallel_for(probe_inner, &p.nested, 1000, 1)
    if p.spin_ns:
        until = now_ns() + p.spin_ns
        while now_ns() < until:
            pause()


def probe(n, grain=1, spin_ns=0, nested=False):
    """Run a job that records its ranges.

    Returns ``(ranges, seconds, nested items, number of threads at work)``. Each range
    keeps its thread busy for `spin_ns` nanoseconds. For the tests and the benchmark of
    the pool itself.
    """
    cdef int64_t total = n
    cdef int64_t grain_ = grain
    cdef int64_t started
    cdef int64_t elapsed
    cdef int64_t count
    cdef Probe p
    cdef bytearray begins
    cdef bytearray ends
    cdef bytearray who
    p.chunk = chunk_size(total, grain_)
    count = (total + p.chunk - 1) // p.chunk
    begins = bytearray(8 * count)
    ends = bytearray(8 * count)
    who = bytearray(8 * count)
    p.who = <int64_t*> <char*> who
    p.begins = <int64_t*> <char*> begins
    p.ends = <int64_t*> <char*> ends
    p.spin_ns = spin_ns
    p.nested = 1 if nested else 0
    p.calls = 0
    with nogil:
        started = now_ns()
        parallel_chunks(probe_task, &p, total, p.chunk)
        elapsed = now_ns() - started
    ranges = [(p.begins[i], p.ends[i]) for i in range(count)]
    if p.calls != count:
        raise AssertionError(f"[probe] ran {p.calls} ranges, expected {count}")
    at_work = len({p.who[i] for i in range(count)})
    return ranges, elapsed * 1e-9, p.nested - (1 if nested else 0), at_work


def _shutdown():
    # At exit: end the workers, unless a daemon thread is using them.
    if claim(busy):
        with nogil:
            stop_workers(0)
        store(busy, 0)


def _default_threads():
    for name in ("DERIVO_NUM_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "").split(",")[0].strip()
        if text.isdecimal() and int(text) > 0:
            return int(text)
        if text and name == "DERIVO_NUM_THREADS":
            warnings.warn(
                f"[threads] {name} is not a number of threads: expected a positive "
                f"integer, got {text!r}; it is ignored.",
                RuntimeWarning,
                stacklevel=2,
            )
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:   # not on macOS
        return os.cpu_count() or 1


reset_pool()
threads_wanted = min(_default_threads(), MAX_THREADS)
pthread_atfork(NULL, NULL, reset_pool)
atexit.register(_shutdown)
