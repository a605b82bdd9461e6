package dev.berth.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Quarantine;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Defaults, profiles, bounds, and the environment. */
class ReaperPolicyTest {
    private static final Duration MS = Duration.ofMillis(1);

    @Test
    void theDefaultsAreThose() {
        ReaperPolicy policy = ReaperPolicy.defaults();

        assertThat(policy.isEnabled()).isTrue();
        assertThat(policy.isDryRun()).isFalse();
        assertThat(policy.reapsGhosts()).isTrue();
        assertThat(policy.errorRetention()).isEqualTo(Duration.ofHours(24));
        assertThat(policy.interval()).isEqualTo(Duration.ofMinutes(60));
        assertThat(policy.recheck()).isEqualTo(Duration.ofMinutes(5));
        assertThat(policy.creationGrace()).isEqualTo(Duration.ofMinutes(10));
        assertThat(policy.absenceGrace()).isEqualTo(Duration.ofMinutes(15));
        assertThat(policy.confirmations()).isEqualTo(3);
        assertThat(policy.stuckAfter()).isEqualTo(Duration.ofMinutes(60));
        assertThat(policy.ratio()).isEqualTo(10);
        assertThat(policy.cap()).isEqualTo(25);
        assertThat(policy.orphans()).isEqualTo(ReaperPolicy.Orphans.REPORT);
        assertThat(policy.orphanCap()).isEqualTo(5);
        assertThat(policy.breakerRest()).isEqualTo(Duration.ofHours(24));
        assertThat(policy.warnings()).isEmpty();
        assertThat(policy.toString())
                .startsWith(
                        "enabled true, dry run false, ghosts true, error retention PT24H, interval PT1H, recheck PT5M")
                .endsWith(policy.quarantine().toString());
        assertThat(policy.quarantine().toString()).contains("tcp-port", "PT5M", "guest-id", "PT24H");
    }

    @Test
    void theProfilesAreThose() {
        assertThat(times(ReaperPolicy.homelabBusy())).containsExactly(Duration.ofHours(4), Duration.ofMinutes(30));
        assertThat(times(ReaperPolicy.homelabCalm())).containsExactly(Duration.ofDays(3), Duration.ofHours(2));
        assertThat(times(ReaperPolicy.production())).containsExactly(Duration.ofDays(7), Duration.ofHours(4));
        assertThat(times(ReaperPolicy.development())).containsExactly(Duration.ofHours(1), Duration.ofMinutes(15));
        assertThat(List.of(
                        ReaperPolicy.homelabBusy(),
                        ReaperPolicy.homelabCalm(),
                        ReaperPolicy.production(),
                        ReaperPolicy.development()))
                .allMatch(policy -> policy.warnings().isEmpty());
    }

    private static List<Duration> times(ReaperPolicy policy) {
        return List.of(policy.errorRetention(), policy.interval());
    }

    private static void spans(
            BiFunction<ReaperPolicy.Builder, Duration, ReaperPolicy.Builder> set,
            Function<ReaperPolicy, Duration> get,
            Duration least,
            Duration most) {
        for (Duration fits : List.of(least, most)) {
            ReaperPolicy policy = set.apply(ReaperPolicy.builder(), fits).build();
            assertThat(get.apply(policy)).isEqualTo(fits);
            assertThat(policy.warnings()).isEmpty();
        }
        for (Duration low : List.of(least.minus(MS), Duration.ZERO, Duration.ofSeconds(Long.MIN_VALUE))) {
            ReaperPolicy policy = set.apply(ReaperPolicy.builder(), low).build();
            assertThat(get.apply(policy)).isEqualTo(least);
            assertThat(policy.warnings()).singleElement().asString().contains("too low", least.toString());
        }
        for (Duration high : List.of(most.plus(MS), Duration.ofSeconds(Long.MAX_VALUE))) {
            ReaperPolicy policy = set.apply(ReaperPolicy.builder(), high).build();
            assertThat(get.apply(policy)).isEqualTo(most);
            assertThat(policy.warnings()).singleElement().asString().contains("too high", most.toString());
        }
    }

    @Test
    void spansHaveBounds() {
        Duration longest = Duration.ofDays(3_650);
        spans(ReaperPolicy.Builder::errorRetention, ReaperPolicy::errorRetention, Duration.ofHours(1), longest);
        spans(ReaperPolicy.Builder::interval, ReaperPolicy::interval, Duration.ofMinutes(5), Duration.ofDays(1));
        spans(
                (builder, span) -> builder.absenceGrace(Duration.ofDays(1)).recheck(span),
                ReaperPolicy::recheck,
                Duration.ofMinutes(1),
                Duration.ofMinutes(60));
        spans(
                ReaperPolicy.Builder::creationGrace,
                ReaperPolicy::creationGrace,
                Duration.ofMinutes(1),
                Duration.ofDays(1));
        spans(
                ReaperPolicy.Builder::absenceGrace,
                ReaperPolicy::absenceGrace,
                Duration.ofMinutes(10),
                Duration.ofDays(30));
        spans(ReaperPolicy.Builder::stuckAfter, ReaperPolicy::stuckAfter, Duration.ofMinutes(10), Duration.ofDays(30));
        spans(ReaperPolicy.Builder::breakerRest, ReaperPolicy::breakerRest, Duration.ofHours(1), longest);
    }

    private static void numbers(
            BiFunction<ReaperPolicy.Builder, Integer, ReaperPolicy.Builder> set,
            Function<ReaperPolicy, Integer> get,
            int least,
            int most) {
        int[][] cases = {
            {least - 1, least, 1},
            {least, least, 0},
            {least + 1, least + 1, 0},
            {most - 1, most - 1, 0},
            {most, most, 0},
            {most + 1, most, 1},
            {Integer.MIN_VALUE, least, 1},
            {Integer.MAX_VALUE, most, 1}
        };
        for (int[] one : cases) {
            ReaperPolicy policy = set.apply(ReaperPolicy.builder(), one[0]).build();
            assertThat(get.apply(policy)).as("given %d", one[0]).isEqualTo(one[1]);
            assertThat(policy.warnings()).hasSize(one[2]);
        }
    }

    @Test
    void numbersHaveBounds() {
        numbers(ReaperPolicy.Builder::confirmations, ReaperPolicy::confirmations, 2, 100);
        numbers(ReaperPolicy.Builder::ratio, ReaperPolicy::ratio, 1, 50);
        numbers(ReaperPolicy.Builder::cap, ReaperPolicy::cap, 1, 1_000);
        numbers(ReaperPolicy.Builder::orphanCap, ReaperPolicy::orphanCap, 1, 100);
    }

    /** A recheck is never rarer than the interval, and the grace never shorter than two rechecks. */
    @Test
    void boundsFollowOneAnother() {
        ReaperPolicy policy = ReaperPolicy.builder()
                .interval(Duration.ofMinutes(20))
                .recheck(Duration.ofMinutes(30))
                .absenceGrace(Duration.ofMinutes(30))
                .build();

        assertThat(policy.recheck()).isEqualTo(Duration.ofMinutes(20));
        assertThat(policy.absenceGrace()).isEqualTo(Duration.ofMinutes(40));
        assertThat(policy.warnings()).hasSize(2);
    }

    @Test
    void anotherPolicyHasTheSameSettings() {
        ReaperPolicy policy = ReaperPolicy.builder()
                .disabled()
                .keepingGhosts()
                .errorRetention(Duration.ofHours(2))
                .interval(Duration.ofMinutes(50))
                .recheck(Duration.ofMinutes(2))
                .creationGrace(Duration.ofMinutes(3))
                .absenceGrace(Duration.ofMinutes(44))
                .confirmations(5)
                .stuckAfter(Duration.ofMinutes(33))
                .ratio(22)
                .cap(7)
                .orphans(ReaperPolicy.Orphans.REMOVE)
                .orphanCap(9)
                .breakerRest(Duration.ofHours(5))
                .quarantine(Quarantine.NONE)
                .build();

        assertThat(policy.but().build()).hasToString(policy.toString());
        ReaperPolicy dry = policy.but().dryRun().build();
        assertThat(dry.toString()).isEqualTo(policy.toString().replace("dry run false", "dry run true"));
        assertThat(dry.isDryRun()).isTrue();
        assertThat(policy.isDryRun()).isFalse();
    }

    /** How long a ghost can stay at most, once everything is seen. */
    @Test
    void thePromisedNumberOfSweepsCoversNumberAndTime() {
        assertThat(ReaperPolicy.defaults().sweepsUntilGone()).isEqualTo(5);
        assertThat(ReaperPolicy.builder()
                        .absenceGrace(Duration.ofMinutes(18))
                        .build()
                        .sweepsUntilGone())
                .as("four times four and a half minutes are just enough")
                .isEqualTo(5);
        assertThat(ReaperPolicy.builder().confirmations(10).build().sweepsUntilGone())
                .isEqualTo(10);
    }

    // ------------------------------------------------------------------ the environment

    private static ReaperPolicy from(String... pairs) {
        var map = new java.util.HashMap<String, String>();
        map.put("PATH", "/bin");
        map.put("HOME", "/root");
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return ReaperPolicy.fromEnvironment(map);
    }

    @Test
    void anEmptyEnvironmentIsTheDefault() {
        assertThat(from()).hasToString(ReaperPolicy.defaults().toString());
        assertThat(from().warnings()).isEmpty();
        assertThat(ReaperPolicy.fromEnvironment(Map.of()).warnings()).isEmpty();
    }

    @Test
    void theEnvironmentIsRead() {
        ReaperPolicy policy = from(
                "CLEANUP_ENABLED", "no",
                "ERROR_RETENTION_HOURS", " 48 ",
                "GHOST_CLEANUP_ENABLED", "off",
                "CLEANUP_INTERVAL_MINUTES", "30",
                "CLEANUP_DRY_RUN", "1");

        assertThat(policy.isEnabled()).isFalse();
        assertThat(policy.reapsGhosts()).isFalse();
        assertThat(policy.isDryRun()).isTrue();
        assertThat(policy.errorRetention()).isEqualTo(Duration.ofDays(2));
        assertThat(policy.interval()).isEqualTo(Duration.ofMinutes(30));
        assertThat(policy.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "1", "yes", "on", "y", "t", "TRUE", "Yes", " on "})
    void yesIsYes(String yes) {
        ReaperPolicy policy = from("CLEANUP_DRY_RUN", yes, "CLEANUP_ENABLED", yes, "GHOST_CLEANUP_ENABLED", yes);

        assertThat(policy.isDryRun()).isTrue();
        assertThat(policy.isEnabled()).isTrue();
        assertThat(policy.reapsGhosts()).isTrue();
        assertThat(policy.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "0", "no", "off", "n", "f", "FALSE", "Off"})
    void noIsNo(String no) {
        ReaperPolicy policy = from("CLEANUP_DRY_RUN", no, "CLEANUP_ENABLED", no, "GHOST_CLEANUP_ENABLED", no);

        assertThat(policy.isDryRun()).isFalse();
        assertThat(policy.isEnabled()).isFalse();
        assertThat(policy.reapsGhosts()).isFalse();
        assertThat(policy.warnings()).isEmpty();
    }

    /** Scenario 51: retention 0 becomes 1 h and interval 1 min becomes 5 min, with a warning. */
    @Test
    void whatIsTooLowIsRaisedWithAWarning() {
        ReaperPolicy policy = from("ERROR_RETENTION_HOURS", "0", "CLEANUP_INTERVAL_MINUTES", "1");

        assertThat(policy.errorRetention()).isEqualTo(Duration.ofHours(1));
        assertThat(policy.interval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(policy.isDryRun()).isFalse();
        assertThat(policy.warnings()).hasSize(2).anyMatch(warning -> warning.contains("error retention PT0S"));
        assertThat(policy.warnings()).anyMatch(warning -> warning.contains("interval PT1M"));
    }

    @ParameterizedTest
    @CsvSource({"-5, 1", "1, 1", "2, 2", "9223372036854775807, 87600", "-9223372036854775808, 1"})
    void everyNumberIsSomeRetention(String hours, long expected) {
        assertThat(from("ERROR_RETENTION_HOURS", hours).errorRetention()).isEqualTo(Duration.ofHours(expected));
    }

    /** Scenario 51: {@code abc} is reported, and forces a dry run. */
    @ParameterizedTest
    @CsvSource({
        "CLEANUP_ENABLED, abc",
        "CLEANUP_ENABLED, ''",
        "CLEANUP_ENABLED, 2",
        "GHOST_CLEANUP_ENABLED, ja",
        "CLEANUP_DRY_RUN, fasle",
        "ERROR_RETENTION_HOURS, abc",
        "ERROR_RETENTION_HOURS, 1.5",
        "ERROR_RETENTION_HOURS, ''",
        "ERROR_RETENTION_HOURS, 24h",
        "CLEANUP_INTERVAL_MINUTES, 99999999999999999999",
        "CLEANUP_INTERVAL_MINUTES, \u0663\u0660",
        "CLEANUP_INTERVAL_MINUTES, +-3",
    })
    void whatCannotBeReadIsReportedAndNothingIsDone(String name, String value) {
        ReaperPolicy policy = from(name, value);

        assertThat(policy.isDryRun()).isTrue();
        assertThat(policy.warnings()).singleElement().asString().contains(name, "\"" + value + "\"", "dry run");
    }

    /** Scenario 51: a misspelt variable is reported, and forces a dry run. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLEANUP_DRYRUN",
                "CLEANUP_INTERVAL_MINUTE",
                "CLEANUP_INTERVAL",
                "ERROR_RETENTION_HOUR",
                "ERRORS_RETENTION_HOURS",
                "GHOST_CLEANUP_ENABLE",
                "GHOSTS_CLEANUP_ENABLED",
                "cleanup_enabled",
                "Error_Retention_Hours",
                "MY_CLEANUP_DRY_RUN",
                "GHOST_CLEANUP",
                "RETENTION_HOURS",
                "CLEANUPDRYRUN",
                "CLEANUP-DRY-RUN",
                "CLENAUP_DRY_RUN",
                "CLENUP_DRY_RUNS",
                "EROR_RETENSION_HOURS"
            })
    void whatIsMisspeltIsReportedAndNothingIsDone(String name) {
        ReaperPolicy policy = from(name, "false");

        assertThat(policy.isDryRun()).isTrue();
        assertThat(policy.warnings()).singleElement().asString().contains(name, "CLEANUP_DRY_RUN");
    }

    @Test
    void aVariableHasAName() {
        Map<String, String> nameless = new HashMap<>();
        nameless.put(null, "x");

        assertThatThrownBy(() -> ReaperPolicy.fromEnvironment(nameless))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("name of a variable");
    }

    @Test
    void doubtOutweighsAClearNo() {
        ReaperPolicy policy = from("CLEANUP_DRY_RUN", "false", "CLEANUP_DRY_RUNS", "false");

        assertThat(policy.isDryRun()).isTrue();
    }

    @Test
    void otherVariablesAreNobodysBusiness() {
        ReaperPolicy policy =
                from("RETAIN", "x", "CLEAN", "x", "INTERVAL_MINUTES", "x", "DRY_RUN", "x", "BRANUP_DRY_RUN", "x");

        assertThat(policy.isDryRun()).isFalse();
        assertThat(policy.warnings()).isEmpty();
    }
}
