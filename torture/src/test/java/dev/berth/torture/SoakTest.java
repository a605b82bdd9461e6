package dev.berth.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What grows is told, and what comes and goes is not. */
class SoakTest {
    private static final int LOOKS = 60;

    private static Soak soak(IntFunction<Worker.Sample> look) {
        return new Soak(IntStream.range(0, LOOKS).mapToObj(look).toList());
    }

    @Test
    void whatComesAndGoesIsFlat() {
        assertThat(soak(i -> new Worker.Sample(8_000 + i % 7 * 500, 13 + i % 3, 3 + i % 7, 51 + i % 7))
                        .isFlat())
                .isTrue();
    }

    @Test
    void aHeapThatGrowsIsTold() {
        assertThat(soak(i -> new Worker.Sample(8_000 + i * 150, 13, 8, 56)).isFlat())
                .isFalse();
    }

    @Test
    void threadsThatAreLeftAreTold() {
        assertThat(soak(i -> new Worker.Sample(8_000, 13 + i / 5, 8, 56)).isFlat())
                .isFalse();
    }

    @Test
    void connectionsAndFilesThatAreLeftAreTold() {
        assertThat(soak(i -> new Worker.Sample(8_000, 13, 8 + i / 4, 56 + i / 4))
                        .isFlat())
                .isFalse();
        assertThat(soak(i -> new Worker.Sample(8_000, 13, 8, 56 + i / 4)).isFlat())
                .isFalse();
    }
}
