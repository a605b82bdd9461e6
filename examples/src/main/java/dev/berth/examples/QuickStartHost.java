package dev.berth.examples;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortAllocator;
import dev.berth.port.PortAssignment;
import dev.berth.port.PortPool;
import dev.berth.port.SocketProbe;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One process of the quick start: it starts its apps at once, a thread each, gets them their names and ports from the
 * ledger that it shares with other processes, really listens on the ports, and reports. It starts at the first
 * byte of its input, and runs until the input ends.
 */
final class QuickStartHost {
    /** The label by which a claim tells which process its app runs in. */
    static final String PROCESS = "process";

    /** Where previews listen: a backend and a frontend port for each app, in step. */
    static final PortPool PORTS = PortPool.named("ports")
            .role("backend", 5001)
            .role("frontend", 8001)
            .step(2)
            .slots(500)
            .build();

    /** One line of the report. */
    record Row(String user, String app, String project, String path, int backend, int frontend) {
        String toLine() {
            return String.join("\t", user, app, project, path, "" + backend, "" + frontend);
        }

        static Row fromLine(String line) {
            String[] fields = line.split("\t", -1);
            return new Row(
                    fields[0],
                    fields[1],
                    fields[2],
                    fields[3],
                    Integer.parseInt(fields[4]),
                    Integer.parseInt(fields[5]));
        }
    }

    private QuickStartHost() {}

    /** Gets one app all that it needs: all of it, or an exception that names who holds what is in the way. */
    static PortAssignment berth(ResourceLedger ledger, String user, String app) {
        var request = ClaimRequest.by(Owner.of(user, app))
                .name("project", ResourceKind.COMPOSE_PROJECT, user, app)
                .name("path", ResourceKind.PROXY_PATH, user, app)
                .label(PROCESS, Long.toString(ProcessHandle.current().pid()));
        return PortAllocator.on(ledger).probing(SocketProbe.onLocalhost()).allocate(request, PORTS);
    }

    /**
     * Starts the apps when told to, and waits until the input ends.
     *
     * @param args the ledger's URL, then a user and an app for each of the apps, URL-encoded
     */
    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        int apps = (args.length - 1) / 2;
        ExecutorService threads = Executors.newFixedThreadPool(apps);
        List<ServerSocket> listening = new ArrayList<>();
        try (var ledger = ResourceLedger.on(JdbcLedgerStore.open(args[0]))) {
            var start = new CountDownLatch(1);
            List<Future<Row>> rows = new ArrayList<>();
            for (int i = 0; i < apps; i++) {
                String user = URLDecoder.decode(args[1 + 2 * i], StandardCharsets.UTF_8);
                String app = URLDecoder.decode(args[2 + 2 * i], StandardCharsets.UTF_8);
                rows.add(threads.submit((Callable<Row>) () -> {
                    start.await();
                    return row(berth(ledger, user, app).claim());
                }));
            }
            System.out.println("ready");
            System.in.read();
            start.countDown();
            for (Future<Row> future : rows) {
                Row row = future.get();
                listening.add(new ServerSocket(row.backend()));
                listening.add(new ServerSocket(row.frontend()));
                System.out.println(row.toLine());
            }
            System.out.println();
            while (System.in.read() >= 0) {
                // The apps run for as long as the quick start wants them to.
            }
        } finally {
            threads.shutdownNow();
            for (ServerSocket socket : listening) {
                socket.close();
            }
        }
    }

    static Row row(Claim claim) {
        return new Row(
                claim.owner().tenant(),
                claim.owner().name(),
                claim.value("project"),
                claim.value("path"),
                claim.port("backend"),
                claim.port("frontend"));
    }
}
