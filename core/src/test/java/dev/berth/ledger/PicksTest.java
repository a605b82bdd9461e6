package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.port.PortPool;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Notes keep callers of one process apart, and leave nothing behind. */
class PicksTest {
    private static final Owner ANNA = Owner.of("t", "anna");
    private static final Owner BERT = Owner.of("t", "bert");

    private final MemoryLedgerStore store = new MemoryLedgerStore(Clock.systemUTC(), new UUID(1, 1));
    private final Picks picks = new Picks(store, new Random(1));

    private static Candidates ports(int count) {
        return new Candidates.Numbered(
                new Candidates.Layout(
                        ResourceKind.TCP_PORT, Scope.GLOBAL, Map.of("-", 5001), 1, count, Set.of(), "ports"),
                0);
    }

    private static int pick(Picks.Session session, int count) {
        return session.pick(ports(count), Set.of())
                .orElseThrow()
                .get("-")
                .number()
                .orElseThrow();
    }

    @Test
    void othersPickWhatIsNotNoted() {
        try (var anna = picks.begin(ANNA);
                var bert = picks.begin(BERT)) {
            assertThat(pick(anna, 9)).isEqualTo(5001);
            assertThat(pick(bert, 9)).isEqualTo(5002);
        }
        assertThat(picks.kept()).isZero();
    }

    @Test
    void threadsOfOneOwnerPickAlike() {
        try (var one = picks.begin(ANNA);
                var two = picks.begin(ANNA)) {
            assertThat(pick(one, 9)).isEqualTo(5001);
            assertThat(pick(two, 9)).isEqualTo(5001);
            one.restart();
            try (var bert = picks.begin(BERT)) {
                assertThat(pick(bert, 9)).isEqualTo(5002);
            }
        }
        assertThat(picks.kept()).isZero();
    }

    @Test
    void whatFailedIsFreeAtOnce() {
        try (var anna = picks.begin(ANNA)) {
            pick(anna, 9);
        }
        try (var bert = picks.begin(BERT)) {
            assertThat(pick(bert, 9)).isEqualTo(5001);
            bert.restart();
            assertThat(picks.kept()).isZero();
        }
    }

    @Test
    void whereAllIsNotedOneIsTriedNonetheless() {
        try (var anna = picks.begin(ANNA);
                var bert = picks.begin(BERT)) {
            assertThat(pick(anna, 1)).isEqualTo(5001);
            assertThat(pick(bert, 1)).isEqualTo(5001);
        }
        assertThat(picks.kept()).isZero();
    }

    @Test
    void moreCallersThanAnyLimitStillPickApart() {
        List<Picks.Session> sessions = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            var session = picks.begin(Owner.of("t", "app" + i));
            sessions.add(session);
            assertThat(pick(session, 1_000)).isEqualTo(5001 + i);
        }
        sessions.forEach(Picks.Session::close);
        assertThat(picks.kept()).isZero();
    }

    /** While one looks, more others note what it sees than it had asked for: it looks on, and collides with nobody. */
    @Test
    void whoFindsAllNotedLooksOn() {
        List<Picks.Session> others = new ArrayList<>();
        boolean[] looking = new boolean[1];
        Picks[] shared = new Picks[1];
        LedgerStore slow = (LedgerStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    Object answer = method.invoke(store, arguments);
                    if (!looking[0]) {
                        looking[0] = true;
                        for (int i = 0; i < 40; i++) {
                            var other = shared[0].begin(Owner.of("t", "other" + i));
                            others.add(other);
                            pick(other, 100);
                        }
                    }
                    return answer;
                });
        shared[0] = new Picks(slow, new Random(1));
        try (var anna = shared[0].begin(ANNA)) {
            assertThat(pick(anna, 100)).isEqualTo(5041);
        }
        others.forEach(Picks.Session::close);
        assertThat(shared[0].kept()).isZero();
    }

    @Test
    void aLoserPicksAnotherAndComesBackWhenNothingElseIsLeft() {
        try (var anna = picks.begin(ANNA)) {
            anna.lose(ResourceKind.TCP_PORT.in(Scope.GLOBAL, 5001));
            assertThat(pick(anna, 9)).isNotEqualTo(5001);
            assertThat(pick(anna, 1)).isEqualTo(5001);
        }
        assertThat(picks.kept()).isZero();
    }

    /** As processes do that share an SQLite file, where who waits for it waits for many commits of another. */
    @Test
    void whoIsAlwaysOvertakenByManyGetsOneSoonNonetheless() {
        var pool = PortPool.named("port").range(1, 20_000).build();
        var rival = ResourceLedger.on(store);
        var rivals = new AtomicInteger();
        var commits = new AtomicInteger();
        LedgerStore overtaken = (LedgerStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("commit")) {
                        commits.incrementAndGet();
                        for (int i = 0; i < 50; i++) {
                            rival.claim(ClaimRequest.by(Owner.of("t", "rival-" + rivals.incrementAndGet()))
                                    .choose("port", pool));
                        }
                    }
                    return method.invoke(store, arguments);
                });

        Claim claim = ResourceLedger.on(overtaken).claim(ClaimRequest.by(ANNA).choose("port", pool));

        assertThat(claim.owner()).isEqualTo(ANNA);
        assertThat(commits).hasValueLessThan(20);
    }

    @Test
    void nothingIsKeptWhenTheStoreOrTheChoiceFails() {
        var ledger = ResourceLedger.on(store);
        assertThatThrownBy(() -> ledger.claim(ClaimRequest.by(ANNA).choose("p", owner -> {
                    throw new IllegalStateException("choice");
                })))
                .isInstanceOf(IllegalStateException.class);
        store.close();
        try (var anna = picks.begin(ANNA)) {
            assertThatThrownBy(() -> pick(anna, 9)).isInstanceOf(StoreUnavailableException.class);
        }
        assertThat(picks.kept()).isZero();
    }

    /** A look that began before a grant must not pick what was granted; what is kept for it goes with it. */
    @Test
    void nothingIsKeptAfterContention() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<Boolean>> running = new ArrayList<>();
            for (int thread = 0; thread < 6; thread++) {
                int own = thread;
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        try (var session = picks.begin(Owner.of("t", "app" + own))) {
                            Optional<Map<String, Resource>> group = session.pick(ports(50), Set.of());
                            if (i % 3 == 0) {
                                session.restart();
                            } else if (i % 3 == 1 && group.isPresent()) {
                                session.succeed();
                            }
                        }
                    }
                    return true;
                }));
            }
            for (Future<Boolean> one : running) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(picks.kept()).isZero();
    }
}
