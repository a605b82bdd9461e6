package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.port.PortOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScaleModelTest {
    private static ScaleModel.Result run(int hosts, PortOrder order, long seed) {
        return ScaleModel.run(new ScaleModel.Setting(hosts, 1_000, 800, order, 0, 1_000, 50, 400), 5_000, seed);
    }

    @ParameterizedTest
    @EnumSource(PortOrder.class)
    void oneProcessAloneNeverLoses(PortOrder order) {
        assertThat(run(1, order, 7).retries()).isZero();
    }

    /** Where far more is free than is asked for within the time that a process knows the pool by heart. */
    @Test
    void lowestIsContendedMoreThanOrdersThatSpread() {
        assertThat(large(PortOrder.LOWEST))
                .isGreaterThan(10 * large(PortOrder.SPREAD))
                .isGreaterThan(10 * large(PortOrder.STICKY));
    }

    private static double large(PortOrder order) {
        var setting = new ScaleModel.Setting(40, 50_000, 40_000, order, 100_000, 1_000, 50, 400);
        return ScaleModel.run(setting, 5_000, 7).retries();
    }

    @Test
    void theSameSeedGivesTheSame() {
        assertThat(run(16, PortOrder.SPREAD, 3)).isEqualTo(run(16, PortOrder.SPREAD, 3));
    }
}
