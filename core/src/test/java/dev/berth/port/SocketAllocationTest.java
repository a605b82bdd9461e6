package dev.berth.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Allocations that look at real sockets, and callers that really listen on what they got. */
class SocketAllocationTest {
    private final ResourceLedger ledger = ResourceLedger.inMemory();
    private final PortAllocator ports = PortAllocator.on(ledger).probing(SocketProbe.onLocalhost());
    private final List<AutoCloseable> held = new ArrayList<>();

    @AfterEach
    void letGo() throws Exception {
        for (AutoCloseable one : held) {
            one.close();
        }
    }

    private static Owner app(int number) {
        return Owner.of("lab", "app-" + number);
    }

    /** The first of so many neighbouring ports on which nobody is. */
    private static int freeRange(int size) {
        while (true) {
            int first = Holders.freePort();
            Set<Port> wanted =
                    IntStream.range(first, first + size).mapToObj(Port::tcp).collect(Collectors.toSet());
            if (Sightings.worst(Sightings.of(SocketProbe.onLocalhost(), PortPool.LOCALHOST, wanted), wanted)
                    instanceof PortSighting.Free) {
                return first;
            }
        }
    }

    private static <T> List<T> together(int threads, Callable<T> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            var line = new CyclicBarrier(threads);
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> {
                    line.await();
                    return work.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void outsidersArePassedAndTheOwnersInstanceIsNone() throws Exception {
        int first = freeRange(4);
        var pool = PortPool.named("web").range(first, first + 3).build();
        held.add(Holders.open(Holders.Kind.V4_LOOPBACK, Protocol.TCP, first));
        held.add(Holders.open(Holders.Kind.V4_WILDCARD, Protocol.TCP, first + 1));

        assertThat(ports.allocate(app(1), pool).port()).isEqualTo(first + 2);
        held.add(new ServerSocket(first + 2));
        assertThat(ports.allocate(app(1), pool).port()).isEqualTo(first + 2);
        assertThat(ports.audit(KernelTableProbe.onLocalhost(), pool).strangers())
                .extracting(PortAudit.Stranger::port)
                .containsExactly(Port.tcp(first), Port.tcp(first + 1));
    }

    @Test
    void callersForOneOwnerNeverTakeEachOtherForAnOutsider() throws Exception {
        int first = freeRange(3);
        for (int round = 0; round < 50; round++) {
            Owner owner = app(round);
            var pool = PortPool.named("web").range(first, first + 2).build();

            assertThat(together(4, () -> ports.allocate(owner, pool).port())).containsOnly(first);
            assertThat(ports.release(owner, pool)).isTrue();
        }
    }

    @Test
    void everyOwnerCanListenOnWhatItGot() throws Exception {
        int first = freeRange(30);
        var pool = PortPool.named("web").range(first, first + 29).build();
        held.add(Holders.open(Holders.Kind.V4_WILDCARD, Protocol.TCP, first + 2));
        Set<Owner> owners = new HashSet<>();

        List<Integer> given = together(16, () -> {
            Owner owner;
            synchronized (owners) {
                owner = app(owners.size());
                owners.add(owner);
            }
            int port = ports.allocate(owner, pool).port();
            var server = new ServerSocket(port);
            synchronized (held) {
                held.add(server);
            }
            return port;
        });

        assertThat(given).doesNotHaveDuplicates().hasSize(16).doesNotContain(first + 2);
    }

    @Test
    void twoHundredOutsidersArePassedInTime() throws IOException {
        int first = freeRange(201);
        for (int port = first; port < first + 200; port++) {
            held.add(Holders.open(Holders.Kind.V4_WILDCARD, Protocol.TCP, port));
        }
        var pool = PortPool.named("web").range(first, first + 200).build();
        long begin = System.nanoTime();

        assertThat(ports.allocate(app(1), pool).port()).isEqualTo(first + 200);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        System.out.println("200 outsiders passed in " + millis + " ms");
        assertThat(millis).isLessThan(20_000);
    }
}
