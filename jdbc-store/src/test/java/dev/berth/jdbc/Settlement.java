package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.testkit.LedgerInvariants;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Many claims with their instances, made at once, on an engine that clients in other processes see as well. */
final class Settlement implements AutoCloseable {
    private static final String RECORDS = "reaper/" + SqliteStores.NODE + "/";
    private static final int BACKENDS = 20_000;
    private static final int FRONTENDS = 30_000;

    final EngineServer server = new EngineServer();
    final Database database;
    final JdbcLedgerStore store;
    final ResourceLedger ledger;
    final List<Claim> claims;

    /** Makes so many claims in a new database. */
    Settlement(Database database, int count) throws Exception {
        this.database = database;
        store = Engine.open(database).createSchema();
        ledger = ResourceLedger.on(store);
        List<Commit> units = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            units.add(Commit.of(app(i)));
        }
        assertThat(store.commit(units)).hasSize(count).allMatch(CommitResult.Done.class::isInstance);
        claims = ledger.claims(ClaimQuery.all()).toList();
    }

    private Commit.Create app(int number) throws Exception {
        var mark = new Mark(
                store.identity().ledger(),
                UUID.randomUUID(),
                "nonce-" + number,
                Owner.of("lab", String.format("app-%04d", number)));
        String name = mark.owner().name();
        List<Publication> ports =
                List.of(Publication.tcp(BACKENDS + number, 80), Publication.tcp(FRONTENDS + number, 8_080));
        String instance =
                server.runtime.create(new Deployment<>(EngineWire.SPEC, Optional.of(name), ports, mark, mark.labels()));
        return new Commit.Create(
                mark.claim(),
                mark.owner(),
                ClaimState.ACTIVE,
                Optional.of(SqliteStores.NODE),
                Optional.empty(),
                Optional.empty(),
                Map.of(Mark.NONCE, mark.nonce()),
                List.of(
                        new Commit.Take(
                                ResourceKind.CONTAINER_NAME.in(SqliteStores.NODE, name), "container", "name", true),
                        new Commit.Take(SqliteStores.port(BACKENDS + number), "ports", "backend", true),
                        new Commit.Take(SqliteStores.port(FRONTENDS + number), "ports", "frontend", true),
                        new Commit.Take(
                                ResourceKind.INSTANCE.in(SqliteStores.NODE, instance),
                                Claim.INSTANCE_PART,
                                Claim.INSTANCE_PART,
                                true)));
    }

    // ------------------------------------------------------------------ what happens to it

    /** The instances of the first claims are gone; gives those claims. */
    List<Claim> vanish(int count) {
        List<Claim> ghosts = claims.subList(0, count);
        server.runtime.hide(
                ghosts.stream().map(claim -> claim.instance().orElseThrow()).toList());
        return ghosts;
    }

    /**
     * Claims become an hour old, and those that are gone have been missed three times within that hour: as if sweeps had
     * been there. The database's clock is not touched.
     */
    void anHourLater(List<Claim> gone) throws Exception {
        long hour = Duration.ofHours(1).toNanos() / 1_000;
        Engine.run(
                database,
                "UPDATE berth_claim SET created_at = created_at - " + hour + ", state_since = state_since - " + hour);
        Instant now = ledger.now();
        for (Claim claim : gone) {
            String mark = now.minus(Duration.ofMinutes(30)) + "\n" + now.minus(Duration.ofMinutes(1)) + "\n3\n"
                    + claim.token();
            assertThat(ledger.records().put(RECORDS + "missing/" + claim.id(), 0, mark))
                    .isPresent();
        }
    }

    /** The lease of the sweep that is going on runs out, if there is one. */
    void lapse() throws Exception {
        Optional<LedgerRecord> lease = ledger.records().find(RECORDS + "lease");
        if (lease.isPresent()) {
            var shortened =
                    new Commit.RenewRecord(lease.get().name(), lease.get().version(), Duration.ofMillis(1));
            store.commit(List.of(new Commit(List.of(), List.of(), List.of(shortened), List.of())));
        }
        Await.until(
                "the lease has run out",
                () -> ledger.records().find(RECORDS + "lease").isEmpty());
    }

    /** A process that sweeps so often. */
    OtherProcess reaper(java.nio.file.Path directory, String name, int sweeps) throws Exception {
        String url = database.url().startsWith("jdbc:sqlite:")
                ? database.url()
                : database.with("user", database.user())
                        .with("password", database.password())
                        .url();
        return OtherProcess.start(
                directory, "reap", url, Integer.toString(server.port()), name, Integer.toString(sweeps));
    }

    /** A reaper in this process. */
    GhostReaper.Builder reaper() {
        return GhostReaper.builder(ledger, server.runtime)
                .policy(Reapers.POLICY)
                .callingOn(Runnable::run);
    }

    // ------------------------------------------------------------------ what is seen of it

    /** All claims as they are now. */
    Set<String> tokens() {
        Set<String> tokens = new TreeSet<>();
        ledger.claims(ClaimQuery.all())
                .forEach(claim -> tokens.add(claim.token().toString()));
        return tokens;
    }

    /** Sweeps until all is done, whoever has begun, and proves that only what is gone is freed, and once. */
    void finishAndCheck(List<Claim> ghosts, int toldSoFar) throws Exception {
        lapse();
        int told = toldSoFar;
        try (GhostReaper reaper = reaper().build()) {
            ReapReport observed = reaper.run();
            assertThat(observed.outcome()).as("%s", observed).isEqualTo(ReapReport.Outcome.OBSERVED);
            ReapReport swept = reaper.run();
            assertThat(swept.outcome()).as("%s", swept).isEqualTo(ReapReport.Outcome.SWEPT);
            told += swept.ghostsRemoved();
            // Whoever is killed between freeing and counting has freed what nobody counts, and nothing is counted
            // twice.
            assertThat(reaper.totals().ghosts()).isBetween((long) told, (long) ghosts.size());
        }
        check(ghosts);
    }

    /** Proves that just these are freed, each once, and that everybody else is as before. */
    void check(List<Claim> ghosts) throws Exception {
        LedgerInvariants.check(store);
        Set<String> living = new TreeSet<>();
        claims.stream()
                .filter(claim -> !ghosts.contains(claim))
                .forEach(claim -> living.add(claim.token().toString()));
        assertThat(tokens()).isEqualTo(living);
        assertThat(ghosts)
                .allSatisfy(ghost -> assertThat(ledger.tombstone(ghost.id()))
                        .hasValueSatisfying(
                                stone -> assertThat(stone.claim().holdings()).hasSameSizeAs(ghost.holdings())));
        assertThat(server.engine.removed()).isEmpty();
        assertThat(server.wrongs()).isEmpty();
    }

    @Override
    public void close() throws java.io.IOException {
        store.close();
        server.close();
    }
}
