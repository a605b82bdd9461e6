package dev.berth.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from the environment is right, or it is told what would be. */
class VariablesTest {
    private static Variables said(String text) {
        return new Variables(Map.of("IT", text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http", "65536", "-1", "80.5", "99999999999", "0x50"})
    void whatIsNoSuchNumberIsToldWithWhatIsAllowed(String text) {
        assertThatThrownBy(() -> said(text).number("IT", 0, 65_535))
                .isInstanceOf(UsageException.class)
                .hasMessage("IT is \"" + text + "\"; it has to be a whole number from 0 to 65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "15", "15m", "PT", "PT0S", "-PT15M", "PT99999999999999999999H"})
    void whatIsNoSpanIsToldWithWhatIsAllowed(String text) {
        assertThatThrownBy(() -> said(text).span("IT", Duration.ofHours(1)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("IT is \"" + text + "\"; it has to be a span such as PT15M");
    }

    @Test
    void whatIsNoAddressIsTold() {
        assertThatThrownBy(() -> said("https://pve1:8006,https://pve 2").addresses("IT"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("\"https://pve 2\"")
                .hasMessageContaining("https://pve1:8006");
        assertThatThrownBy(() -> said("http://root:hunter2@pve1").addresses("IT"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("@pve1")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void whatIsRightIsRead() {
        assertThat(said(" 8765 ").number("IT", 0, 65_535)).contains(8765);
        assertThat(said("x").number("OTHER", 0, 1)).isEmpty();
        assertThat(said("PT6H").span("IT", Duration.ofHours(1))).isEqualTo(Duration.ofHours(6));
        assertThat(said("x").span("OTHER", Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
        assertThat(said("https://pve1:8006, https://pve2:8006").addresses("IT"))
                .containsExactly(URI.create("https://pve1:8006"), URI.create("https://pve2:8006"));
    }
}
