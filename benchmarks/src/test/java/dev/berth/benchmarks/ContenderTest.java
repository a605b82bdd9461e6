package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
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
    @EnumSource(names = {"PORT", "WHOLE"})
    void naiveStaysAsFullAsItIs(Job job) throws Exception {
        String url = server.fresh("naive");
        churn(job == Job.PORT ? NaivePorts.open(url, CALLERS, SLOTS) : NaiveWholes.open(url, CALLERS, SLOTS));
    }

    @ParameterizedTest
    @EnumSource(names = {"PORT", "WHOLE"})
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

    @ParameterizedTest
    @ValueSource(strings = {"kubernetes", "nomad", "freeradius", "neutron"})
    void systemsStayAsFullAsTheyAre(String system) throws Exception {
        churn(SystemPorts.open(system, server.fresh(system), CALLERS, SLOTS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"naive", "moby"})
    void mapsStayAsFullAsTheyAre(String name) throws Exception {
        churn(new MemoryPorts(name, SLOTS));
    }

    @ParameterizedTest
    @EnumSource(Job.class)
    void berthInMemoryStaysAsFullAsItIs(Job job) throws Exception {
        churn(BerthClaims.open("berth", job, "memory:berth", CALLERS, SLOTS, 1).orElseThrow(), job);
    }

    @ParameterizedTest
    @EnumSource(names = {"HELD", "RELEASE"})
    void whatIsAskedForAgainOrReleasedIsThereAfterwards(Job job) throws Exception {
        churn(RawPairs.open(server.fresh("limit"), CALLERS), job);
        churn(NaivePorts.open(server.fresh("naive"), CALLERS, SLOTS), job);
        churn(new MemoryPorts("naive", SLOTS), job);
        churn(
                BerthClaims.open("berth", job, server.fresh("berth"), CALLERS, SLOTS, 1)
                        .orElseThrow(),
                job);
    }

    private <H> void churn(Contender<H> contender) throws Exception {
        churn(contender, Job.PORT);
    }

    private <H> void churn(Contender<H> contender, Job job) throws Exception {
        try (var churn = new Churn<>(contender, job, FILLED, CALLERS)) {
            var gate = new QuietGate(server, Duration.ZERO);

            Slice slice = churn.slice(Duration.ofMillis(job == Job.PORT ? 200 : 50), gate, server);

            assertThat(churn.errors()).isEmpty();
            assertThat(slice.errors()).isZero();
            assertThat(slice.operations()).isPositive();
            assertThat((job == Job.RELEASE ? slice.releases() : slice.claims()).quantile(0.99))
                    .isPositive();
            assertThat(churn.slots()).hasSize(FILLED).doesNotHaveDuplicates();
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

    @ParameterizedTest
    @ValueSource(strings = {"kubernetes", "nomad", "freeradius", "neutron"})
    void whatASystemStoresForNobodyIsFound(String system) throws Exception {
        try (SystemPorts ports = SystemPorts.open(system, server.fresh(system), 1, SLOTS)) {
            List<NaiveSlot> held = ports.fill(FILLED);

            assertThat(ports.check(held)).isEmpty();
            assertThat(ports.check(held.subList(1, FILLED))).containsExactly("11 slots held, but 12 stored");
        }
    }

    @Test
    void otherAnswerThanWhatIsHeldIsAnError() throws Exception {
        var ports = new MemoryPorts("naive", SLOTS);
        try (var churn = new Churn<>(ports, Job.HELD, 1, 1)) {
            ports.giveBack(0, new NaiveSlot(0, 0));

            Slice slice = churn.slice(Duration.ofMillis(20), new QuietGate(server, Duration.ZERO), server);

            assertThat(slice.errors()).isPositive();
            assertThat(slice.operations()).isZero();
            assertThat(churn.errors()).hasSize(1);
        }
    }

    @Test
    void whatEachClaimAndReleaseSendsIsCounted() throws Exception {
        try (CountingDriver driver = CountingDriver.register()) {
            String url = driver.url(server.fresh("naive"));
            try (var churn = new Churn<>(NaivePorts.open(url, CALLERS, SLOTS), FILLED, CALLERS)) {
                Trips trips = churn.counted(driver.trips(), 4);

                // A transaction that reads and inserts; a statement that deletes.
                assertThat(trips).isEqualTo(new Trips(2, 3, 1, 1));
                assertThat(trips.row("cell", "naive")).containsExactly("cell", "naive", "2.00", "3.00", "1.00", "1.00");
                assertThat(churn.check()).isEmpty();
            }
        }
    }

    @Test
    void processesThatShareADatabaseHoldNoSlotTwice() throws Exception {
        Cell cell = Cell.named("sqlite-processes4-1000-16");
        String url = server.fresh("processes");
        try (ClaimProcesses processes = ClaimProcesses.start(cell, Cell.BERTH, url)) {
            Slice slice = processes.slice(Duration.ofMillis(200), new QuietGate(server, Duration.ZERO), server);

            assertThat(slice.operations()).isPositive();
            assertThat(slice.claims().quantile(1))
                    .isGreaterThanOrEqualTo(slice.claims().quantile(0.5));
            assertThat(processes.errors()).isEmpty();
            assertThat(processes.check()).isEmpty();
            try (HikariDataSource pool = Engine.pool(url, 1)) {
                Rows.run(
                        pool,
                        "delete from berth_resource",
                        "delete from berth_claim where id = (select min(id) from berth_claim)");
            }
            assertThat(processes.check()).containsExactly("800 slots held, but 799 stored");
        }
    }

    @Test
    void everyCellHasANameOfItsOwnAndAtLeastAsManySlotsAsCallers() {
        assertThat(Cell.all())
                .hasSizeBetween(40, 60)
                .allMatch(cell -> cell.filled() >= cell.callers())
                .extracting(Cell::name)
                .doesNotHaveDuplicates();
        assertThatThrownBy(() -> Cell.named("pg")).hasMessage("no such cell: pg");
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
