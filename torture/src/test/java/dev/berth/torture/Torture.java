package dev.berth.torture;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.EngineServer;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSettings;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeSpec;
import dev.berth.torture.check.Checker;
import dev.berth.torture.check.EndState;
import dev.berth.torture.check.History;
import dev.berth.torture.check.Lines;
import dev.berth.torture.check.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** One run: workers, a nemesis, and what the checker says of their histories. */
final class Torture {
    private static final int SETTLED = 24;
    private static final String HARNESS = "harness";

    private final Plan plan;
    private final Arena arena;
    private final Path directory;
    private final EngineServer engine = new EngineServer();
    private final Running running = new Running();
    private final Map<String, Path> histories = new HashMap<>();
    private final Map<String, Long> deaths = new HashMap<>();

    private Torture(Plan plan, Arena arena, Path directory) throws IOException {
        this.plan = plan;
        this.arena = arena;
        this.directory = directory;
        engine.observe(running);
    }

    /** Runs a plan, and judges. What happens is seeded; when threads come to it is not. */
    static Outcome run(Plan plan, Arena arena, Path directory) throws Exception {
        var torture = new Torture(plan, arena, directory);
        try (EngineServer engine = torture.engine) {
            return torture.run(engine);
        }
    }

    private Outcome run(EngineServer served) throws Exception {
        Database database = arena.database();
        var settings = JdbcSettings.defaults().user(database.user()).password(database.password());
        List<Slot> slots = new ArrayList<>();
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings)) {
            var ledger = ResourceLedger.on(store);
            var aging = new Aging(database, ledger);
            settle(ledger);
            var random = new Random(plan.seed());
            List<Database> ways = arena.ways();
            for (int i = 0; i < plan.processes(); i++) {
                Database way = ways.get(i % ways.size());
                slots.add(new Slot(
                        "w" + i, plan, directory, served.port(), way, arena.isRemote(), new Random(random.nextLong())));
            }
            var nemesis = new Nemesis(random, slots, arena, served, aging, SETTLED);
            List<List<Worker.Sample>> samples = rage(nemesis, slots);
            stop(slots);
            var ending = new Ending(store, served, aging);
            EndState end = ending.end();
            var history = new History(operations(), running.all(), deaths, end);
            return new Outcome(plan, history, Checker.check(history), nemesis.struck(), samples, ending.said());
        } finally {
            for (Slot slot : slots) {
                slot.close();
            }
        }
    }

    /** Instances that nobody touches from here on but an outsider. */
    private void settle(ResourceLedger ledger) throws IOException {
        Path file = directory.resolve(HARNESS + ".history");
        histories.put(HARNESS, file);
        try (var history = new HistoryFile(file);
                Provisioner<FakeSpec> provisioner =
                        Hoster.builder(ledger, engine.runtime).build()) {
            for (int i = 0; i < SETTLED; i++) {
                Hoster.provision(history, provisioner, Owner.of(World.SETTLED_TENANT, "s-" + i));
            }
        }
        engine.meddle(all -> {});
    }

    /** In parts, with a look at what the workers use before, between and after. */
    private List<List<Worker.Sample>> rage(Nemesis nemesis, List<Slot> slots) throws Exception {
        List<List<Worker.Sample>> samples = new ArrayList<>();
        int parts = (int) Math.max(6, plan.time().toMinutes());
        long begin = System.nanoTime();
        for (int part = 1; part <= parts; part++) {
            long end = begin + plan.time().toNanos() / parts * part;
            if (plan.blows().isPresent()) {
                nemesis.rage(end, plan.blows().get());
                if (part == parts / 2) {
                    nemesis.strikeArena();
                }
            } else {
                TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
            }
            nemesis.relent();
            samples.add(Slot.samples(slots));
            engine.engine.resetCalls();
        }
        return samples;
    }

    private void stop(List<Slot> slots) throws Exception {
        for (Slot slot : slots) {
            slot.tellToStop();
        }
        for (Slot slot : slots) {
            slot.awaitEnd();
            histories.putAll(slot.histories());
            deaths.putAll(slot.deaths());
        }
    }

    private List<Operation> operations() throws IOException {
        List<Operation> all = new ArrayList<>();
        for (Map.Entry<String, Path> one : histories.entrySet()) {
            // One that was killed at once has written nothing.
            if (Files.exists(one.getValue())) {
                all.addAll(Lines.read(one.getKey(), Files.readAllLines(one.getValue())));
            }
        }
        return all;
    }
}
