package dev.berth.fuzz;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.LedgerLease;
import dev.berth.ledger.LedgerRecords;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import dev.berth.name.NameRule;
import dev.berth.name.NameRuleBuilder;
import dev.berth.port.PortPool;
import dev.berth.port.PortProbe;
import dev.berth.port.PortSighting;
import dev.berth.reaper.Activity;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.IdleStopper;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.Provisioner;
import dev.berth.sync.BackgroundSync;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.RowShape;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import dev.berth.sync.ValueType;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.sqlite.SQLiteDataSource;

/** Real things with state for the calls that need them: ledgers, an engine that is a fake, and two files with a table. */
final class World implements AutoCloseable {
    private static final Scope NODE = Scope.of("node-1");
    private static final Owner OWNER = Owner.of("lab", "app1");

    final Samples samples = new Samples();
    private final Path directory;
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    private JdbcSyncStore here;
    private JdbcSyncStore there;
    private JdbcLedgerStore file;
    private Connection connection;
    private final Engines engines;

    World(Path directory) throws Exception {
        engines = new Engines();
        this.directory = directory;
        makeTables("here.db");
        makeTables("there.db");
        engines.offer(samples);
        var other = new SQLiteDataSource();
        other.setUrl(url("other.db"));
        samples.put(DataSource.class, () -> other).put(Connection.class, this::connection);
        samples.put(Clock.class, () -> clock)
                .put(ManualClock.class, () -> clock)
                .put(Scope.class, () -> NODE)
                .put(Owner.class, () -> OWNER)
                .put(ResourceKind.class, () -> ResourceKind.CONTAINER_NAME)
                .put(Resource.class, () -> ResourceKind.CONTAINER_NAME.in(NODE, "app1"))
                .put(Path.class, () -> directory)
                .put(RowShape.class, World::shape)
                .put(NameRuleBuilder.class, () -> NameRule.named("mine"))
                .put(Candidates.class, () -> pool().candidates(OWNER))
                .put(Candidates.Numbered.class, () -> (Candidates.Numbered) pool().candidates(OWNER))
                .put(Candidates.Layout.class, () -> ((Candidates.Numbered) pool().candidates(OWNER)).layout())
                .put(NameRule.class, () -> NameRule.DNS_LABEL)
                .put(PortPool.class, World::pool)
                .put(PortProbe.class, () -> (PortProbe) (host, ports) ->
                        ports.stream().collect(Collectors.toMap(port -> port, port -> PortSighting.free())))
                .put(Executor.class, () -> (Executor) Runnable::run)
                .put(ScheduledExecutorService.class, () -> timers)
                .put(Pacing.class, () -> ManualPacing.on(clock))
                .put(LedgerStore.class, () -> new MemoryLedgerStore(clock, new UUID(1, 2)))
                .put(ResourceLedger.class, () -> ResourceLedger.inMemory(clock))
                .put(LedgerRecords.class, () -> ResourceLedger.inMemory(clock).records())
                .put(
                        LedgerLease.class,
                        () -> ResourceLedger.inMemory(clock)
                                .lease("sweep", "me", Duration.ofMinutes(1))
                                .orElseThrow())
                .put(Claim.class, World::claim)
                .put(Token.class, () -> claim().token())
                .put(ContainerRuntime.class, () -> FakeRuntime.on(FakeEngine.of(clock), NODE))
                .put(FakeRuntime.class, () -> FakeRuntime.on(FakeEngine.of(clock), NODE))
                .put(Provisioner.Builder.class, this::provisioner)
                .put(Provisioner.class, () -> provisioner().build())
                .put(GhostReaper.Builder.class, this::reaper)
                .put(GhostReaper.class, () -> reaper().build())
                .put(IdleStopper.Builder.class, this::stopper)
                .put(IdleStopper.class, () -> stopper().build())
                .put(SyncStore.class, this::here)
                .put(JdbcSyncStore.class, this::here)
                .put(JdbcLedgerStore.class, this::file)
                .put(SyncTable.class, () -> SyncTable.named("t").key("k"))
                .put(SyncEngineBuilder.class, this::sync)
                .put(SyncEngine.class, () -> sync().build())
                .put(BackgroundSync.class, () -> sync().build().inBackground(Duration.ofHours(1), timers));
    }

    static PortPool pool() {
        return PortPool.named("apps")
                .onHost(NODE)
                .role("backend", 5_001)
                .slots(5)
                .build();
    }

    private static RowShape shape() {
        var id = new RowShape.Plain("id", ValueType.INTEGER);
        var key = new RowShape.Plain("k", ValueType.TEXT);
        return new RowShape("t", List.of(id), List.of(key), List.of(0), Optional.empty());
    }

    private static Claim claim() {
        var ledger =
                ResourceLedger.inMemory(Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), java.time.ZoneOffset.UTC));
        return ledger.claim(ClaimRequest.by(OWNER)
                .in(NODE)
                .fixed("name", ResourceKind.CONTAINER_NAME, "app1")
                .choose("ports", pool()));
    }

    private Provisioner.Builder<?> provisioner() {
        return Provisioner.of(ResourceLedger.inMemory(clock), FakeRuntime.on(FakeEngine.of(clock), NODE))
                .pacing(ManualPacing.on(clock))
                .deadlines(Deadlines.all(Duration.ofSeconds(1)));
    }

    private GhostReaper.Builder reaper() {
        return GhostReaper.builder(ResourceLedger.inMemory(clock), FakeRuntime.on(FakeEngine.of(clock), NODE))
                .pacing(ManualPacing.on(clock))
                .scheduledOn(timers);
    }

    private IdleStopper.Builder stopper() {
        return IdleStopper.of(ResourceLedger.inMemory(clock), provisioner().build())
                .after(Duration.ofHours(1))
                .asking((claim, instance) -> new Activity.Now())
                .scheduledOn(timers);
    }

    private SyncEngineBuilder sync() {
        return SyncEngine.between(here(), there())
                .table(SyncTable.named("t").key("k"))
                .waiting(Duration.ofMillis(50))
                .onConflict(ConflictPolicy.REMOTE);
    }

    private String url(String name) {
        return "jdbc:sqlite:" + directory.resolve(name);
    }

    private void makeTables(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(name));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, k VARCHAR(200) NOT NULL UNIQUE, v TEXT)");
            statement.execute("CREATE TABLE canary (id INTEGER PRIMARY KEY, song VARCHAR(20) NOT NULL UNIQUE)");
            statement.execute("INSERT INTO t (k, v) VALUES ('a', '" + name + "')");
            statement.execute("INSERT INTO canary (song) VALUES ('tweet')");
        }
    }

    /** What the canaries sing that nobody should have touched. */
    Map<String, Integer> canaries() throws SQLException {
        Map<String, Integer> songs = new LinkedHashMap<>();
        for (String name : new String[] {"here.db", "there.db"}) {
            try (Connection connection = DriverManager.getConnection(url(name));
                    Statement statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT count(*) FROM canary WHERE song = 'tweet'")) {
                songs.put(name, rows.getInt(1));
            }
        }
        return songs;
    }

    private Connection connection() {
        try {
            if (connection == null || connection.isClosed()) {
                connection = DriverManager.getConnection(url("here.db"));
            }
            return connection;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private JdbcSyncStore here() {
        if (here == null) {
            here = JdbcSyncStore.open(url("here.db"));
        }
        return here;
    }

    private JdbcSyncStore there() {
        if (there == null) {
            there = JdbcSyncStore.open(url("there.db"));
        }
        return there;
    }

    private JdbcLedgerStore file() {
        if (file == null) {
            file = JdbcLedgerStore.open(url("ledger.db"));
        }
        return file;
    }

    /** After a close, what was closed is opened anew for the next call. */
    void reopen() {
        engines.reopen();
        for (AutoCloseable one : new AutoCloseable[] {here, there, file, connection}) {
            if (one != null) {
                try {
                    one.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        here = null;
        there = null;
        file = null;
        connection = null;
    }

    @Override
    public void close() {
        reopen();
        engines.close();
        timers.shutdownNow();
    }
}
