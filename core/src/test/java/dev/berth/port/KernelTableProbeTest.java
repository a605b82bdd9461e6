package dev.berth.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.ledger.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading the kernel's tables, from files as they are and as they should not be. */
class KernelTableProbeTest {
    private static final Scope HOST = Scope.of("node-1");
    private static final String HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    private static final Port BUSY = Port.tcp(8_080);
    private static final Port FREE = Port.tcp(8_081);

    @TempDir
    private Path tables;

    private static String line(String local, String state) {
        return "   0: " + local + " 00000000:0000 " + state
                + " 00000000:00000000 00:00000000 00000000  1000        0 123 1 0000000000000000 100 0 0 10 0\n";
    }

    private void write(String table, String text) throws IOException {
        Files.writeString(tables.resolve(table), text);
    }

    private Map<Port, PortSighting> see(Port... ports) {
        return KernelTableProbe.at(HOST, tables).probe(HOST, Set.of(ports));
    }

    @Test
    void listenerIsBusyAndSaysWhose() throws IOException {
        write("tcp", HEADER + line("00000000:1F90", "0A"));
        write("tcp6", HEADER);

        assertThat(see(BUSY, FREE))
                .containsEntry(FREE, PortSighting.free())
                .containsEntry(
                        BUSY, new PortSighting.Busy("8080/tcp is bound by a socket of uid 1000 (tcp 00000000:1F90)"));
    }

    @Test
    void listenerOnIpv6IsBusy() throws IOException {
        write("tcp", HEADER);
        write("tcp6", HEADER + line("00000000000000000000000000000000:1F90", "0A"));

        assertThat(see(BUSY).get(BUSY)).isInstanceOf(PortSighting.Busy.class);
    }

    @Test
    void kernelWithoutIpv6HasNoSecondTable() throws IOException {
        write("tcp", HEADER + line("0100007F:1F90", "0A"));

        assertThat(see(BUSY).get(BUSY)).isInstanceOf(PortSighting.Busy.class);
        assertThat(see(FREE)).containsEntry(FREE, PortSighting.free());
    }

    @Test
    void connectionIsBusyAndTimeWaitIsNot() throws IOException {
        write("tcp", HEADER + line("0100007F:1F90", "01") + line("0100007F:1F91", "06"));

        assertThat(see(BUSY).get(BUSY).toString()).contains("has a connection of uid 1000");
        assertThat(see(FREE)).containsEntry(FREE, PortSighting.free());
    }

    @Test
    void udpAndTcpAreToldApart() throws IOException {
        write("tcp", HEADER);
        write("udp", HEADER + line("00000000:1F90", "07"));

        assertThat(see(BUSY)).containsEntry(BUSY, PortSighting.free());
        assertThat(see(Port.udp(8_080)).get(Port.udp(8_080))).isInstanceOf(PortSighting.Busy.class);
    }

    @Test
    void missingTableIsUnknownForItsProtocolOnly() throws IOException {
        write("tcp", HEADER);

        assertThat(see(BUSY, Port.udp(53)))
                .containsEntry(BUSY, PortSighting.free())
                .hasEntrySatisfying(
                        Port.udp(53), unseen -> assertThat(unseen).isInstanceOf(PortSighting.Unknown.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "Permission denied\n",
                HEADER + "nonsense\n",
                HEADER + "   0: 00000000:1F90 00000000:0000 0A 0000\n",
                HEADER + "   0: 1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 1\n",
                HEADER + "   0: 0:11F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 1\n",
                HEADER + "   0: 00000000:XXXX 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 1\n",
                HEADER + "   0: 00000000:1F90 00000000:0000 ZZ 00000000:00000000 00:00000000 00000000  0 0 1\n",
            })
    void tableOfUnknownFormIsUnknownAndNeverFree(String text) throws IOException {
        write("tcp", text);

        assertThat(see(FREE).get(FREE)).isInstanceOf(PortSighting.Unknown.class);
    }

    @Test
    void malformedSecondTableIsUnknownToo() throws IOException {
        write("tcp", HEADER);
        write("tcp6", "");

        assertThat(see(FREE).get(FREE)).isInstanceOf(PortSighting.Unknown.class);
    }

    @Test
    void unreadableSecondTableIsUnknownToo() throws IOException {
        write("tcp", HEADER);
        Files.createDirectory(tables.resolve("tcp6"));

        assertThat(see(FREE).get(FREE)).isInstanceOf(PortSighting.Unknown.class);
    }

    @Test
    void bytesThatAreNoTextAreUnknown() throws IOException {
        Files.write(tables.resolve("tcp"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});

        assertThat(see(FREE).get(FREE)).isInstanceOf(PortSighting.Unknown.class);
    }

    @Test
    void hugeTableIsReadInTime() throws IOException {
        var text = new StringBuilder(HEADER);
        for (int i = 0; i < 50_000; i++) {
            text.append(line(String.format(Locale.ROOT, "0100007F:%04X", 10_000 + i), "01"));
        }
        write("tcp", text.toString());
        long begin = System.nanoTime();

        assertThat(see(Port.tcp(59_999), FREE))
                .containsEntry(FREE, PortSighting.free())
                .hasEntrySatisfying(Port.tcp(59_999), seen -> assertThat(seen).isInstanceOf(PortSighting.Busy.class));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        System.out.println("50,000 sockets read in " + millis + " ms");
        assertThat(millis).isLessThan(5_000);
    }

    @Test
    void liveTablesOfThisHostAreUnderstood() {
        assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "no /proc/net here");
        var tcp = Port.tcp(Holders.freePort());
        var udp = Port.udp(tcp.number());

        assertThat(KernelTableProbe.onLocalhost().probe(PortPool.LOCALHOST, Set.of(tcp, udp)))
                .containsOnly(Map.entry(tcp, PortSighting.free()), Map.entry(udp, PortSighting.free()));
    }
}
