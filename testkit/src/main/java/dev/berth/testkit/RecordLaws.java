package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Records. */
abstract class RecordLaws extends StoreLaws {
    RecordLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private static Commit fenced(String name, long version, Commit.ClaimWrite... writes) {
        return new Commit(List.of(writes), List.of(), List.of(), List.of(new Commit.Fence(name, version)));
    }

    private static long micros(Instant at) {
        return Duration.between(Instant.EPOCH, at).toNanos() / 1_000;
    }

    @Test
    @DisplayName("A record is made where none is, and read back with its value and its end.")
    void recordIsMadeAndReadBack() {
        Instant at = done(unit(put("lease", 0, "anna", LONG), put("mark", 0, "x")));

        assertThat(record("lease").value()).isEqualTo("anna");
        assertThat(record("lease").until()).contains(at.plus(LONG));
        assertThat(record("lease").version()).isEqualTo(micros(at));
        assertThat(record("mark").until()).isEmpty();
        assertThat(store.records("", Optional.empty(), 10)).containsExactly(record("lease"), record("mark"));
    }

    @Test
    @DisplayName("Who puts records is told their versions, and of nothing else.")
    void putAnswersWithTheVersion() {
        var made = (CommitResult.Done) commit(store, unit(put("lease", 0, "anna", LONG), put("mark", 0, "x")));

        assertThat(made.versions())
                .containsOnly(
                        Map.entry("lease", record("lease").version()),
                        Map.entry("mark", record("mark").version()));
        long version = record("lease").version();
        var renewed = (CommitResult.Done) commit(store, unit(new Commit.RenewRecord("lease", version, LONG)));
        assertThat(renewed.versions()).isEmpty();
        var again = (CommitResult.Done) commit(store, unit(put("lease", version, "otto", LONG)));
        assertThat(again.versions())
                .containsOnly(Map.entry("lease", record("lease").version()));
    }

    @Test
    @DisplayName(
            "A record that is there is not made anew, and a version that has moved is refused with the present one.")
    void movedVersionIsRefused() {
        done(unit(put("r", 0, "1")));
        long first = record("r").version();
        assertThat(refused(unit(put("r", 0, "2")))).containsExactly(new Violation.RecordMoved("r", 0, first));
        done(unit(put("r", first, "2")));
        long second = record("r").version();

        for (Commit.RecordWrite late : List.<Commit.RecordWrite>of(
                put("r", first, "3"), new Commit.RenewRecord("r", first, LONG), new Commit.EndRecord("r", first))) {
            assertThat(refused(unit(late))).containsExactly(new Violation.RecordMoved("r", first, second));
        }
        assertThat(record("r").value()).isEqualTo("2");
    }

    @Test
    @DisplayName("A record that is absent is refused to whoever expects a version.")
    void absentRecordHasVersionNought() {
        for (Commit.RecordWrite late : List.<Commit.RecordWrite>of(
                put("r", 5, "v"), new Commit.RenewRecord("r", 5, LONG), new Commit.EndRecord("r", 5))) {
            assertThat(refused(unit(late))).containsExactly(new Violation.RecordMoved("r", 5, 0));
        }
        assertThat(store.record("r")).isEmpty();
    }

    @Test
    @DisplayName("A record that has run out is absent: to reads, to pages, to fences and to every expectation.")
    void recordThatRanOutIsAbsent() {
        done(unit(put("r", 0, "v", tick())));
        long version = record("r").version();
        pass();

        assertThat(store.record("r")).isEmpty();
        assertThat(store.records("", Optional.empty(), 10)).isEmpty();
        var moved = new Violation.RecordMoved("r", version, 0);
        assertThat(refused(unit(put("r", version, "w")))).containsExactly(moved);
        assertThat(refused(unit(new Commit.RenewRecord("r", version, LONG)))).containsExactly(moved);
        assertThat(refused(unit(new Commit.EndRecord("r", version)))).containsExactly(moved);
        assertThat(refused(fenced("r", version))).containsExactly(moved);
        done(unit(put("r", 0, "w")));
        assertThat(record("r").version()).isGreaterThan(version);
    }

    @Test
    @DisplayName("An ended record is absent at once.")
    void endedRecordIsAbsent() {
        done(unit(put("r", 0, "v")));
        long version = record("r").version();
        done(unit(new Commit.EndRecord("r", version)));

        assertThat(store.record("r")).isEmpty();
        assertThat(store.records("", Optional.empty(), 10)).isEmpty();
        assertThat(refused(fenced("r", version))).containsExactly(new Violation.RecordMoved("r", version, 0));
        assertThat(refused(unit(new Commit.EndRecord("r", version))))
                .containsExactly(new Violation.RecordMoved("r", version, 0));
    }

    @Test
    @DisplayName("A renewal moves the end and leaves version and value; an endless record gets an end by it.")
    void renewalLeavesVersionAndValue() {
        done(unit(put("r", 0, "v", tick()), put("endless", 0, "v")));
        LedgerRecord before = record("r");
        LedgerRecord endless = record("endless");
        Instant at = done(unit(
                new Commit.RenewRecord("r", before.version(), LONG),
                new Commit.RenewRecord("endless", endless.version(), tick())));
        pass();

        assertThat(record("r")).isEqualTo(new LedgerRecord("r", before.version(), "v", Optional.of(at.plus(LONG))));
        assertThat(store.record("endless")).isEmpty();
    }

    @Test
    @DisplayName("A record that is written anew gets the end of that write, or none.")
    void writeSetsTheEnd() {
        done(unit(put("r", 0, "v", tick())));
        done(unit(put("r", record("r").version(), "w")));
        pass();
        assertThat(record("r").until()).isEmpty();

        Instant at = done(unit(put("r", record("r").version(), "x", LONG)));
        assertThat(record("r").until()).contains(at.plus(LONG));
    }

    @Test
    @DisplayName("Every write's version is the last one plus one, or its time in microseconds where that is greater.")
    void versionsFollowTheRule() {
        long last = 0;
        for (int i = 0; i < 20; i++) {
            Instant at = done(unit(put("r", last, "v" + i)));
            assertThat(record("r").version()).isEqualTo(Math.max(last + 1, micros(at)));
            last = record("r").version();
        }
    }

    @Test
    @DisplayName(
            "No version is used twice under a name: not after an end, a run-out, nor when the record was forgotten.")
    void versionsAreNeverUsedTwice() {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            done(unit(put("r", 0, "v", tick())));
            assertThat(seen.add(record("r").version())).isTrue();
            if (i % 2 == 0) {
                done(unit(new Commit.EndRecord("r", record("r").version())));
            } else {
                pass();
            }
            if (i > 0) {
                fixture.pass(Duration.ofMillis(3));
                store.prune(Duration.ofMillis(1), 100);
            }
        }
    }

    @Test
    @DisplayName("No version is used twice even where more were used than microseconds have passed.")
    void versionsOfABurstAreNeverUsedAgain() {
        // On a clock that stands still, versions run ahead of it; forgetting the record must not send them back.
        done(unit(put("r", 0, "v")));
        long first = record("r").version();
        List<Commit> burst = new ArrayList<>();
        for (long i = 0; i < 5_000; i++) {
            burst.add(unit(put("r", first + i, "v")));
        }
        store.commit(burst);
        long last = record("r").version();
        done(unit(new Commit.EndRecord("r", last)));
        fixture.pass(Duration.ofMillis(2));
        store.prune(Duration.ofMillis(1), 100);
        done(unit(put("r", 0, "again")));

        assertThat(record("r").version()).isGreaterThan(last);
    }

    @Test
    @DisplayName("A fence lets a commit happen while the record is current at its version, and only then.")
    void fenceGuardsACommit() {
        done(unit(put("sweep", 0, "reaper-1", LONG)));
        long version = record("sweep").version();
        done(fenced("sweep", version, NewClaim.by(ANNA).taking(port(1)).write()));
        done(unit(put("sweep", version, "reaper-2", LONG)));
        long next = record("sweep").version();

        assertThat(refused(fenced("sweep", version, release(claim(ANNA)))))
                .containsExactly(new Violation.RecordMoved("sweep", version, next));
        assertThat(store.find(ANNA)).isPresent();
    }

    @Test
    @DisplayName("A holder of a record's lease that slept past it is fenced off, though nobody took the record (62).")
    void sleepingLeaderIsFencedOff() {
        done(unit(put("sweep", 0, "reaper-1", tick())));
        long version = record("sweep").version();
        pass();

        assertThat(refused(fenced(
                        "sweep", version, NewClaim.by(ANNA).taking(port(1)).write())))
                .containsExactly(new Violation.RecordMoved("sweep", version, 0));
    }

    @Test
    @DisplayName("A fence and a write of the same record are both compared with what was before the commit.")
    void fenceAndWriteOfOneRecordAgree() {
        done(unit(put("r", 0, "1")));
        long version = record("r").version();

        done(new Commit(
                List.of(), List.of(), List.of(put("r", version, "2")), List.of(new Commit.Fence("r", version))));
        assertThat(record("r").value()).isEqualTo("2");
    }

    @Test
    @DisplayName(
            "Of several that write a record at once, exactly one happens, and the others are told the new version.")
    void raceForARecordHasOneWinner() {
        int racers = 5;
        var handles = handles(racers);
        Race.of(racers)
                .rounds(fixture.rounds())
                .<CommitResult>run(
                        (round, racer, random) ->
                                commit(handles.get(racer), unit(put("lead-" + round, 0, "racer-" + racer))),
                        (round, results) -> {
                            LedgerRecord record = record("lead-" + round);
                            int winner = Integer.parseInt(record.value().substring(6));
                            for (int racer = 0; racer < racers; racer++) {
                                assertThat(isDone(results.get(racer))).isEqualTo(racer == winner);
                                if (racer != winner) {
                                    assertThat(results.get(racer))
                                            .isEqualTo(new CommitResult.Refused(List.of(
                                                    new Violation.RecordMoved(record.name(), 0, record.version()))));
                                }
                            }
                        });
    }
}
