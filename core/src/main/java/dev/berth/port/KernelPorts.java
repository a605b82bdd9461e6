package dev.berth.port;

import dev.berth.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel of one host keeps for itself. Read it where the pool's ports are: each network namespace has settings
 * of its own.
 *
 * @param ephemeral the ports that it gives to outgoing connections ({@code net.ipv4.ip_local_port_range})
 * @param reserved the ports that it leaves out of that range ({@code net.ipv4.ip_local_reserved_ports})
 * @param firstUnprivileged the first port that any process may listen on ({@code net.ipv4.ip_unprivileged_port_start}), 0
 *     where all are
 */
public record KernelPorts(PortRange ephemeral, List<PortRange> reserved, int firstUnprivileged) {
    private static final Path SETTINGS = Path.of("/proc/sys/net/ipv4");
    /** Every other port as an entry of its own, six bytes each, and some more. */
    private static final int LONGEST = 1 << 18;

    /**
     * Copies the list.
     *
     * @param ephemeral the ports that it gives to outgoing connections ({@code net.ipv4.ip_local_port_range})
     * @param reserved the ports that it leaves out of that range ({@code net.ipv4.ip_local_reserved_ports})
     * @param firstUnprivileged the first port that any process may listen on ({@code net.ipv4.ip_unprivileged_port_start})
     * @throws InvalidInputException if something is null, or the first unprivileged port is not 0 to 65535
     */
    public KernelPorts {
        InvalidInputException.requireNonNull("ephemeral range", ephemeral);
        for (PortRange range : InvalidInputException.requireNonNull("reserved ranges", reserved)) {
            InvalidInputException.requireNonNull("reserved range", range);
        }
        reserved = InvalidInputException.copyOf("reserved", reserved);
        if (firstUnprivileged < 0 || firstUnprivileged > 65_535) {
            throw InvalidInputException.of("first unprivileged port", firstUnprivileged, "0 to 65535");
        }
    }

    /**
     * Reads the settings of the network namespace that this process runs in.
     *
     * @return the settings; empty where there are none to read, as on other systems than Linux
     * @throws InvalidInputException if a setting has a form that is not known
     */
    public static Optional<KernelPorts> read() {
        return read(SETTINGS);
    }

    static Optional<KernelPorts> read(Path settings) {
        Optional<String> range = text(settings.resolve("ip_local_port_range"));
        if (range.isEmpty()) {
            return Optional.empty();
        }
        String[] ends = range.get().split("\\s+", -1);
        if (ends.length != 2) {
            throw InvalidInputException.of("ip_local_port_range", range.get(), "two numbers");
        }
        var ephemeral = new PortRange(number("ip_local_port_range", ends[0]), number("ip_local_port_range", ends[1]));
        List<PortRange> reserved = new ArrayList<>();
        String list = text(settings.resolve("ip_local_reserved_ports")).orElse("");
        for (String entry : list.isEmpty() ? new String[0] : list.split(",", -1)) {
            String[] bounds = entry.strip().split("-", 2);
            int first = number("ip_local_reserved_ports", bounds[0]);
            int last = bounds.length == 1 ? first : number("ip_local_reserved_ports", bounds[1]);
            // The kernel's bitmap begins with 0, which is no port.
            if (first != 0 || last != 0) {
                reserved.add(new PortRange(first == 0 ? 1 : first, last));
            }
        }
        int unprivileged = text(settings.resolve("ip_unprivileged_port_start"))
                .map(text -> number("ip_unprivileged_port_start", text))
                .orElse(1_024);
        return Optional.of(new KernelPorts(ephemeral, reserved, unprivileged));
    }

    /** The kernel gives a setting to the first read and nothing to a second one: all of it must fit into one. */
    private static Optional<String> text(Path file) {
        var buffer = ByteBuffer.allocate(LONGEST);
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            int length = Math.max(channel.read(buffer), 0);
            return Optional.of(new String(buffer.array(), 0, length, StandardCharsets.US_ASCII).strip());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static int number(String setting, String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException malformed) {
            throw InvalidInputException.of(setting, text, "port numbers");
        }
    }
}
