package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.FirstMeeting;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Tables without a version: the newest is told by when changes were made. */
class SyncStampsTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private static SyncEngine engine(SyncPair pair, Duration wrong) {
        return engine(pair, wrong, Duration.ZERO);
    }

    /** A run of yesterday: what it notices counts from then. */
    private static SyncEngine yesterday(SyncPair pair) {
        Duration ago = Duration.ofDays(-1);
        return engine(pair, ago, ago);
    }

    private static SyncEngine engine(SyncPair pair, Duration wrong, Duration wrongThere) {
        return SyncEngine.between(new SkewedSyncStore(pair.local, wrong), new SkewedSyncStore(pair.remote, wrongThere))
                .table(SyncTable.named("domains").key("name").columns("note"))
                .capture(Capture.TRIGGERS)
                .remoteCapture(Capture.TRIGGERS)
                .build();
    }

    private static String domain(String name, String note) {
        return "INSERT INTO domains (name, note) VALUES ('" + name + "', '" + note + "')";
    }

    private static String note(String note) {
        return "UPDATE domains SET note = '" + note + "' WHERE name = 'a'";
    }

    /** What was captured just now was captured earlier, by a clock that is wrong by so much. */
    private static void changedAgo(SyncPair pair, Duration ago, Duration wrong) throws SQLException {
        pair.here("UPDATE berth_sync_change SET at = at - " + ago.toMillis() + " + " + wrong.toMillis());
    }

    /** Not who syncs last wins, but who changed last, however wrong the clocks are. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void theLaterChangeWinsThoughItTravelsFirstAndClocksAreAnHourWrong(Engine engine) throws Exception {
        for (Duration wrong : List.of(Duration.ZERO, HOUR, HOUR.negated())) {
            try (var first = SyncPair.of(engine, directory);
                    var second = SyncPair.another(engine, first.remoteBase, directory)) {
                SyncEngine one = engine(first, wrong);
                SyncEngine other = engine(second, Duration.ZERO);
                first.here(domain("a", "x"), domain("b", "x"));
                for (SyncPair pair : List.of(first, second, first, second)) {
                    yesterday(pair).sync();
                }

                first.here(note("later"));
                changedAgo(first, Duration.ofMinutes(1), wrong);
                second.here(note("earlier"));
                changedAgo(second, Duration.ofMinutes(2), Duration.ZERO);
                assertThat(told(one.sync(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1");
                assertThat(told(other.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
                assertThat(first.askThere("SELECT note FROM domains WHERE name = 'a'"))
                        .isEqualTo("later");
                assertThat(second.askHere("SELECT note FROM domains WHERE name = 'a'"))
                        .isEqualTo("later");
                assertThat(other.lostRows("domains")).hasSize(1);

                second.here(note("knowing better"));
                changedAgo(second, HOUR.multipliedBy(2), Duration.ZERO);
                first.here(note("meanwhile"));
                changedAgo(first, Duration.ofMinutes(3), wrong);
                one.sync();
                // Both were made to the same state, and this one's clock was behind that.
                assertThat(told(other.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
                one.sync();
                assertThat(first.here()).isEqualTo(first.there()).isEqualTo(second.here());
            }
        }
    }

    /** What a change was made to is older than the change, so no clock loses for ever. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aChangeIsNewerThanWhatItWasMadeToThoughItsClockIsBehind(Engine engine) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory);
                var third = SyncPair.another(engine, first.remoteBase, directory)) {
            SyncEngine one = engine(first, Duration.ZERO);
            SyncEngine other = engine(second, Duration.ZERO);
            SyncEngine last = engine(third, Duration.ZERO);
            first.here(domain("a", "x"));
            one.sync();
            last.sync();
            first.here(note("base"));
            one.sync();
            other.sync();
            // Made to "base", by a clock that has fallen behind since; the third has not seen that one.
            second.here(note("made to base"));
            changedAgo(second, HOUR, Duration.ZERO);
            third.here(note("made to x"));
            changedAgo(third, Duration.ofMinutes(10), Duration.ZERO);
            other.sync();
            assertThat(told(last.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            assertThat(first.askThere("SELECT note FROM domains")).isEqualTo("made to base");
        }
    }

    /** A clock that was ahead when a change was made, and is right when it travels, wins nothing by it. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aChangeFromTheFutureCountsAsOfTheRunThatCarriesIt(Engine engine) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory)) {
            SyncEngine one = engine(first, Duration.ZERO);
            SyncEngine other = engine(second, Duration.ZERO);
            first.here(domain("a", "x"));
            one.sync();
            other.sync();
            one.sync();
            first.here(note("from the future"));
            changedAgo(first, HOUR.negated(), Duration.ZERO);
            one.sync();
            second.here(note("after that"));
            assertThat(told(other.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            assertThat(first.askThere("SELECT note FROM domains")).isEqualTo("after that");
        }
    }

    /** A stranger's change counts too, by the triggers of the remote database. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void strangersChangesCountFromWhenTheyWereMade(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = engine(pair, Duration.ZERO);
            pair.here(domain("a", "x"));
            yesterday(pair).sync();
            yesterday(pair).sync();
            for (var stranger : List.of("earlier", "later")) {
                boolean isLater = stranger.equals("later");
                pair.there(note(stranger));
                pair.there("UPDATE berth_sync_change SET at = at - " + (isLater ? 60_000 : 600_000));
                pair.here(note("mine against " + stranger));
                changedAgo(pair, Duration.ofSeconds(isLater ? 90 : 300), Duration.ZERO);
                assertThat(told(sync.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
                String won = isLater ? "later" : "mine against earlier";
                assertThat(pair.askThere("SELECT note FROM domains")).isEqualTo(won);
                assertThat(pair.askHere("SELECT note FROM domains")).isEqualTo(won);
                sync.sync();
            }
        }
    }

    /** Without captured changes it is who syncs later: a change counts from when it is noticed. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void byComparisonAChangeCountsFromWhenItIsNoticed(Engine engine) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory)) {
            var table = SyncTable.named("domains").key("name").columns("note");
            SyncEngine one =
                    SyncEngine.between(first.local, first.remote).table(table).build();
            SyncEngine other =
                    SyncEngine.between(second.local, second.remote).table(table).build();
            first.here(domain("a", "x"));
            one.sync();
            other.sync();
            first.here(note("one"));
            second.here(note("other"));
            one.sync();
            assertThat(told(other.sync(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            one.sync();
            assertThat(first.askThere("SELECT note FROM domains")).isEqualTo("other");
            assertThat(first.here()).isEqualTo(second.here());
            assertThat(other.lostRows("domains")).hasSize(1);
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsOfWhichNothingIsKnownCannotMeetByAVersionThatIsNotThere(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            var builder = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("name"))
                    .onFirstMeeting(FirstMeeting.BY_VERSION);
            assertThatThrownBy(builder::build)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("add .version(...)");
        }
    }
}
