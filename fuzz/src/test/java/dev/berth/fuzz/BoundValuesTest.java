package dev.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Values reach a database as bind values and in no other way; names that a host gave its tables are quoted. */
class BoundValuesTest {
    private static final String MARK = "marked-7f3a";
    private static final String ODD = MARK + "'\"`; DROP TABLE canary; --\\%_";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final ResourceKind KIND = ResourceKind.named("thing").build();
    private static final Scope SCOPE = Scope.of("scope " + ODD);

    @TempDir
    Path directory;

    private static Owner owner(String name) {
        return Owner.of("tenant " + ODD, name + " " + ODD);
    }

    private static Resource thing(String name) {
        return KIND.in(SCOPE, name + " " + ODD);
    }

    @ParameterizedTest
    @EnumSource
    void ledgerBindsWhatItIsGiven(Base base) throws Exception {
        var recording = new Recording(MARK);
        DataSource real = base.fresh(directory);
        Base.run(real, "CREATE TABLE canary (song VARCHAR(20))");
        try (var store = JdbcLedgerStore.on(recording.of(real)).createSchema();
                var ledger = ResourceLedger.on(store)) {
            everythingThatALedgerDoes(ledger);
        }
        judge(recording);
        assertThat(Base.read(real, "SELECT song FROM canary")).isEmpty();
    }

    private static void everythingThatALedgerDoes(ResourceLedger ledger) {
        Claim one = ledger.claim(ClaimRequest.by(owner("one"))
                .in(SCOPE)
                .fixed("name", thing("a"))
                .fixed("path", ResourceKind.PROXY_PREFIX, "/" + MARK)
                .choose("ports", World.pool())
                .label("label " + ODD, "value " + ODD)
                .lease(MINUTE));
        assertThat(ledger.find(owner("one"))).contains(one);
        assertThat(ledger.find(one.id())).contains(one);
        assertThat(ledger.holder(thing("a"))).contains(one);
        assertThat(ledger.occupants(Set.of(thing("a"), thing("b")))).hasSize(1);
        assertThat(ledger.claims(
                        ClaimQuery.all().tenant("tenant " + ODD).in(SCOPE).label("label " + ODD, "value " + ODD)))
                .containsExactly(one);
        assertThat(ledger.explain(thing("a")).occupant()).isPresent();
        one = ledger.renew(one.token(), MINUTE);
        one = ledger.relabel(one.token(), Map.of("more " + ODD, ODD), Set.of("label " + ODD));
        ledger.reassign(
                one.token(),
                Reassignment.of("name", thing("b")).declining(List.of(thing("a")), "declined " + ODD, MINUTE));
        ledger.migrate(owner("one"), thing("b"), thing("c"));
        one = ledger.rename(owner("one"), owner("two"));
        one = ledger.shrink(one.token(), "path");
        Attempt attempt =
                attempt(ledger, ClaimRequest.by(owner("three")).in(SCOPE).fixed("name", thing("d")));
        ledger.renew(attempt, MINUTE);
        Claim three = ledger.activate(attempt, "instance " + ODD, Map.of(ODD, ODD));
        three = ledger.stop(three.token());
        ledger.fail(three.token(), "reason " + ODD);
        ledger.abandon(attempt(ledger, ClaimRequest.by(owner("four")).in(SCOPE).fixed("name", thing("e"))));
        ledger.importAll(List.of(ClaimRequest.by(owner("five")).fixed("name", thing("f"))));
        ledger.markForeign(thing("g"), "foreign " + ODD, MINUTE);
        ledger.unblock(thing("g"));
        ledger.records().put("record " + ODD, 0, "value " + ODD);
        assertThat(ledger.records().find("record " + ODD)).isPresent();
        assertThat(ledger.records().starting("record " + ODD)).hasSize(1);
        assertThat(ledger.lease("lease " + ODD, "holder " + ODD, MINUTE)).isPresent();
        assertThat(ledger.release(one.token(), Quarantine.of(KIND, MINUTE))).isTrue();
        assertThat(ledger.tombstone(three.id())).isEmpty();
        assertThat(ledger.history(thing("c"), Instant.EPOCH, Instant.parse("2200-01-01T00:00:00Z"), 10))
                .isNotEmpty();
        assertThat(ledger.page(ClaimQuery.all(), Optional.empty(), 10).claims()).isNotEmpty();
        ledger.prune(MINUTE);
    }

    private static Attempt attempt(ResourceLedger ledger, ClaimRequest request) {
        return ((AttemptOutcome.Granted) ledger.attempt(request, SCOPE, MINUTE)).attempt();
    }

    private static void judge(Recording recording) {
        assertThat(recording.bound()).as("values that were bound").isGreaterThan(5);
        assertThat(recording.statements())
                .hasSizeGreaterThan(10)
                .allSatisfy(sql -> assertThat(sql).doesNotContain(MARK));
    }

    @ParameterizedTest
    @CsvSource({
        "SQLITE, COMPARISON", "SQLITE, TRIGGERS",
        "POSTGRESQL, COMPARISON", "POSTGRESQL, TRIGGERS",
        "MARIADB, COMPARISON", "MARIADB, TRIGGERS"
    })
    void syncBindsValuesAndQuotesNames(Base base, Capture capture) throws Exception {
        String table = "ta\"b`l'e; named";
        String key = "k\"e`y' named";
        String text = "te\"x`t' named";
        var here = new Recording(MARK);
        var there = new Recording(MARK);
        DataSource local = Base.sqlite(directory);
        DataSource remote = base.fresh(directory);
        make(Base.SQLITE, local, table, key, text);
        make(base, remote, table, key, text);
        Base.run(local, insert(Base.SQLITE, table, key, text), "here " + ODD, "value " + ODD);
        Base.run(remote, insert(base, table, key, text), "there " + ODD, "value " + ODD);
        try (var one = JdbcSyncStore.on(here.of(local)).createSchema();
                var other = JdbcSyncStore.on(there.of(remote)).createSchema()) {
            SyncEngine sync = SyncEngine.between(one, other)
                    .table(SyncTable.named(table).key(key))
                    .onConflict(ConflictPolicy.REMOTE)
                    .capture(capture)
                    .remoteCapture(capture)
                    .build();
            assertThat(sync.plan(Direction.PUSH).isClean()).isTrue();
            assertThat(sync.sync().isClean()).isTrue();
            Base.run(
                    local,
                    "UPDATE " + Base.SQLITE.quoted(table) + " SET " + Base.SQLITE.quoted(text) + " = ?",
                    "new " + ODD);
            Base.run(remote, "UPDATE " + base.quoted(table) + " SET " + base.quoted(text) + " = ?", "newer " + ODD);
            sync.sync();
            Base.run(
                    local,
                    "DELETE FROM " + Base.SQLITE.quoted(table) + " WHERE " + Base.SQLITE.quoted(key) + " = ?",
                    "here " + ODD);
            sync.sync();
            assertThat(sync.verify()).isEmpty();
            sync.recompare();
            sync.lostRows(table);
            sync.deletedRows(table);
            sync.setAside(table, Direction.PUSH);
            sync.retry(table, Direction.PULL);
            sync.status();
            assertThat(SyncEngine.discover(one, other).tables())
                    .extracting(SyncTable::name)
                    .contains(table);
        }
        assertThat(Base.read(remote, "SELECT " + base.quoted(text) + " FROM " + base.quoted(table)))
                .containsExactly("newer " + ODD);
        for (Recording recording : List.of(here, there)) {
            judge(recording);
            boolean backslash = recording == there && base == Base.MARIADB;
            assertThat(recording.statements()).anySatisfy(sql -> assertThat(sql).contains("named"));
            assertThat(recording.statements())
                    .allSatisfy(
                            sql -> assertThat(Recording.bare(sql, backslash)).doesNotContain("named", "UNENDED"));
        }
    }

    static void make(Base base, DataSource at, String table, String key, String text) throws Exception {
        Base.run(at, "CREATE TABLE canary (song VARCHAR(20))");
        Base.run(
                at,
                "CREATE TABLE " + base.quoted(table) + " (" + base.id() + ", " + base.quoted(key)
                        + " VARCHAR(200) NOT NULL UNIQUE, " + base.quoted(text) + " VARCHAR(200))");
    }

    static String insert(Base base, String table, String key, String text) {
        return "INSERT INTO " + base.quoted(table) + " (" + base.quoted(key) + ", " + base.quoted(text)
                + ") VALUES (?, ?)";
    }

    /** The eye of this test sees what it looks for. */
    @Test
    void whatIsNotQuotedIsSeen() {
        assertThat(Recording.bare("SELECT 'it''s' FROM \"a\"\"b\" WHERE named = 1", false))
                .isEqualTo("SELECT ? FROM ? WHERE named = 1");
        assertThat(Recording.bare("-- it's\nSELECT named /* it's */ FROM \"t\"", false))
                .isEqualTo("SELECT named  FROM ?");
        assertThat(Recording.bare("SELECT 'a\\' OR named'", true)).contains("?").doesNotContain("named");
        assertThat(Recording.bare("SELECT 'a\\' OR named'", false)).contains("named");
    }
}
