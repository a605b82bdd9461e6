package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Owner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store's times are microseconds of UTC, whatever zones the session and the process are in. */
class StoreTimeTest {
    private static final Duration NEAR = Duration.ofSeconds(5);
    private static final Duration LEASE = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "POSTGRESQL| SET TIME ZONE 'Asia/Kathmandu'| Pacific/Kiritimati",
                "POSTGRESQL| SET TIME ZONE '-9'| America/St_Johns",
                "MARIADB| SET time_zone = '+05:45'| Pacific/Kiritimati",
                "MARIADB| SET time_zone = '-09:30'| America/St_Johns",
                "H2| SET TIME ZONE '+05:45'| Pacific/Kiritimati",
                "H2| SET TIME ZONE '-09:30'| America/St_Johns",
                "SQLITE| SELECT 1| Pacific/Kiritimati",
                "SQLITE| SELECT 1| America/St_Johns"
            })
    void timesAreOfUtcWhateverTheZones(Engine engine, String greeting, String zone) throws Exception {
        Database database = engine.fresh(directory);
        Engine.open(database).close();
        TimeZone usual = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        JdbcSettings settings = Engine.settings(database).greeting(greeting);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings)) {
            Instant before = Instant.now();
            Instant told = store.now();
            Instant made = ((CommitResult.Done) SqliteStores.commit(store, claim())).at();
            Instant after = Instant.now();
            assertThat(List.of(told, made)).isSorted().allSatisfy(at -> {
                assertThat(at).isBetween(before.minus(NEAR), after.plus(NEAR));
                assertThat(at).isEqualTo(at.truncatedTo(ChronoUnit.MICROS));
            });

            Claim claim = store.find(Owner.of("lab", "app")).orElseThrow().claim();
            assertThat(claim.createdAt()).isEqualTo(made);
            assertThat(claim.stateSince()).isEqualTo(made);
            assertThat(claim.leaseUntil()).contains(made.plus(LEASE));
            assertThat(claim.holdings())
                    .allSatisfy(held -> assertThat(held.since()).isEqualTo(made));
            assertHistory(store, claim);
        } finally {
            TimeZone.setDefault(usual);
        }
    }

    private static Commit.Create claim() {
        return new Commit.Create(
                UUID.randomUUID(),
                Owner.of("lab", "app"),
                ClaimState.RESERVED,
                Optional.empty(),
                Optional.of(LEASE),
                Optional.empty(),
                Map.of(),
                List.of(new Commit.Take(SqliteStores.port(1), "web", "http", true)));
    }

    private static void assertHistory(JdbcLedgerStore store, Claim claim) {
        var release = new Commit.Release(claim.token(), Commit.Guard.NONE, EndReason.RELEASED, Map.of());
        Instant released = ((CommitResult.Done) SqliteStores.commit(store, release)).at();
        assertThat(released).isAfterOrEqualTo(claim.createdAt());
        assertThat(store.history(SqliteStores.port(1), claim.createdAt(), released.plusSeconds(1), 10))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.from()).isEqualTo(claim.createdAt());
                    assertThat(entry.until()).isEqualTo(released);
                });
    }
}
