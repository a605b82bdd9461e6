package dev.berth.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;

/**
 * Callers that use a contender: each holds its part of the slots; an operation gives one of them back, any, and takes
 * another for a new owner. So the database stays as full as it is, and the free slots come to lie anywhere. Where the job is to
 * release alone, what a slice has released is taken again when it is over; where it is to ask for what is held, nothing changes.
 *
 * @param <H> what a caller keeps to give back what it got
 */
final class Churn<H> implements Callers {
    /** Far more than any slice takes: who has not come back by then hangs. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Contender<H> contender;
    private final Job job;
    private final List<Caller> callers = new ArrayList<>();
    private final ExecutorService threads;
    private final Map<String, Long> errors = new TreeMap<>();

    /** Begins with a contender that is filled, of which slots are released and claimed. */
    Churn(Contender<H> contender, int filled, int threads) throws SQLException {
        this(contender, Job.PORT, filled, threads);
    }

    Churn(Contender<H> contender, Job job, int filled, int threads) throws SQLException {
        if (filled < threads) {
            throw new IllegalArgumentException(threads + " callers need as many slots in use, not " + filled);
        }
        this.contender = contender;
        this.job = job;
        this.threads = Executors.newFixedThreadPool(threads, work -> {
            var thread = new Thread(work, "caller of " + contender.name());
            thread.setDaemon(true);
            return thread;
        });
        List<H> held = contender.fill(filled);
        for (int i = 0; i < threads; i++) {
            callers.add(new Caller(i));
        }
        for (int i = 0; i < filled; i++) {
            callers.get(i % threads).held.add(held.get(i));
        }
        callers.forEach(caller -> caller.quota = caller.held.size());
    }

    /** One thread's part; used by one thread at a time. */
    private final class Caller {
        private final int number;
        private final List<H> held = new ArrayList<>();
        private final LongStream.Builder none = LongStream.builder();
        private final SplittableRandom random;
        private int quota;
        private long asked;
        private LongStream.Builder claims = none;
        private LongStream.Builder releases = none;
        private long begun;
        private long ended;
        private long operations;
        private long failures;
        private long bytes;

        Caller(int number) {
            this.number = number;
            random = new SplittableRandom(number);
        }

        /** Works until the time is over and returns its operations in a second. */
        double work(long nanos, CyclicBarrier start) throws Exception {
            claims = LongStream.builder();
            releases = LongStream.builder();
            operations = 0;
            failures = 0;
            start.await();
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long begin = System.nanoTime();
            long now = begin;
            while (now - begin < nanos && !(job == Job.RELEASE && held.isEmpty())) {
                try {
                    operate();
                    operations++;
                } catch (SQLException | RuntimeException e) {
                    failures++;
                    note(e);
                }
                now = System.nanoTime();
            }
            bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
            begun = begin;
            ended = now;
            return operations * 1e9 / (now - begin);
        }

        private void operate() throws SQLException {
            switch (job) {
                case HELD -> ask();
                case RELEASE -> release();
                case PORT, WHOLE -> {
                    if (held.size() >= quota) {
                        release();
                    }
                    claim();
                }
            }
        }

        private void release() throws SQLException {
            long begin = System.nanoTime();
            int last = held.size() - 1;
            H given = held.set(random.nextInt(last + 1), held.get(last));
            held.remove(last);
            contender.giveBack(number, given);
            releases.add(System.nanoTime() - begin);
        }

        /** What failed is made up for: a slot that could not be taken is taken by the next operation. */
        private void claim() throws SQLException {
            long begin = System.nanoTime();
            held.add(contender.take(number, "app-" + number + "-" + asked++));
            claims.add(System.nanoTime() - begin);
        }

        private void ask() throws SQLException {
            H asking = held.get(random.nextInt(held.size()));
            long begin = System.nanoTime();
            H told = contender.again(number, asking);
            claims.add(System.nanoTime() - begin);
            if (!told.equals(asking)) {
                throw new IllegalStateException("was given " + told + " instead of " + asking);
            }
        }

        private double repeat(int times, Step<Caller> step) throws SQLException {
            claims = LongStream.builder();
            releases = LongStream.builder();
            for (int i = 0; i < times; i++) {
                step.of(this);
            }
            return times;
        }
    }

    private interface Step<C> {
        void of(C caller) throws SQLException;
    }

    /** All callers do the same, each so often. */
    private void all(ToIntFunction<Caller> times, Step<Caller> step) throws InterruptedException, ExecutionException {
        List<Callable<Double>> work = new ArrayList<>();
        callers.forEach(caller -> work.add(() -> caller.repeat(times.applyAsInt(caller), step)));
        run(work);
    }

    /** Counts what some claims and some releases of each caller send. */
    Trips counted(RoundTrips trips, int each) throws InterruptedException, ExecutionException {
        int calls = each * callers.size();
        double[] released = {Double.NaN, Double.NaN};
        if (job != Job.HELD) {
            trips.reset();
            all(caller -> each, Caller::release);
            released = new double[] {(double) trips.statements() / calls, (double) trips.sum() / calls};
        }
        trips.reset();
        all(caller -> each, job == Job.HELD ? Caller::ask : Caller::claim);
        return new Trips((double) trips.statements() / calls, (double) trips.sum() / calls, released[0], released[1]);
    }

    private void note(Exception error) {
        String text = error.getClass().getSimpleName() + ": "
                + String.valueOf(error.getMessage()).lines().findFirst().orElse("");
        String words = text.replaceAll("[0-9a-f]{8}-[0-9a-f-]+|[0-9]+", "#");
        synchronized (errors) {
            errors.merge(words.substring(0, Math.min(words.length(), 200)), 1L, Long::sum);
        }
    }

    @Override
    public Map<String, Long> errors() {
        synchronized (errors) {
            return new TreeMap<>(errors);
        }
    }

    @Override
    public Slice slice(Duration length, QuietGate gate, Server server) throws InterruptedException, ExecutionException {
        var start = new CyclicBarrier(callers.size());
        List<Callable<Double>> work = new ArrayList<>();
        callers.forEach(caller -> work.add(() -> caller.work(length.toNanos(), start)));
        long retries = contender.retries();
        long foreign = gate.foreignMicros();
        long client = ProcessTimes.self();
        long serverTime = server.cpuMicros();
        long begin = System.nanoTime();
        double rates = run(work);
        long nanos = System.nanoTime() - begin;
        // Who has nothing left to release ends before others may have begun, so that rates do not add up.
        double rate = job == Job.RELEASE ? rateOfAll() : rates;
        var slice = new Slice(
                rate,
                callers.stream().mapToLong(caller -> caller.operations).sum(),
                Latencies.of(callers.stream().map(caller -> caller.claims).toList()),
                Latencies.of(callers.stream().map(caller -> caller.releases).toList()),
                contender.retries() - retries,
                callers.stream().mapToLong(caller -> caller.failures).sum(),
                callers.stream().mapToLong(caller -> caller.bytes).sum(),
                ProcessTimes.self() - client,
                server.cpuMicros() - serverTime,
                QuietGate.share(gate.foreignMicros() - foreign, nanos));
        if (job == Job.RELEASE) {
            all(caller -> caller.quota - caller.held.size(), Caller::claim);
        }
        return slice;
    }

    private double rateOfAll() {
        long first = callers.stream().mapToLong(caller -> caller.begun).min().orElseThrow();
        long last = callers.stream().mapToLong(caller -> caller.ended).max().orElseThrow();
        return callers.stream().mapToLong(caller -> caller.operations).sum() * 1e9 / (last - first);
    }

    /** Returns the sum of what each caller says. */
    private double run(List<Callable<Double>> work) throws InterruptedException, ExecutionException {
        double sum = 0;
        for (Future<Double> done : threads.invokeAll(work, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            if (done.isCancelled()) {
                throw new IllegalStateException(
                        "a caller of " + contender.name() + " has not come back within " + PATIENCE.toSeconds() + " s");
            }
            sum += done.get();
        }
        return sum;
    }

    /** The slots that callers hold. */
    List<Integer> slots() {
        return held().stream().map(contender::slot).toList();
    }

    private List<H> held() {
        return callers.stream().flatMap(caller -> caller.held.stream()).toList();
    }

    @Override
    public List<String> check() throws SQLException {
        return contender.check(held());
    }

    @Override
    public double stretch() {
        return contender.stretch(held());
    }

    @Override
    public List<String> remarks() {
        return contender instanceof BerthClaims berth
                ? List.of(String.format(Locale.ROOT, "%.1f units in a commit", berth.unitsInCommit()))
                : List.of();
    }

    @Override
    public void close() {
        threads.shutdown();
        contender.close();
    }
}
