package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Snapshot;
import dev.berth.port.PortPool;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes on one database, and some that are killed with SIGKILL. */
class ProcessesTest {
    private static final int PORTS = 60;
    private static final int MOST_STATEMENTS = 300;
    private static final PortPool POOL = PortPool.named("pool")
            .onHost(SqliteStores.NODE)
            .range(5_000, 5_000 + PORTS - 1)
            .build();

    @TempDir
    Path directory;

    /** A name and a port of the small pool. */
    static ClaimRequest request(Owner owner) {
        return ClaimRequest.by(owner)
                .in(SqliteStores.NODE)
                .fixed("name", ResourceKind.COMPOSE_PROJECT, owner.tenant() + "-" + owner.name())
                .choose("pool", POOL);
    }

    private String url(String engine) throws Exception {
        if (engine.equals("sqlite")) {
            return SqliteStores.url(directory.resolve("shared.db"));
        }
        Database database = Servers.of(engine).freshDatabase();
        return database.with("user", database.user())
                .with("password", database.password())
                .url();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    void noPortGoesToTwoProcesses(String engine) throws Exception {
        exhaust(url(engine), 3);
    }

    @Tag("deep")
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    void noPortGoesToTwoProcessesHoweverOften(String engine) throws Exception {
        String url = url(engine);
        for (int round = 0; round < 20; round++) {
            exhaust(url, 2 + round % 3);
            try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
                for (Claim claim : LedgerInvariants.claims(store)) {
                    ResourceLedger.on(store).release(claim.token());
                }
            }
        }
    }

    private void exhaust(String url, int count) throws Exception {
        long seed = System.nanoTime();
        List<OtherProcess> processes = new ArrayList<>();
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            for (int i = 0; i < count; i++) {
                processes.add(OtherProcess.start(directory, "share", url, "process-" + i, Long.toString(seed + i)));
            }
            for (OtherProcess process : processes) {
                process.go();
            }
            Map<String, String> held = new HashMap<>();
            for (OtherProcess process : processes) {
                for (String line : process.finish()) {
                    String[] words = line.split(" ", 2);
                    assertThat(held.put(words[0], words[1]))
                            .as("port %s, seed %d", words[0], seed)
                            .isNull();
                }
                assertThat(process.complaints()).isEmpty();
            }
            Map<String, String> stored = new HashMap<>();
            for (Claim claim : LedgerInvariants.claims(store)) {
                Resource port = claim.part("pool").values().iterator().next();
                stored.put(port.value(), claim.id().toString());
            }
            assertThat(held).as("seed %d", seed).isEqualTo(stored).hasSize(PORTS);
            LedgerInvariants.check(store);
        } finally {
            processes.forEach(OtherProcess::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    @Tag("slow")
    void whatAKilledProcessWasToldIsThere(String engine) throws Exception {
        churn(engine, 1);
    }

    @Tag("deep")
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    void whatKilledProcessesWereToldIsThereHoweverOften(String engine) throws Exception {
        churn(engine, 20);
    }

    private void churn(String engine, int rounds) throws Exception {
        String url = url(engine);
        long seed = System.nanoTime();
        var random = new Random(seed);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url);
                OtherProcess survivor = OtherProcess.start(directory, "churn", url, "survivor", "1")) {
            survivor.go();
            survivor.next();
            for (int round = 0; round < rounds; round++) {
                String tenant = "round-" + round;
                Set<UUID> sure = new HashSet<>();
                try (OtherProcess victim = OtherProcess.start(directory, "churn", url, tenant, Long.toString(seed))) {
                    victim.go();
                    for (int i = 50 + random.nextInt(100); i > 0; i--) {
                        note(victim.next(), sure);
                    }
                    victim.kill().forEach(line -> note(line, sure));
                }
                for (UUID claim : sure) {
                    assertThat(store.find(claim)).as("seed %d", seed).isPresent();
                }
                var ledger = ResourceLedger.on(store);
                for (Claim claim : LedgerInvariants.claims(store)) {
                    if (claim.owner().tenant().equals(tenant)) {
                        assertThat(claim.holdings()).hasSize(2);
                        // Not surely by this call: what the victim said last may still be under way.
                        ledger.release(claim.token());
                    }
                }
            }
            survivor.go();
            survivor.finish();
            assertThat(survivor.complaints()).isEmpty();
            LedgerInvariants.check(store);
        }
    }

    private static void note(String line, Set<UUID> sure) {
        if (line.matches("claimed .{36}")) {
            sure.add(UUID.fromString(line.substring("claimed ".length())));
        } else if (line.matches("releases .{36}")) {
            sure.remove(UUID.fromString(line.substring("releases ".length())));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    @Tag("slow")
    void aProcessThatIsKilledBetweenStatementsLeavesAWholeClaimOrNone(String engine) throws Exception {
        dieEverywhere(engine, engine.equals("postgresql") ? 1 : 4);
    }

    @Tag("deep")
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    void aProcessThatIsKilledBetweenAnyTwoStatementsLeavesAWholeClaimOrNone(String engine) throws Exception {
        dieEverywhere(engine, 1);
    }

    /** Two at once: most of their time is the start of a process. */
    private void dieEverywhere(String engine, int step) throws Exception {
        String url = url(engine);
        int first = 1 + new Random().nextInt(step);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            boolean alive = false;
            int deaths = 0;
            for (int n = first; !alive; n += 2 * step) {
                int other = n + step;
                int one = n;
                Future<Boolean> left = threads.submit(() -> die(store, url, one));
                Future<Boolean> right = threads.submit(() -> die(store, url, other));
                for (Future<Boolean> died : List.of(left, right)) {
                    boolean dead = died.get(2, TimeUnit.MINUTES);
                    deaths += dead ? 1 : 0;
                    alive |= !dead;
                }
                assertThat(n).isLessThan(MOST_STATEMENTS);
            }
            LedgerInvariants.check(store);
            System.out.println(
                    engine + ": " + deaths + " processes died, from statement " + first + " on every " + step);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Says whether the cycle has so many statements. */
    private boolean die(JdbcLedgerStore store, String url, int statement) throws Exception {
        Owner owner = Owner.of("mortal", "app-" + statement);
        List<String> said = new ArrayList<>();
        try (OtherProcess process =
                OtherProcess.start(directory, "die", url, owner.name(), Integer.toString(statement))) {
            process.go();
            String line;
            do {
                line = process.next();
                said.add(line);
            } while (line != null && !line.equals("dying") && !line.equals("through"));
            process.kill();
            assertThat(line).as(process.complaints()).isNotNull();
        }
        Optional<Claim> left = store.find(owner).map(Snapshot::claim);
        left.ifPresent(claim -> assertThat(claim.holdings()).hasSize(2));
        if (said.contains("released")) {
            assertThat(left).isEmpty();
        }
        // What the next process does.
        var ledger = ResourceLedger.on(store);
        Claim claim = ledger.claim(request(owner));
        left.ifPresent(found -> assertThat(claim.token()).isEqualTo(found.token()));
        assertThat(ledger.release(claim.token())).isTrue();
        assertThat(store.find(owner)).isEmpty();
        return said.contains("dying");
    }
}
