package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ResourceLedger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs every benchmark once: that it does what is measured, not how fast. */
class LedgerBenchmarkTest {
    private final LedgerBenchmark benchmark = new LedgerBenchmark();
    private final LedgerBenchmark.Caller caller = new LedgerBenchmark.Caller();
    private final LedgerBenchmark.Fullness fullness = new LedgerBenchmark.Fullness();

    @ParameterizedTest
    @CsvSource({"0,AT_THE_END", "50,AT_THE_END", "99,AT_THE_END", "99,SCATTERED"})
    void bothGiveTheLowestFreePortAndTakeItBack(int percent, Holes holes) {
        fullness.percent = percent;
        fullness.holes = holes;
        var ours = new LedgerBenchmark.LedgerOfPorts();
        var naive = new LedgerBenchmark.ScanOfPorts();
        ours.fill(fullness);
        naive.fill(fullness);
        long claims = claims(ours.ledger);
        int used = naive.scan.portsInUse();
        assertThat(claims).isEqualTo(65_535L * percent / 100).isEqualTo(used);

        int port = benchmark.port(ours, caller);

        assertThat(port).isEqualTo(benchmark.portByScan(naive, caller));
        assertThat(fullness.ports()).doesNotContain(port);
        assertThat(claims(ours.ledger)).isEqualTo(claims);
        assertThat(naive.scan.portsInUse()).isEqualTo(used);
        ours.close();
    }

    @ParameterizedTest
    @CsvSource({"0,AT_THE_END", "99,AT_THE_END", "99,SCATTERED"})
    void bothGiveTheLowestFreePairAndTakeItBack(int percent, Holes holes) {
        fullness.percent = percent;
        fullness.holes = holes;
        var ours = new LedgerBenchmark.LedgerOfWholes();
        var naive = new LedgerBenchmark.ScanOfWholes();
        ours.fill(fullness);
        naive.fill(fullness);
        long claims = claims(ours.ledger);
        int used = naive.scan.portsInUse();
        assertThat(2 * claims).isEqualTo(used);

        int backend = benchmark.whole(ours, caller);

        assertThat(backend).isEqualTo(benchmark.wholeByScan(naive, caller));
        assertThat(claims(ours.ledger)).isEqualTo(claims);
        assertThat(naive.scan.portsInUse()).isEqualTo(used);
        ours.close();
    }

    private static long claims(ResourceLedger ledger) {
        return ledger.claims(ClaimQuery.all()).count();
    }
}
