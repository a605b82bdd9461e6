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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.junit.jupiter.params.provider.EnumSource;

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
        var combiner = new CommitCombiner(
                store(new LedgerStore.Combining(direct, most, leaders, LedgerStore.Units.ANY), this::slowly));
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
        var combiner =
                new CommitCombiner(store(new LedgerStore.Combining(1, 8, 1, LedgerStore.Units.ANY), this::slowly));
        for (int round = 0; round < 20 && largest.get() < 2; round++) {
            int first = round * 16;
            atOnce(numbers(16), number -> combiner.commit(create(first + number)));
        }
        assertThat(largest.get()).isGreaterThan(1);
    }

    @Test
    void oneCallerGoesStraightToTheStore() {
        var combiner =
                new CommitCombiner(store(new LedgerStore.Combining(1, 8, 1, LedgerStore.Units.ANY), memory::commit));
        for (int number = 1; number <= 10; number++) {
            assertThat(combiner.commit(create(number))).isInstanceOf(CommitResult.Done.class);
        }
        assertThat(calls).hasValue(10);
        assertThat(largest).hasValue(1);
    }

    @Test
    void aFailureOfTheStoreReachesEachWaiter() throws Exception {
        var broken = new AtomicBoolean(true);
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY), units -> {
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
            var combiner =
                    new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY), units -> {
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
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY), units -> {
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

    // ------------------------------------------------------------------ one batch, made for sure

    /** A store that keeps its first two calls waiting, one direct and one led, so that all others become one batch. */
    private final class Gate {
        private final CountDownLatch entered = new CountDownLatch(2);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final List<List<Commit>> handed = new CopyOnWriteArrayList<>();
        private final CommitCombiner combiner;

        Gate(LedgerStore.Units gaining, Function<List<Commit>, @Nullable List<CommitResult>> commit) {
            combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 64, 1, gaining), units -> {
                if (entered.getCount() > 0) {
                    entered.countDown();
                    awaitQuietly(goOn);
                    return memory.commit(units);
                }
                handed.add(units);
                return commit.apply(units);
            }));
        }

        /** What became of each unit; all of them were queued up, in this order, before the first was handed over. */
        List<Object> combined(Commit... units) throws Exception {
            List<Future<Object>> blocking = List.of(submit(create(9_001)), submit(create(9_002)));
            entered.await();
            List<Future<Object>> queued = new ArrayList<>();
            for (Commit unit : units) {
                queued.add(submitAndPark(unit));
            }
            goOn.countDown();
            for (Future<Object> one : blocking) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isInstanceOf(CommitResult.Done.class);
            }
            List<Object> outcomes = new ArrayList<>();
            for (Future<Object> one : queued) {
                outcomes.add(one.get(60, TimeUnit.SECONDS));
            }
            return outcomes;
        }

        private Future<Object> submitAndPark(Commit unit) throws Exception {
            var thread = new CompletableFuture<Thread>();
            Future<Object> running = threads.submit(() -> {
                thread.complete(Thread.currentThread());
                return outcome(unit);
            });
            while (LockSupport.getBlocker(thread.get()) != combiner && !running.isDone()) {
                LockSupport.parkNanos(10_000);
            }
            return running;
        }

        private Future<Object> submit(Commit unit) {
            return threads.submit(() -> outcome(unit));
        }

        private Object outcome(Commit unit) {
            try {
                return combiner.commit(unit);
            } catch (RuntimeException | Error failure) {
                return failure;
            }
        }
    }

    private static UUID id(Commit made) {
        return made.claims().get(0).claim();
    }

    private static Commit release(Commit made) {
        return Commit.of(new Commit.Release(new Token(id(made), 1), Commit.Guard.NONE, EndReason.RELEASED, Map.of()));
    }

    private static Commit touch(Commit made, Map<String, String> labels) {
        return Commit.of(
                new Commit.Touch(new Token(id(made), 1), Commit.LeaseWrite.KEEP, Optional.empty(), labels, Set.of()));
    }

    /** What one gives back in a batch another can have, in whatever order they came; each gets its own outcome. */
    @Test
    void releasesGoFirstAndCreationsLast() throws Exception {
        Commit held = create(1);
        Commit other = create(2);
        memory.commit(List.of(held, other));
        Commit taker = create(1);
        Commit missing = touch(create(3), Map.of());
        Commit touch = touch(other, Map.of("k", "v"));
        Commit release = release(held);
        var gate = new Gate(LedgerStore.Units.ANY, memory::commit);

        List<Object> outcomes = gate.combined(taker, missing, touch, release, create(4));

        assertThat(outcomes.get(0)).isInstanceOf(CommitResult.Done.class);
        assertThat(outcomes.get(1))
                .isEqualTo(new CommitResult.Refused(
                        List.of(new Violation.Stale(new Token(id(missing), 1), Optional.empty()))));
        assertThat(outcomes.subList(2, 5)).allMatch(outcome -> outcome instanceof CommitResult.Done);
        assertThat(gate.handed).hasSize(1);
        assertThat(gate.handed.get(0).subList(0, 4)).containsExactly(release, missing, touch, taker);
        assertThat(memory.find(Owner.of("t", "app1")))
                .map(found -> found.claim().id())
                .contains(id(taker));
    }

    /** A unit that supersedes releases and creates: it may need what another one only releases. */
    @Test
    void aUnitThatReleasesAndCreatesIsOneThatCreates() throws Exception {
        Commit first = create(1);
        Commit second = create(2);
        memory.commit(List.of(first, second));
        Commit both = Commit.of(
                release(first).claims().get(0),
                new Commit.Create(
                        UUID.randomUUID(),
                        Owner.of("t", "heir"),
                        ClaimState.RESERVED,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        List.of(
                                new Commit.Take(ResourceKind.TCP_PORT.in(Scope.GLOBAL, 1), "a", "a", true),
                                new Commit.Take(ResourceKind.TCP_PORT.in(Scope.GLOBAL, 2), "b", "b", true))));
        var gate = new Gate(LedgerStore.Units.ANY, memory::commit);
        assertThat(gate.combined(both, release(second))).allMatch(outcome -> outcome instanceof CommitResult.Done);
    }

    // ------------------------------------------------------------------ failures of one

    /** Gives back what the claim does not hold. */
    private static Commit senseless(Commit made) {
        return Commit.of(new Commit.Change(
                new Token(id(made), 1),
                Commit.Guard.NONE,
                Owner.of("t", "app1"),
                ClaimState.RESERVED,
                Commit.StateClock.KEEP,
                Optional.empty(),
                Commit.LeaseWrite.KEEP,
                Commit.AttemptWrite.LEAVE,
                Optional.empty(),
                List.of(new Commit.Give(
                        ResourceKind.TCP_PORT.in(Scope.GLOBAL, 77), EndReason.SHRUNK, Optional.empty())),
                List.of(),
                Set.of(),
                Map.of()));
    }

    @Test
    void aUnitThatTheStoreThrowsAtFailsAlone() throws Exception {
        Commit held = create(1);
        memory.commit(List.of(held));
        var gate = new Gate(LedgerStore.Units.ANY, memory::commit);

        List<Object> outcomes = gate.combined(create(2), senseless(held), create(3), senseless(held), create(2));

        assertThat(outcomes.get(0)).isInstanceOf(CommitResult.Done.class);
        assertThat(outcomes.get(2)).isInstanceOf(CommitResult.Done.class);
        assertThat(outcomes.get(4)).isInstanceOf(CommitResult.Refused.class);
        assertThat(List.of(outcomes.get(1), outcomes.get(3)))
                .allMatch(outcome -> outcome instanceof dev.berth.InvalidInputException)
                .doesNotHaveDuplicates();
        assertThat(gate.handed).extracting(List::size).containsExactly(5, 1, 1, 1, 1, 1);
    }

    @Test
    void eachGetsTheVeryExceptionThatItsUnitCaused() throws Exception {
        Commit bad = create(1);
        Commit dying = create(2);
        var bug = new IllegalArgumentException("bug");
        var death = new AssertionError("died");
        var gate = new Gate(LedgerStore.Units.ANY, units -> {
            if (units.contains(bad)) {
                throw bug;
            }
            if (units.contains(dying)) {
                throw death;
            }
            return memory.commit(units);
        });
        List<Object> outcomes = gate.combined(create(3), bad, dying, create(4));
        assertThat(outcomes.get(0)).isInstanceOf(CommitResult.Done.class);
        assertThat(outcomes.get(1)).isSameAs(bug);
        assertThat(outcomes.get(2)).isSameAs(death);
        assertThat(outcomes.get(3)).isInstanceOf(CommitResult.Done.class);
    }

    /** Whether something was carried out is known of the call only, and each would wait for the medium in turn. */
    @ParameterizedTest
    @EnumSource
    void aMediumThatIsGoneFailsTheWholeBatchAtOnce(StoreUnavailableException.Outcome known) throws Exception {
        var gate = new Gate(LedgerStore.Units.ANY, units -> {
            throw new StoreUnavailableException("gone", known, StoreUnavailableException.Retry.LATER, null);
        });
        assertThat(gate.combined(create(1), create(2), create(3)))
                .allSatisfy(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                StoreUnavailableException.class,
                                gone -> assertThat(gone.outcome()).isEqualTo(known)))
                .doesNotHaveDuplicates();
        assertThat(gate.handed).hasSize(1);
    }

    /** As where another process holds a lock on what one of them wants. */
    @Test
    void aUnitThatMustWaitKeepsNoOthersWaiting() throws Exception {
        Commit waiting = create(2);
        var gate = new Gate(LedgerStore.Units.PLAIN, units -> {
            if (units.contains(waiting)) {
                throw new StoreUnavailableException(
                        "locked",
                        StoreUnavailableException.Outcome.NOT_DONE,
                        StoreUnavailableException.Retry.LATER,
                        null);
            }
            return memory.commit(units);
        });
        List<Object> outcomes = gate.combined(create(1), waiting, create(3));
        assertThat(outcomes.get(0)).isInstanceOf(CommitResult.Done.class);
        assertThat(outcomes.get(1)).isInstanceOf(StoreUnavailableException.class);
        assertThat(outcomes.get(2)).isInstanceOf(CommitResult.Done.class);
    }

    @Test
    void aMediumThatGoesWhileUnitsAreHandedOverOneByOneFailsTheRest() throws Exception {
        Commit bad = create(2);
        var calls = new AtomicInteger();
        var gate = new Gate(LedgerStore.Units.ANY, units -> {
            if (units.size() > 1 || units.contains(bad)) {
                throw new IllegalArgumentException("bug");
            }
            if (calls.incrementAndGet() == 2) {
                throw new StoreUnavailableException(
                        "gone", StoreUnavailableException.Outcome.UNKNOWN, StoreUnavailableException.Retry.NEVER, null);
            }
            return memory.commit(units);
        });
        List<Object> outcomes = gate.combined(create(1), bad, create(3), create(4), create(5));
        assertThat(outcomes.get(0)).isInstanceOf(CommitResult.Done.class);
        assertThat(outcomes.get(1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(outcomes.subList(2, 5))
                .extracting(one -> ((StoreUnavailableException) one).outcome())
                .containsExactly(
                        StoreUnavailableException.Outcome.UNKNOWN,
                        StoreUnavailableException.Outcome.NOT_DONE,
                        StoreUnavailableException.Outcome.NOT_DONE);
        assertThat(outcomes.subList(2, 5)).noneMatch(one -> ((StoreUnavailableException) one).isRetryable());
        assertThat(gate.handed).hasSize(4);
    }

    /** What a wrong number of answers stands for was carried out, who knows how much of it: nothing is done twice. */
    @Test
    void aBatchThatWasAnsweredWronglyIsNotHandedOverAgain() throws Exception {
        var gate = new Gate(LedgerStore.Units.ANY, units -> memory.commit(units).subList(0, 1));
        assertThat(gate.combined(create(1), create(2)))
                .allMatch(outcome -> outcome instanceof IllegalStateException)
                .doesNotHaveDuplicates();
        assertThat(gate.handed).hasSize(1);
    }

    // ------------------------------------------------------------------ which units gain

    @Test
    void unitsThatDoNotGainPassThoseThatWait() throws Exception {
        Commit held = create(1);
        memory.commit(List.of(held));
        Commit labelled = touch(held, Map.of("k", "v"));
        var gate = new Gate(LedgerStore.Units.PLAIN, memory::commit);
        List<Object> outcomes = gate.combined(create(2), labelled, create(3), touch(held, Map.of()));
        assertThat(outcomes).allMatch(outcome -> outcome instanceof CommitResult.Done);
        assertThat(gate.handed.get(0)).containsExactly(labelled);
        assertThat(gate.handed.subList(1, gate.handed.size()))
                .extracting(List::size)
                .containsExactly(3);
    }

    /** Threads that race in whatever order: of each resource there is one holder, and each bad unit fails alone. */
    @ParameterizedTest
    @CsvSource({"1,4,1,ANY", "1,4,2,ANY", "2,8,1,PLAIN", "1,64,2,PLAIN"})
    void amongFailuresEachStillGetsItsOwnOutcome(int direct, int most, int leaders, LedgerStore.Units gaining)
            throws Exception {
        Commit held = create(1);
        memory.commit(List.of(held));
        var combiner =
                new CommitCombiner(store(new LedgerStore.Combining(direct, most, leaders, gaining), this::slowly));
        for (int round = 1; round <= 20; round++) {
            int base = 100 * round;
            List<Object> outcomes = atOnce(numbers(12), number -> {
                try {
                    return combiner.commit(number % 4 == 0 ? senseless(held) : create(base + number));
                } catch (dev.berth.InvalidInputException senseless) {
                    return senseless;
                }
            });
            for (int i = 0; i < 12; i++) {
                Class<?> wanted = (i + 1) % 4 == 0 ? dev.berth.InvalidInputException.class : CommitResult.Done.class;
                assertThat(outcomes.get(i)).isInstanceOf(wanted);
            }
        }
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
        for (LedgerStore.Combining advice : List.of(
                new LedgerStore.Combining(1, 2, 1, LedgerStore.Units.ANY),
                new LedgerStore.Combining(1, 2, 2, LedgerStore.Units.ANY))) {
            var combiner = new CommitCombiner(store(advice, memory::commit));
            var unit = Commit.of(new Commit.Touch(
                    new Token(new UUID(9, 9), 1), Commit.LeaseWrite.KEEP, Optional.empty(), Map.of(), Set.of()));
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
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY), units -> {
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
        var combiner = new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY), units -> {
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
        assertThatThrownBy(() -> new LedgerStore.Combining(0, 1, 1, LedgerStore.Units.ANY))
                .isInstanceOf(dev.berth.InvalidInputException.class);
        assertThatThrownBy(() -> new LedgerStore.Combining(1, 0, 1, LedgerStore.Units.ANY))
                .isInstanceOf(dev.berth.InvalidInputException.class);
        assertThatThrownBy(() -> new LedgerStore.Combining(1, 1, 0, LedgerStore.Units.ANY))
                .isInstanceOf(dev.berth.InvalidInputException.class);
    }

    /** The ledger above a combining store is the ledger above any other. */
    @Test
    void aLedgerOnACombiningStoreIsExact() throws Exception {
        for (int round = 0; round < 10; round++) {
            int base = 1_000 * (round + 1);
            var ledger =
                    ResourceLedger.on(store(new LedgerStore.Combining(1, 4, 2, LedgerStore.Units.ANY), this::slowly));
            List<Integer> ports = atOnce(numbers(16), number -> {
                var layout = new Candidates.Layout(
                        ResourceKind.TCP_PORT, Scope.GLOBAL, Map.of("-", base), 1, 100, Set.of(), "pool");
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
        var combiner =
                new CommitCombiner(store(new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY), memory::commit));
        assertThatThrownBy(() -> atOnce(numbers(4), number -> combiner.commit(create(number))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StoreUnavailableException.class);
    }
}
