package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** L2: processes that provision are killed with SIGKILL, at any moment and right at a call of the engine. */
@Tag("slow")
class KilledProvisionersTest {
    private static final int LANES = 2;
    private static final int MOST_CALLS = 25;
    private static final int LONGEST_MILLIS = 400;

    @TempDir
    Path directory;

    @Test
    void whateverIsKilledEveryOwnerHasOneInstanceInTheEndAndThenNone() throws Exception {
        kill(4);
    }

    @Tag("deep")
    @Test
    void howeverManyAreKilledEveryOwnerHasOneInstanceInTheEndAndThenNone() throws Exception {
        kill(60);
    }

    private void kill(int deaths) throws Exception {
        long seed = System.nanoTime();
        System.out.println("provisioners are killed with seed " + seed);
        String url = SqliteStores.url(directory.resolve("killed.db"));
        ExecutorService lanes = Executors.newFixedThreadPool(LANES);
        try (EngineServer server = new EngineServer();
                JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            String stranger = server.engine.stranger("legacy", Publication.tcp(7_001, 80));
            List<Future<Void>> running = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                var random = new Random(seed + lane);
                String name = "lane-" + lane;
                running.add(lanes.submit(() -> {
                    for (int death = 0; death < deaths; death++) {
                        oneDeath(server, url, name + "-" + death, random);
                    }
                    return null;
                }));
            }
            for (Future<Void> lane : running) {
                lane.get(10, TimeUnit.MINUTES);
            }
            LedgerInvariants.check(store);
            finish(server, store, url);
            assertThat(server.wrongs()).as("seed %d", seed).isEmpty();
            assertThat(server.engine.removed().stream().map(FakeEngine.Gone::instance))
                    .allMatch(gone -> gone.mark().isPresent());
            assertThat(server.engine.instances()).extracting(Instance::id).containsExactly(stranger);
            assertThat(server.engine.running()).hasSize(1);
        } finally {
            lanes.shutdownNow();
        }
    }

    /** Every second one dies at a call of the engine, the others when their time has come. */
    private void oneDeath(EngineServer server, String url, String name, Random random) throws Exception {
        long seed = random.nextLong();
        try (OtherProcess process = OtherProcess.start(
                directory, "provision", url, Integer.toString(server.port()), name, Long.toString(seed))) {
            boolean atCall = random.nextBoolean();
            var moment = random.nextBoolean() ? EngineServer.Moment.BEFORE : EngineServer.Moment.AFTER;
            int call = random.nextInt(MOST_CALLS);
            if (atCall) {
                server.doom(name, new EngineServer.Doom(call, moment, process::close));
            }
            process.go();
            if (!atCall || !process.endsWithin(10, TimeUnit.SECONDS)) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_MILLIS));
            }
            process.kill();
            assertThat(process.complaints()).as(name).isEmpty();
        }
    }

    private void finish(EngineServer server, JdbcLedgerStore store, String url) throws Exception {
        try (OtherProcess last =
                OtherProcess.start(directory, "provision-all", url, Integer.toString(server.port()), "last")) {
            last.go();
            assertThat(last.next()).as(last.complaints()).isEqualTo("provisioned");
            List<Owner> owners = server.engine.instances().stream()
                    .flatMap(instance -> instance.mark().stream())
                    .map(Mark::owner)
                    .toList();
            assertThat(owners).containsExactlyInAnyOrderElementsOf(Provisioning.OWNERS);
            assertThat(server.engine.running()).hasSize(Provisioning.OWNERS.size() + 1);
            LedgerInvariants.check(store);
            last.go();
            last.finish();
        }
        assertThat(LedgerInvariants.claims(store)).isEmpty();
    }
}
