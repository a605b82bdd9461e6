package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Much at once: claims of a port and a path each, all read as a stream by a process with 64 MB of memory, and 10,000
 * released by one call of the store.
 *
 * @param engine the database
 */
record Bulk(Engine engine) {
    static final List<String> HEAD = List.of("cell", "what", "claims", "milliseconds", "round trips");

    private static final int STEP = 1_000;
    private static final int RELEASED = 10_000;
    private static final int MOST_TRIPS = 20;
    private static final int HEAP = 64;
    private static final int PORTS = 50_000;

    static List<Bulk> all() {
        return Stream.of(Engine.POSTGRES, Engine.MARIADB, Engine.SQLITE)
                .map(Bulk::new)
                .toList();
    }

    String name() {
        return engine.prefix() + "-bulk";
    }

    /** Measures, and adds ratios to those given; nothing if Berth does not know the database yet. */
    List<List<String>> measure(Server server, int claims, List<String> ratios)
            throws IOException, SQLException, InterruptedException {
        String database = name().replace('-', '_');
        String url = server.fresh(database);
        List<List<String>> rows = new ArrayList<>();
        try (HikariDataSource pool = Engine.pool(url, 4)) {
            var trips = new RoundTrips();
            DataSource counted = trips.counting(pool);
            Optional<LedgerStore> opened = BerthStores.open(url, counted);
            if (opened.isPresent()) {
                try (LedgerStore store = opened.get()) {
                    rows.add(fill(store, trips, claims));
                    rows.add(stream(url, claims, ratios));
                    rows.add(release(store, trips, Math.min(RELEASED, claims)));
                    if (trips.sum() > 0) {
                        ratios.add(Target.ratio(name() + "-released-trips", (double) MOST_TRIPS / trips.sum()));
                    }
                }
            }
        }
        server.drop(database);
        return rows;
    }

    private List<String> row(String what, long claims, long nanos, String trips) {
        return List.of(
                name(),
                what,
                String.format(Locale.ROOT, "%,d", claims),
                String.format(Locale.ROOT, "%,d", nanos / 1_000_000),
                trips);
    }

    private List<String> fill(LedgerStore store, RoundTrips trips, int claims) {
        trips.reset();
        long begin = System.nanoTime();
        fill(store, 0, claims);
        return row("made, " + STEP + " a call", claims, System.nanoTime() - begin, counted(trips));
    }

    /** Makes the claims of some numbers, many at once. */
    static void fill(LedgerStore store, int first, int end) {
        for (int from = first; from < end; from += STEP) {
            done(store.commit(IntStream.range(from, Math.min(from + STEP, end))
                    .mapToObj(i -> Commit.of(create(i)))
                    .toList()));
        }
    }

    /** The driver of a store that has its own connections is not counted. */
    private static String counted(RoundTrips trips) {
        return trips.sum() == 0 ? "not counted" : trips.toString();
    }

    private static UUID id(int number) {
        return new UUID((0x0190_0000_0000L + number) << 16 | 0x7000, 0x8000_0000_0000_0000L | number);
    }

    private static Commit.Create create(int number) {
        var port = ResourceKind.TCP_PORT.in(Scope.of("host-" + number / PORTS), 1 + number % PORTS);
        var path = ResourceKind.PROXY_PATH.in(Scope.of("proxy"), "/lab/app-" + number);
        return new Commit.Create(
                id(number),
                Owner.of(Contender.TENANT, "app-" + number),
                ClaimState.RESERVED,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                List.of(new Commit.Take(port, "port", "port", true), new Commit.Take(path, "path", "path", true)));
    }

    private static void done(List<CommitResult> results) {
        results.forEach(result -> {
            if (!(result instanceof CommitResult.Done)) {
                throw new IllegalStateException("not done: " + result);
            }
        });
    }

    private List<String> stream(String url, int claims, List<String> ratios) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP + "m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClaimStream.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = child.waitFor();
        List<String> words = List.of(said.split(" ", -1));
        if (status != 0 || words.size() != 3 || Long.parseLong(words.get(0)) != claims) {
            return List.of(name(), "streamed, 64 MB: FAILED", said, "status " + status, "");
        }
        ratios.add(Target.ratio(name() + "-streamed-heap", HEAP / Double.parseDouble(words.get(2))));
        return row("streamed, " + HEAP + " MB", claims, Long.parseLong(words.get(1)) * 1_000_000, "");
    }

    private List<String> release(LedgerStore store, RoundTrips trips, int count) {
        List<Commit> units = IntStream.range(0, count)
                .mapToObj(i -> Commit.of(
                        new Commit.Release(new Token(id(i), 1), Commit.Guard.NONE, EndReason.REAPED, Map.of())))
                .toList();
        trips.reset();
        long begin = System.nanoTime();
        done(store.commit(units));
        return row("released, one call", count, System.nanoTime() - begin, counted(trips));
    }
}
