package dev.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hostile texts in real databases: read back as they were given, or refused before anything is written. */
class HostileStoresTest {
    private static final ResourceKind KIND = ResourceKind.named("thing").build();
    private static final List<String> NAMES = List.of(
            "select",
            "we\"ird",
            "ba`ck",
            "quo'te",
            "dot.ted",
            "spa ced",
            "semi;colon",
            "per%cent",
            "back\\slash",
            "do$$llar",
            "ques?tion",
            ":colon",
            "{brace}",
            "\u00fcn\u00ef\u4e2d",
            "'; DROP TABLE canary; --",
            "*/ DROP TABLE canary /*",
            "-- comment");

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void claimsAreReadBackAsTheyWereGivenOrRefused(Base base) throws Exception {
        DataSource data = base.fresh(directory);
        Base.run(data, "CREATE TABLE canary (song VARCHAR(20))");
        int kept = 0;
        try (var store = JdbcLedgerStore.on(data).createSchema();
                var ledger = ResourceLedger.on(store)) {
            for (String text : HostileValues.TEXTS) {
                List<Function<String, ClaimRequest>> places = List.of(
                        odd -> request(odd, "name", "here", "v", "k", "x"),
                        odd -> request("lab", odd, "here", "v", "k", "x"),
                        odd -> request("lab", "scope", odd, "v", "k", "x"),
                        odd -> request("lab", "value", "here", odd, "k", "x"),
                        odd -> request("lab", "key", "here", "v", odd, "x"),
                        odd -> request("lab", "label", "here", "v", "k", odd));
                for (Function<String, ClaimRequest> place : places) {
                    kept += keptOrRefused(ledger, () -> place.apply(text));
                }
                kept += recordKeptOrRefused(ledger, text);
            }
            assertThat(ledger.claims(ClaimQuery.all())).isEmpty();
        }
        assertThat(kept).isGreaterThan(HostileValues.TEXTS.size() * 3);
        assertThat(Base.read(data, "SELECT song FROM canary")).isEmpty();
    }

    private interface Asking {
        ClaimRequest ask();
    }

    private static ClaimRequest request(
            String tenant, String name, String scope, String value, String key, String label) {
        return ClaimRequest.by(Owner.of(tenant, name))
                .fixed("part", KIND.in(Scope.of(scope), value))
                .label(key, label);
    }

    private static int keptOrRefused(ResourceLedger ledger, Asking asking) {
        ClaimRequest request;
        Claim claim;
        try {
            request = asking.ask();
            claim = ledger.claim(request);
        } catch (InvalidInputException refused) {
            assertThat(ledger.claims(ClaimQuery.all())).as(refused.getMessage()).isEmpty();
            return 0;
        }
        assertThat(claim.owner()).isEqualTo(request.owner());
        assertThat(claim.labels()).isEqualTo(request.labels());
        assertThat(claim.part("part").values()).containsExactlyElementsOf(request.resources());
        assertThat(ledger.find(request.owner())).contains(claim);
        assertThat(ledger.holder(request.resources().iterator().next())).contains(claim);
        assertThat(ledger.claims(ClaimQuery.all())).containsExactly(claim);
        assertThat(ledger.release(claim)).isTrue();
        return 1;
    }

    private static int recordKeptOrRefused(ResourceLedger ledger, String text) {
        try {
            assertThat(ledger.records().put("r" + text, 0, text)).isPresent();
        } catch (InvalidInputException refused) {
            return 0;
        }
        Optional<LedgerRecord> found = ledger.records().find("r" + text);
        assertThat(found.map(LedgerRecord::value)).contains(text);
        assertThat(ledger.records().end(found.orElseThrow())).isTrue();
        return 1;
    }

    /** Tables and columns with such names are synced, and the table beside them is not touched. */
    @ParameterizedTest
    @EnumSource
    void tablesWithHostileNamesAreSyncedOrRefused(Base base) throws Exception {
        DataSource local = Base.sqlite(directory);
        DataSource remote = base.fresh(directory);
        Base.run(local, "CREATE TABLE canary (song VARCHAR(20))");
        Base.run(remote, "CREATE TABLE canary (song VARCHAR(20))");
        List<String> refused = new ArrayList<>();
        for (String name : NAMES) {
            make(Base.SQLITE, local, name);
            make(base, remote, name);
            Base.run(
                    local, BoundValuesTest.insert(Base.SQLITE, name, "k" + name, "v" + name), name, "value of " + name);
        }
        try (var here = JdbcSyncStore.on(local).createSchema();
                var there = JdbcSyncStore.on(remote).createSchema()) {
            for (String name : NAMES) {
                try {
                    SyncEngine sync = SyncEngine.between(here, there)
                            .table(SyncTable.named(name).key("k" + name))
                            .onConflict(ConflictPolicy.REMOTE)
                            .build();
                    assertThat(sync.push().of(name, Direction.PUSH).count(Outcome.INSERTED))
                            .as(name + ", set aside: " + sync.setAside(name, Direction.PUSH))
                            .isEqualTo(1);
                    assertThat(sync.verify()).as(name).isEmpty();
                    assertThat(Base.read(remote, "SELECT " + base.quoted("v" + name) + " FROM " + base.quoted(name)))
                            .containsExactly("value of " + name);
                } catch (BerthException typed) {
                    assertThat(Judge.illegible(typed.getMessage())).isEmpty();
                    refused.add(name);
                }
            }
            rowsWithHostileTexts(base, here, there, local, remote);
        }
        assertThat(refused).as("there is no need to refuse one of these").isEmpty();
        assertThat(Base.read(remote, "SELECT song FROM canary")).isEmpty();
        assertThat(Base.read(local, "SELECT song FROM canary")).isEmpty();
    }

    private static void make(Base base, DataSource at, String name) throws Exception {
        Base.run(
                at,
                "CREATE TABLE " + base.quoted(name) + " (" + base.id() + ", " + base.quoted("k" + name)
                        + " VARCHAR(200) NOT NULL UNIQUE, " + base.quoted("v" + name) + " VARCHAR(2000))"
                        + base.anyText());
    }

    /** Each text as a value: there as it was here, or the row is set aside and said to be. */
    private static void rowsWithHostileTexts(
            Base base, JdbcSyncStore here, JdbcSyncStore there, DataSource local, DataSource remote) throws Exception {
        make(Base.SQLITE, local, "texts");
        make(base, remote, "texts");
        List<String> texts = HostileValues.TEXTS.stream()
                .filter(text -> text.length() <= 2_000 && text.codePoints().noneMatch(HostileStoresTest::isHalf))
                .toList();
        for (int i = 0; i < texts.size(); i++) {
            Base.run(local, BoundValuesTest.insert(Base.SQLITE, "texts", "ktexts", "vtexts"), "row" + i, texts.get(i));
        }
        SyncEngine sync = SyncEngine.between(here, there)
                .table(SyncTable.named("texts").key("ktexts"))
                .onConflict(ConflictPolicy.REMOTE)
                .build();
        sync.push();
        Set<String> arrived = Set.copyOf(Base.read(remote, "SELECT vtexts FROM texts"));
        int aside = sync.setAside("texts", Direction.PUSH).size();
        assertThat(texts).containsAll(arrived);
        assertThat(arrived.size() + aside).isEqualTo(texts.size());
        assertThat(aside).as("only a NUL has no place, in PostgreSQL").isLessThanOrEqualTo(1);
    }

    private static boolean isHalf(int c) {
        return Character.getType(c) == Character.SURROGATE;
    }
}
