package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Looks whether ports are in use by reading the kernel's socket tables, {@code tcp}, {@code tcp6}, {@code udp} and
 * {@code udp6} below {@code /proc/net} (Linux, {@code proc(5)}): it binds nothing, and answers for any number of ports
 * with four reads. Sockets of this process's network namespace are seen, whoever owns them. A listening TCP socket makes
 * a port busy, and so does a connection that is not in {@code TIME_WAIT}, though a server could be bound beside one that
 * an earlier server accepted; a bound UDP socket does too. A TCP socket that is bound and does not listen is in no table
 * and not seen. Where a table that is asked for cannot be read, or has a form that is not known, its ports are unknown.
 *
 * <p>Safe for use by many threads; holds nothing.
 */
public final class KernelTableProbe implements PortProbe {
    private static final Path TABLES = Path.of("/proc/net");
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final int TIME_WAIT = 6;
    private static final int LISTEN = 10;

    private final Scope host;
    private final Path tables;

    private KernelTableProbe(Scope host, Path tables) {
        this.host = host;
        this.tables = tables;
    }

    /**
     * Makes the probe of this process's network namespace.
     *
     * @param host the scope that this process's host has in the ledger; ports of other hosts are unknown to the probe
     * @return the probe
     */
    public static KernelTableProbe on(Scope host) {
        return at(host, TABLES);
    }

    /**
     * Makes the probe for pools that name no host.
     *
     * @return the probe of {@link PortPool#LOCALHOST}
     */
    public static KernelTableProbe onLocalhost() {
        return on(PortPool.LOCALHOST);
    }

    static KernelTableProbe at(Scope host, Path tables) {
        return new KernelTableProbe(InvalidInputException.requireNonNull("host", host), tables);
    }

    @Override
    public Map<Port, PortSighting> probe(Scope asked, Set<Port> ports) {
        InvalidInputException.requireNonNull("host", asked);
        InvalidInputException.requireNonNull("ports", ports);
        Map<Port, PortSighting> seen = new HashMap<>();
        if (!asked.equals(host)) {
            var unknown = new PortSighting.Unknown("this process is on " + host + " and does not see " + asked);
            ports.forEach(port -> seen.put(port, unknown));
            return seen;
        }
        for (Protocol protocol : Protocol.values()) {
            List<Port> wanted =
                    ports.stream().filter(port -> port.protocol() == protocol).toList();
            if (!wanted.isEmpty()) {
                look(protocol, wanted, seen);
            }
        }
        return seen;
    }

    private void look(Protocol protocol, List<Port> wanted, Map<Port, PortSighting> seen) {
        Map<Integer, String> used = new HashMap<>();
        try {
            read(protocol, protocol.toString(), used);
            // A kernel without IPv6 has no second table.
            if (!Files.notExists(tables.resolve(protocol + "6"))) {
                read(protocol, protocol + "6", used);
            }
        } catch (IOException | NumberFormatException unreadable) {
            var unknown =
                    new PortSighting.Unknown("cannot read " + tables.resolve(protocol.toString()) + ": " + unreadable);
            wanted.forEach(port -> seen.put(port, unknown));
            return;
        }
        for (Port port : wanted) {
            String evidence = used.get(port.number());
            seen.put(port, evidence == null ? PortSighting.free() : new PortSighting.Busy(port + " " + evidence));
        }
    }

    /** Notes the local ports of a table, listening sockets before others. Lines: {@code sl local rem st ...}, in hex. */
    private void read(Protocol protocol, String table, Map<Integer, String> used) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(tables.resolve(table), StandardCharsets.US_ASCII)) {
            String header = lines.readLine();
            if (header == null || !header.contains("local_address")) {
                throw new IOException("unknown form: begins with \"" + header + "\"");
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                note(protocol, table, line, used);
            }
        }
    }

    private static void note(Protocol protocol, String table, String line, Map<Integer, String> used)
            throws IOException {
        String[] fields = BLANKS.split(line.strip(), 9);
        int colon = fields.length < 8 ? -1 : fields[1].lastIndexOf(':');
        if (colon < 0 || fields[1].length() != colon + 5) {
            throw new IOException("unknown form: \"" + line + "\"");
        }
        int number = Integer.parseInt(fields[1].substring(colon + 1), 16);
        int state = Integer.parseInt(fields[3], 16);
        boolean listens = protocol == Protocol.UDP || state == LISTEN;
        if (listens) {
            used.put(number, "is bound by a socket of uid " + fields[7] + " (" + table + " " + fields[1] + ")");
        } else if (state != TIME_WAIT) {
            used.putIfAbsent(number, "has a connection of uid " + fields[7] + " (" + table + " " + fields[1] + ")");
        }
    }
}
