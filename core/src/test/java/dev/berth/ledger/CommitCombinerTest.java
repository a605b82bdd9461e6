package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Combined or alone, every caller gets the outcome of its own unit. */
@Timeout(120)
class CommitCombinerTest {
    private final MemoryLedgerStore memory = new MemoryLedgerStore(Clock.systemUTC(), new UUID(1, 1));
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private final AtomicInteger largest = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** The store in memory with advice, and with something else in place of {@code commit}. */
    private LedgerStore store(
            LedgerStore.Combining advice, Function<List<Commit>, @Nullable List<CommitResult>> commit) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("combining")) {
                return advice;
            }
            if (method.getName().equals("commit")) {
                @SuppressWarnings("unchecked")
                List<Commit> units = (List<Commit>) arguments[0];
                return counted(units, commit);
            }
            try {
                return method.invoke(memory, arguments);
            } catch (InvocationTargetException failure) {
                throw failure.getCause();
            }
        };
        return (LedgerStore)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {LedgerStore.class}, handler);
    }

    private @Nullable List<CommitResult> counted(
            List<Commit> units, Function<List<Commit>, @Nullable List<CommitResult>> commit) {
        calls.incrementAndGet();
        largest.accumulateAndGet(units.size(), Math::max);
        mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        try {
            return commit.apply(units);
        } finally {
            underWay.decrementAndGet();
        }
    }

    private List<CommitResult> slowly(List<Commit> units) {
        LockSupport.parkNanos(20_000);
        return memory.commit(units);
    }

    private static Commit create(int number) {
        var owner = Owner.of("t", "app" + number);
        var take = new Commit.Take(ResourceKind.TCP_PORT.in(Scope.GLOBAL, number), "p", "p", true);
        return Commit.of(new Commit.Create(
                UUID.randomUUID(),
                owner,
                ClaimState.RESERVED,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                List.of(take)));
    }

    private static List<Integer> numbers(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private <T> List<T> atOnce(List<Integer> numbers, Function<Integer, T> act) throws Exception {
        var line = new CyclicBarrier(numbers.size());
        List<Future<T>> running = new ArrayList<>();
        for (int number : numbers) {
            running.add(threads.submit(() -> {
                line.await();
                return act.apply(number);
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> one : running) {
            results.add(one.get(60, TimeUnit.SECONDS));
        }
        return results;
    }

    @ParameterizedTest
    @CsvSource({"1,4,1", "1,4,2", "2,4,1", "2,4,2", "4,4,2", "1,1,1", "1,100,1"})
    void combinedOutcomesAreThoseOfEachAlone(int direct, int most, int leaders) throws Exception {
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(direct, most, leaders), this::slowly));
        // Each number is claimed by two callers: one of each two wins, whatever is combined with what.
        List<Integer> twice = new ArrayList<>(numbers(12));
        twice.addAll(numbers(12));
        List<CommitResult> results = atOnce(twice, number -> combiner.commit(create(number)));
        for (int i = 0; i < 12; i++) {
            List<CommitResult> pair = List.of(results.get(i), results.get(i + 12));
            assertThat(pair).filteredOn(one -> one instanceof CommitResult.Done).hasSize(1);
            Owner owner = Owner.of("t", "app" + (i + 1));
            assertThat(pair)
                    .filteredOn(one -> one instanceof CommitResult.Refused)
                    .singleElement()
                    .satisfies(one -> assertThat(((CommitResult.Refused) one).violations())
                            .hasSize(2)
                            .anyMatch(violation -> violation instanceof Violation.OwnerClaimed claimed
                                    && claimed.owner().equals(owner)));
        }
        assertThat(memory.claims(ClaimQuery.all(), Optional.empty(), 100)).hasSize(12);
        assertThat(largest.get()).isLessThanOrEqualTo(most);
        assertThat(mostUnderWay.get()).isLessThanOrEqualTo(direct + leaders);
    }

    @Test
    void callersAreReallyCombined() throws Exception {
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 8, 1), this::slowly));
        for (int round = 0; round < 20 && largest.get() < 2; round++) {
            int first = round * 16;
            atOnce(numbers(16), number -> combiner.commit(create(first + number)));
        }
        assertThat(largest.get()).isGreaterThan(1);
    }

    @Test
    void oneCallerGoesStraightToTheStore() {
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 8, 1), memory::commit));
        for (int number = 1; number <= 10; number++) {
            assertThat(combiner.commit(create(number))).isInstanceOf(CommitResult.Done.class);
        }
        assertThat(calls).hasValue(10);
        assertThat(largest).hasValue(1);
    }

    @Test
    void aFailureOfTheStoreReachesEachWaiter() throws Exception {
        var broken = new AtomicBoolean(true);
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1), units -> {
            LockSupport.parkNanos(20_000);
            if (broken.get()) {
                throw new StoreUnavailableException(
                        "gone away",
                        StoreUnavailableException.Outcome.UNKNOWN,
                        StoreUnavailableException.Retry.LATER,
                        new IllegalStateException("wire"));
            }
            return memory.commit(units);
        }));
        List<StoreUnavailableException> failures = atOnce(numbers(12), number -> {
            try {
                combiner.commit(create(number));
                throw new AssertionError("not failed");
            } catch (StoreUnavailableException failure) {
                return failure;
            }
        });
        assertThat(failures).allSatisfy(failure -> {
            assertThat(failure).hasMessage("gone away");
            assertThat(failure.outcome()).isEqualTo(StoreUnavailableException.Outcome.UNKNOWN);
            assertThat(failure.isRetryable()).isTrue();
            assertThat(failure).hasRootCauseMessage("wire");
        });
        // Each has a stack trace of its own.
        assertThat(failures).doesNotHaveDuplicates();
        broken.set(false);
        assertThat(atOnce(numbers(12), number -> combiner.commit(create(number))))
                .allMatch(result -> result instanceof CommitResult.Done);
    }

    @Test
    void aBugOfTheStoreReachesEachWaiterAndBlocksNobody() throws Exception {
        for (Function<List<Commit>, @Nullable List<CommitResult>> bug :
                List.<Function<List<Commit>, @Nullable List<CommitResult>>>of(
                        units -> List.of(), units -> null, units -> {
                            throw new IllegalArgumentException("bug");
                        })) {
            var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1), units -> {
                LockSupport.parkNanos(20_000);
                return units.size() == 1 && calls.get() % 2 == 0 ? memory.commit(units) : bug.apply(units);
            }));
            List<Boolean> ended = atOnce(numbers(12), number -> {
                try {
                    combiner.commit(create(number));
                    return true;
                } catch (RuntimeException expected) {
                    return true;
                }
            });
            assertThat(ended).hasSize(12);
        }
    }

    @Test
    void anErrorStaysAnError() throws Exception {
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1), units -> {
            LockSupport.parkNanos(20_000);
            throw new AssertionError("died");
        }));
        List<Throwable> thrown = atOnce(numbers(8), number -> {
            try {
                combiner.commit(create(number));
                return new IllegalStateException("not failed");
            } catch (Throwable failure) {
                return failure;
            }
        });
        assertThat(thrown).allMatch(one -> one instanceof AssertionError);
    }

    @Test
    void noWakeUpIsLost() throws Exception {
        wakeUps(2_000);
    }

    @Test
    @Tag("deep")
    void noWakeUpIsLostInTenThousandRounds() throws Exception {
        wakeUps(10_000);
    }

    private void wakeUps(int rounds) throws Exception {
        for (LedgerStore.Combining advice :
                List.of(new LedgerStore.Combining(1, 2, 1), new LedgerStore.Combining(1, 2, 2))) {
            var combiner = new CommitCombiner(store(advice, memory::commit));
            var unit = Commit.of(new Commit.Touch(
                    new Token(new UUID(9, 9), 1),
                    Commit.LeaseWrite.KEEP,
                    Optional.empty(),
                    Map.of(),
                    java.util.Set.of()));
            List<Integer> done = atOnce(numbers(6), number -> {
                for (int round = 0; round < rounds; round++) {
                    assertThat(combiner.commit(unit)).isInstanceOf(CommitResult.Refused.class);
                }
                return number;
            });
            assertThat(done).hasSize(6);
        }
    }

    @Test
    void anInterruptedWaiterGetsItsOutcomeAndItsFlag() throws Exception {
        var entered = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1), units -> {
            entered.countDown();
            awaitQuietly(goOn);
            return memory.commit(units);
        }));
        Future<CommitResult> first = threads.submit(() -> combiner.commit(create(1)));
        entered.await();
        var waiting = new Thread[1];
        var flag = new AtomicBoolean();
        var queued = new CountDownLatch(1);
        Future<CommitResult> second = threads.submit(() -> {
            waiting[0] = Thread.currentThread();
            queued.countDown();
            CommitResult result = combiner.commit(create(2));
            flag.set(Thread.interrupted());
            return result;
        });
        queued.await();
        for (int i = 0; i < 20; i++) {
            waiting[0].interrupt();
            LockSupport.parkNanos(100_000);
        }
        goOn.countDown();
        assertThat(second.get(10, TimeUnit.SECONDS)).isInstanceOf(CommitResult.Done.class);
        assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(CommitResult.Done.class);
        assertThat(flag).isTrue();
    }

    /** A medium that heeds interrupts must not fail the units of those who were not interrupted. */
    @Test
    void aLeadersInterruptDoesNotReachTheStore() throws Exception {
        var seen = new AtomicInteger();
        var direct = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1), units -> {
            if (direct.getCount() > 0) {
                direct.countDown();
                awaitQuietly(goOn);
            } else if (Thread.currentThread().isInterrupted()) {
                seen.incrementAndGet();
            }
            return memory.commit(units);
        }));
        Future<CommitResult> first = threads.submit(() -> combiner.commit(create(1)));
        direct.await();
        Future<Boolean> second = threads.submit(() -> {
            Thread.currentThread().interrupt();
            combiner.commit(create(2));
            return Thread.interrupted();
        });
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        goOn.countDown();
        first.get(10, TimeUnit.SECONDS);
        assertThat(seen).hasValue(0);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void adviceIsChecked() {
        assertThatThrownBy(() -> new LedgerStore.Combining(0, 1, 1))
                .isInstanceOf(dev.berth.InvalidInputException.class);
        assertThatThrownBy(() -> new LedgerStore.Combining(1, 0, 1))
                .isInstanceOf(dev.berth.InvalidInputException.class);
        assertThatThrownBy(() -> new LedgerStore.Combining(1, 1, 0))
                .isInstanceOf(dev.berth.InvalidInputException.class);
    }

    /** The ledger above a combining store is the ledger above any other. */
    @Test
    void aLedgerOnACombiningStoreIsExact() throws Exception {
        for (int round = 0; round < 10; round++) {
            int base = 1_000 * (round + 1);
            var ledger = ResourceLedger.on(store(new LedgerStore.Combining(1, 4, 2), this::slowly));
            List<Integer> ports = atOnce(numbers(16), number -> {
                var layout = new Candidates.Layout(
                        ResourceKind.TCP_PORT, Scope.GLOBAL, Map.of("-", base), 1, 100, java.util.Set.of(), "pool");
                var candidates = new Candidates.Numbered(layout, 0);
                Claim claim = ledger.claim(ClaimRequest.by(Owner.of("t", base + "/" + number))
                        .choose("port", owner -> candidates)
                        .lease(Duration.ofDays(1)));
                return claim.port("port");
            });
            List<Integer> wanted = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                wanted.add(base + i);
            }
            assertThat(ports).containsExactlyInAnyOrderElementsOf(wanted);
        }
    }

    @Test
    void waitersOfAClosedStoreAreTold() {
        memory.close();
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1), memory::commit));
        assertThatThrownBy(() -> atOnce(numbers(4), number -> combiner.commit(create(number))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StoreUnavailableException.class);
    }
}
