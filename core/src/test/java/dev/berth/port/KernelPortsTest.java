package dev.berth.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel keeps for itself, from its settings as files. */
class KernelPortsTest {
    @TempDir
    private Path settings;

    private void write(String setting, String text) throws IOException {
        Files.writeString(settings.resolve(setting), text);
    }

    private KernelPorts read() {
        return KernelPorts.read(settings).orElseThrow();
    }

    @Test
    void settingsAreReadAsTheKernelWritesThem() throws IOException {
        write("ip_local_port_range", "32768\t60999\n");
        write("ip_local_reserved_ports", "8080,9148,30000-30010\n");
        write("ip_unprivileged_port_start", "0\n");

        assertThat(read())
                .isEqualTo(new KernelPorts(
                        new PortRange(32_768, 60_999),
                        List.of(
                                new PortRange(8_080, 8_080),
                                new PortRange(9_148, 9_148),
                                new PortRange(30_000, 30_010)),
                        0));
    }

    @Test
    void emptyReservedListIsNone() throws IOException {
        write("ip_local_port_range", "32768\t60999\n");
        write("ip_local_reserved_ports", "\n");

        assertThat(read().reserved()).isEmpty();
        assertThat(read().firstUnprivileged()).isEqualTo(1_024);
    }

    @ParameterizedTest
    @CsvSource({"'0',''", "'0-1023','1-1023'", "'0-0,7','7'"})
    void portZeroWhichTheKernelAllowsInItsListIsNoPort(String list, String ranges) throws IOException {
        write("ip_local_port_range", "32768\t60999\n");
        write("ip_local_reserved_ports", list + "\n");

        assertThat(read().reserved().stream().map(Object::toString).toList())
                .isEqualTo(ranges.isEmpty() ? List.of() : List.of(ranges));
    }

    @Test
    void hostWithoutSettingsHasNone() {
        assertThat(KernelPorts.read(settings)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "32768", "a b", "1 2 3", "60999 32768", "-1 70000", "99999999999 1"})
    void malformedRangeIsRefused(String range) throws IOException {
        write("ip_local_port_range", range + "\n");

        assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1-", "-5", "1,,2", "9-1", "70000", "1-2-3"})
    void malformedReservedListIsRefused(String list) throws IOException {
        write("ip_local_port_range", "32768\t60999\n");
        write("ip_local_reserved_ports", list + "\n");

        assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no", "-1", "65536"})
    void malformedFirstUnprivilegedPortIsRefused(String number) throws IOException {
        write("ip_local_port_range", "32768\t60999\n");
        write("ip_unprivileged_port_start", number + "\n");

        assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void nullsAreRefused() {
        var range = new PortRange(1, 2);
        assertThatThrownBy(() -> new KernelPorts(null, List.of(), 1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new KernelPorts(range, null, 1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new KernelPorts(range, Arrays.asList((PortRange) null), 1))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void thisHostsSettingsAreUnderstood() {
        assumeTrue(Files.exists(Path.of("/proc/sys/net/ipv4/ip_local_port_range")), "no /proc/sys here");

        assertThat(KernelPorts.read().orElseThrow().ephemeral().last()).isGreaterThan(1_024);
    }

    @Test
    void longestReservedListIsReadWhole() throws IOException {
        write("ip_local_port_range", "32768\t60999\n");
        write(
                "ip_local_reserved_ports",
                IntStream.range(0, 32_767)
                        .mapToObj(i -> Integer.toString(2 * i + 1))
                        .collect(Collectors.joining(",")));

        assertThat(read().reserved()).hasSize(32_767).endsWith(new PortRange(65_533, 65_533));
    }

    @Test
    void poolInTheEphemeralRangeIsWarnedOfUnlessReserved() {
        var pool = PortPool.named("web").range(32_700, 32_799).build();
        var kernel = new KernelPorts(new PortRange(32_768, 60_999), List.of(), 1_024);
        var lenient = new KernelPorts(new PortRange(32_768, 60_999), List.of(new PortRange(32_760, 32_799)), 1_024);

        assertThat(pool.warnings(kernel))
                .singleElement()
                .asString()
                .contains("32 of 100 ports of pool \"web\"", "32768-60999", "ip_local_reserved_ports");
        assertThat(pool.warnings(lenient)).isEmpty();
    }

    @Test
    void privilegedPortsAreWarnedOf() {
        var pool = PortPool.named("web").range(1_000, 1_030).build();

        assertThat(pool.warnings(new KernelPorts(new PortRange(32_768, 60_999), List.of(), 1_024)))
                .containsExactly("24 ports of pool \"web\" are below 1024 and need a privileged process");
    }
}
