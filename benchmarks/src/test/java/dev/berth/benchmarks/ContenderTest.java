package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the contenders of databases for a moment: that they do what is measured, not how fast. */
class ContenderTest {
    private static final int CALLERS = 3;
    private static final int SLOTS = 20;
    private static final int FILLED = 12;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Engine.SQLITE.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Job.class)
    void naiveStaysAsFullAsItIs(Job job) throws Exception {
        String url = server.fresh("naive");
        churn(job == Job.PORT ? NaivePorts.open(url, CALLERS, SLOTS) : NaiveWholes.open(url, CALLERS, SLOTS));
    }

    @ParameterizedTest
    @EnumSource(Job.class)
    void berthStaysAsFullAsItIs(Job job) throws Exception {
        churn(BerthClaims.open("berth", job, server.fresh("berth"), CALLERS, SLOTS, 2)
                .orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"shedlock", "spring-lock"})
    void lockedStaysAsFullAsItIs(String name) throws Exception {
        churn(LockedPorts.open(name, server.fresh("locked"), CALLERS, SLOTS));
    }

    @Test
    void limitStaysAsFullAsItIs() throws Exception {
        churn(RawPairs.open(server.fresh("limit"), CALLERS));
    }

    private <H> void churn(Contender<H> contender) throws Exception {
        try (var churn = new Churn<>(contender, FILLED, CALLERS)) {
            var gate = new QuietGate(server, Duration.ZERO);

            Slice slice = churn.slice(Duration.ofMillis(200), gate, server);

            assertThat(churn.errors()).isEmpty();
            assertThat(slice.errors()).isZero();
            assertThat(slice.operations()).isPositive();
            assertThat(slice.claimP99()).isPositive();
            assertThat(churn.check()).isEmpty();
        }
    }

    @Test
    void whatIsStoredButHeldByNobodyIsFound() throws Exception {
        try (NaiveWholes naive = NaiveWholes.open(server.fresh("naive"), 1, SLOTS)) {
            List<NaiveSlot> held = naive.fill(FILLED);

            assertThat(naive.check(held)).isEmpty();
            assertThat(naive.check(held.subList(1, FILLED)))
                    .singleElement()
                    .asString()
                    .contains("11 slots held, but 12 stored");
        }
    }

    @Test
    void cellsAndOptionsAreUnderstood() {
        ReportOptions options = ReportOptions.of(List.of("--only", "pg-port-1000-32,sqlite-bulk", "--rounds", "2"));

        assertThat(options.wants("pg-port-1000-32")).isTrue();
        assertThat(options.wants("pg-port-1000-16")).isFalse();
        assertThat(options.rounds()).isEqualTo(2);
        assertThat(ReportOptions.of(List.of()).wants("pg-port-1000-16")).isTrue();
        assertThatThrownBy(() -> ReportOptions.of(List.of("--only", "pg"))).hasMessageContaining("no such cell");
        assertThatThrownBy(() -> ReportOptions.of(List.of("--once"))).hasMessageContaining("not understood: --once");
    }
}
