package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.DeletePolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Divergence;
import dev.berth.sync.FirstMeeting;
import dev.berth.sync.LostRow;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes, deletes and conflicts in both directions, however changes are found. */
class SyncBothWaysTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    static Stream<Arguments> captures() {
        return REMOTES.stream()
                .flatMap(engine ->
                        Stream.of(Capture.COMPARISON, Capture.TRIGGERS).map(capture -> Arguments.of(engine, capture)));
    }

    private static String domain(String name, String note, int hour) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', '" + note + "', '2026-01-01 "
                + hour + ":00:00')";
    }

    private static String host(String name, String domain) {
        return "INSERT INTO hosts (hostname, domain_id, updated_at) SELECT '" + name
                + "', id, '2026-01-01 10:00:00' FROM domains WHERE name = '" + domain + "'";
    }

    private static String note(String name, String note, int hour) {
        return "UPDATE domains SET note = '" + note + "', updated_at = '2026-01-01 " + hour + ":00:00' WHERE name = '"
                + name + "'";
    }

    /** Scenarios 68 and 75. */
    @ParameterizedTest
    @MethodSource("captures")
    void deletesTravelBothWaysChildrenFirst(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync =
                    pair.engine().capture(capture).remoteCapture(capture).build();
            for (String name : List.of("a", "b", "c")) {
                pair.here(
                        domain(name, "x", 10),
                        host("h" + name, name),
                        "INSERT INTO tags SELECT id, 'red', 1, '2026-01-01 10:00:00' FROM hosts WHERE hostname = 'h"
                                + name + "'");
            }
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(pair.there()).hasSize(9).isEqualTo(pair.here());

            pair.here(
                    "DELETE FROM tags WHERE host_id = (SELECT id FROM hosts WHERE hostname = 'ha')",
                    "DELETE FROM hosts WHERE hostname = 'ha'",
                    "DELETE FROM domains WHERE name = 'a'");
            pair.there(
                    "DELETE FROM tags WHERE host_id = (SELECT id FROM hosts WHERE hostname = 'hb')",
                    "DELETE FROM hosts WHERE hostname = 'hb'",
                    "DELETE FROM domains WHERE name = 'b'");
            SyncReport report = sync.sync();

            for (String table : List.of("domains", "hosts", "tags")) {
                assertThat(report.of(table, Direction.PUSH).count(dev.berth.sync.Outcome.DELETED))
                        .isEqualTo(1);
                assertThat(report.of(table, Direction.PULL).count(dev.berth.sync.Outcome.DELETED))
                        .isEqualTo(1);
            }
            assertThat(pair.here()).hasSize(3).isEqualTo(pair.there());
            assertThat(sync.verify()).isEmpty();
        }
    }

    /** Scenario 68: who wins is said, and told of. */
    @ParameterizedTest
    @MethodSource("captures")
    void aRowThatWasDeletedThereAndChangedHereFollowsThePolicy(Engine engine, Capture capture) throws Exception {
        for (DeletePolicy policy : DeletePolicy.values()) {
            try (var pair = SyncPair.of(engine, directory)) {
                SyncEngine sync = pair.engine()
                        .capture(capture)
                        .remoteCapture(capture)
                        .onDelete(policy)
                        .build();
                pair.here(domain("changed-here", "x", 10), domain("changed-there", "x", 10));
                sync.sync();
                pair.here(note("changed-here", "y", 11), "DELETE FROM domains WHERE name = 'changed-there'");
                pair.there(note("changed-there", "y", 11), "DELETE FROM domains WHERE name = 'changed-here'");

                SyncReport report = sync.sync();

                assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("CONFLICTED 2");
                if (policy == DeletePolicy.UPDATE_WINS) {
                    assertThat(pair.here()).containsExactly("[domain, changed-here, y]", "[domain, changed-there, y]");
                } else {
                    assertThat(pair.here()).isEmpty();
                    assertThat(sync.lostRows("domains"))
                            .extracting(lost -> lost.side() + " " + lost.row().get("note"))
                            .containsExactlyInAnyOrder("LOCAL y", "REMOTE y");
                }
                assertThat(pair.there()).isEqualTo(pair.here());
            }
        }
    }

    /** What a stranger's row refers to is not taken from under it. */
    @ParameterizedTest
    @MethodSource("captures")
    void aParentWithChildrenOfStrangersStaysAndComesBack(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync =
                    pair.engine().capture(capture).remoteCapture(capture).build();
            pair.here(domain("parent", "x", 10));
            sync.sync();
            pair.here("DELETE FROM domains WHERE name = 'parent'");
            pair.there(host("stranger", "parent"));

            SyncReport report = sync.sync();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            assertThat(pair.here())
                    .containsExactly("[domain, parent, x]", "[host, stranger, parent, null, null, null]");
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    /** Causes come before clocks: who knew what was there may replace it though their clock is behind. */
    @ParameterizedTest
    @MethodSource("captures")
    void aClockThatIsAnHourBehindLosesNoUpdate(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync =
                    pair.engine().capture(capture).remoteCapture(capture).build();
            pair.there(domain("a", "by a fast clock", 12));
            sync.sync();
            pair.here(note("a", "later, by a slow clock", 11));

            assertThat(told(sync.sync(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1");
            assertThat(pair.there())
                    .containsExactly("[domain, a, later, by a slow clock]")
                    .isEqualTo(pair.here());
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void equalTimesAreDecidedAlikeByEveryHost(Engine engine, Capture capture) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory)) {
            first.here(domain("a", "of the first", 10));
            second.here(domain("a", "of the second", 10));
            SyncEngine one =
                    first.engine().capture(capture).remoteCapture(capture).build();
            SyncEngine other =
                    second.engine().capture(capture).remoteCapture(capture).build();
            one.sync();
            assertThat(told(other.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            one.sync();
            assertThat(first.here()).isEqualTo(second.here()).isEqualTo(first.there());
            assertThat(other.lostRows("domains")).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aMergeComesToBothSidesAndBothOfItsRowsAreKept(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine()
                    .capture(capture)
                    .remoteCapture(capture)
                    .onConflict(ConflictPolicy.merging(conflict -> {
                        var merged = new LinkedHashMap<>(conflict.local());
                        merged.put(
                                "note",
                                conflict.local().get("note") + "+"
                                        + conflict.remote().get("note"));
                        return merged;
                    }))
                    .build();
            pair.here(domain("a", "here", 10));
            pair.there(domain("a", "there", 11));

            SyncReport report = sync.sync();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            assertThat(told(report, "domains", Direction.PULL)).isEqualTo("UPDATED 1");
            assertThat(pair.here()).containsExactly("[domain, a, here+there]").isEqualTo(pair.there());
            assertThat(sync.lostRows("domains")).extracting(LostRow::side).hasSize(2);
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void thePolicySaysWhichSideStays(Engine engine) throws Exception {
        for (ConflictPolicy policy : List.of(ConflictPolicy.LOCAL, ConflictPolicy.REMOTE)) {
            try (var pair = SyncPair.of(engine, directory)) {
                pair.here(domain("a", "local", 10));
                pair.there(domain("a", "remote", 11));
                pair.engine().onConflict(policy).build().sync();
                assertThat(pair.here())
                        .containsExactly("[domain, a, " + policy + "]")
                        .isEqualTo(pair.there());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void databasesThatWereInStepMeetByTheirVersionsIfAskedTo(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("newer", "y", 11), domain("older", "x", 10), domain("equal", "x", 10));
            pair.there(domain("newer", "x", 10), domain("older", "y", 11), domain("equal", "y", 10));
            SyncEngine sync =
                    pair.engine().onFirstMeeting(FirstMeeting.BY_VERSION).build();
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1, SKIPPED 1, CONFLICTED 1");
            sync.pull();
            assertThat(pair.here()).isEqualTo(pair.there());
        }
    }

    /** What is rolled back never travels; what is read again is what is committed. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void onlyWhatIsCommittedIsCapturedAndAnUnchangedRunReadsNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine()
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .build();
            pair.here(domain("a", "x", 10), domain("b", "x", 10));
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("INSERTED 2");
            try (Connection connection = Engine.connect(pair.localBase);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute(note("a", "rolled back", 12));
                connection.rollback();
                statement.execute(note("b", "committed", 12));
                connection.commit();
            }
            SyncReport report = sync.push();
            assertThat(report.of("domains", Direction.PUSH).read()).isEqualTo(1);
            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("UPDATED 1");
            assertThat(pair.there()).containsExactly("[domain, a, x]", "[domain, b, committed]");
            assertThat(sync.push().of("domains", Direction.PUSH).read()).isZero();
            assertThat(pair.askHere("SELECT count(*) FROM berth_sync_change")).isEqualTo("0");

            pair.local.endCapture("domains");
            pair.here(note("a", "unseen", 13));
            assertThat(sync.verify()).extracting(Divergence::kind).containsExactly(Divergence.Kind.DIFFERENT);
            // The triggers are missing, so the run makes them and compares.
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1, SKIPPED 1");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void theApplicationsCallIsPartOfItsTransaction(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine().capture(Capture.CALLS).build();
            pair.here(domain("a", "x", 10), domain("b", "x", 10));
            sync.push();
            try (Connection connection = Engine.connect(pair.localBase);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute(note("a", "noted", 12));
                pair.local.written(connection, "domains", 1);
                statement.execute("DELETE FROM domains WHERE name = 'b'");
                pair.local.deleted(connection, "domains", 2);
                connection.commit();
                statement.execute(note("a", "rolled back", 13));
                pair.local.written(connection, "domains", 1);
                connection.rollback();
            }
            SyncReport report = sync.push();
            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("UPDATED 1, DELETED 1");
            assertThat(pair.there()).containsExactly("[domain, a, noted]");
        }
    }

    /** A rename is one where changes are captured, and an id that is given again is none. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRenamedRowKeepsItsIdThereAndAReusedIdIsAnotherRow(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine()
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .build();
            pair.here(domain("old-name", "x", 10), host("child", "old-name"), domain("doomed", "x", 10));
            sync.sync();
            String id = pair.askThere("SELECT id FROM domains WHERE name = 'old-name'");
            String doomed = pair.askThere("SELECT id FROM domains WHERE name = 'doomed'");
            pair.here(
                    "UPDATE domains SET name = 'new-name' WHERE name = 'old-name'",
                    "DELETE FROM domains WHERE name = 'doomed'",
                    "INSERT INTO domains (id, name, note, updated_at) VALUES (2, 'reborn', 'y', '2026-01-01 10:00:00')");

            SyncReport report = sync.sync();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1, UPDATED 1, DELETED 1");
            assertThat(pair.askThere("SELECT id FROM domains WHERE name = 'new-name'"))
                    .isEqualTo(id);
            assertThat(pair.askThere("SELECT count(*) FROM domains WHERE id = " + doomed))
                    .isEqualTo("0");
            assertThat(pair.there()).isEqualTo(pair.here()).hasSize(3);
            assertThat(sync.sync().count(dev.berth.sync.Outcome.UPDATED)).isZero();
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRehearsalTellsWhatARunWillDoAndDoesNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("a", "x", 10), host("h", "a"), domain("b", "here", 10));
            pair.there(domain("b", "there", 11));
            SyncEngine sync = pair.engine().build();
            SyncReport plan = sync.plan(Direction.PUSH);
            assertThat(pair.there()).containsExactly("[domain, b, there]");
            assertThat(sync.lostRows("domains")).isEmpty();
            SyncReport report = sync.push();
            assertThat(plan.tables()).isEqualTo(report.tables());
            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1, CONFLICTED 1");
            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 1");
        }
    }
}
