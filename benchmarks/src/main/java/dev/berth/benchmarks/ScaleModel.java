package dev.berth.benchmarks;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Owner;
import dev.berth.port.PortOrder;
import dev.berth.port.PortPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Many processes that share a pool, in simulated time: each gives one of its slots back and claims another, over and over.
 * Where a claim begins to look is asked of the real {@link PortPool}. What is modelled is how a store behaves (a process
 * knows what it has read, done and met, reads anew after 20 ms or fifty times what a reading takes, and picks one of the
 * first sixteen free candidates at random once it has lost), and a database that serves one commit after the other.
 *
 * <p>A store's own callers are combined and do not get into each other's way; so a process has one caller here.
 */
final class ScaleModel {
    private static final double LEAST_REST = 20_000;
    private static final double REST = 50;
    /** What a loser chooses from, as {@code Picks} of core does. */
    private static final int FEW = 16;

    private static final int FIRST_PORT = 1;

    private final Setting setting;
    private final SplittableRandom random;
    private final PortPool pool;
    private final BitSet stored = new BitSet();
    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingDouble(Event::time));
    private final List<Integer> attempts = new ArrayList<>();
    private double served;
    private double ended;
    private long owners;

    /**
     * What is simulated. Times are in microseconds.
     *
     * @param hosts how many processes share the pool
     * @param slots how many slots it has
     * @param filled how many are in use
     * @param order where a claim begins to look
     * @param think how long a process waits on average between two operations
     * @param trip how long a commit takes when nobody else is there
     * @param service how long a commit keeps the database from the next one
     * @param reading how long the database works on a reading of the pool, beside what it works on any commit
     */
    record Setting(
            int hosts,
            int slots,
            int filled,
            PortOrder order,
            double think,
            double trip,
            double service,
            double reading) {}

    /**
     * What came of it.
     *
     * @param claims how many claims were made
     * @param retries how many commits were refused, of a hundred claims
     * @param contended how many of a hundred claims lost at least once
     * @param p99 how many commits the 99th of a hundred claims took
     * @param most how many the worst took
     * @param rate claims in a second
     */
    record Result(long claims, double retries, double contended, int p99, int most, double rate) {}

    private enum Step {
        BEGIN,
        RELEASE,
        RELEASED,
        READ,
        CLAIM,
        ANSWERED
    }

    private record Event(double time, Asker process, Step step) {}

    private static final class Asker {
        private final List<Integer> held = new ArrayList<>();
        private final BitSet lost = new BitSet();
        private BitSet known = new BitSet();
        private double readAgain = -1;
        private double readBegun;
        private int start;
        private int wanted;
        private boolean won;
        private int tries;
    }

    private ScaleModel(Setting setting, long seed) {
        this.setting = setting;
        random = new SplittableRandom(seed);
        pool = PortPool.named("port")
                .range(FIRST_PORT, FIRST_PORT + setting.slots() - 1)
                .order(setting.order())
                .random(new Random(seed))
                .build();
    }

    /** Runs until so many claims were made. The same seed gives the same result. */
    static Result run(Setting setting, int claims, long seed) {
        var model = new ScaleModel(setting, seed);
        model.fill();
        model.work(claims);
        return model.result();
    }

    private void fill() {
        List<Asker> processes = new ArrayList<>();
        for (int i = 0; i < setting.hosts(); i++) {
            processes.add(new Asker());
        }
        // In use from the lowest on and without a pattern, as after a long time: one of so many free slots anywhere.
        int[] slots = new int[setting.slots()];
        Arrays.setAll(slots, i -> i);
        for (int i = 0; i < setting.filled(); i++) {
            int other = i + random.nextInt(slots.length - i);
            int slot = slots[other];
            slots[other] = slots[i];
            slots[i] = slot;
            stored.set(slot);
            processes.get(i % setting.hosts()).held.add(slot);
        }
        for (Asker process : processes) {
            at(random.nextDouble() * setting.think(), process, Step.BEGIN);
        }
    }

    private void at(double time, Asker process, Step step) {
        events.add(new Event(time, process, step));
    }

    private double half() {
        return setting.trip() / 2 * (0.5 + random.nextDouble());
    }

    private void work(int claims) {
        while (attempts.size() < claims) {
            Event event = events.remove();
            step(event.process(), event.step(), event.time());
            ended = event.time();
        }
    }

    private void step(Asker process, Step step, double now) {
        switch (step) {
            case BEGIN -> at(now + half(), process, process.held.isEmpty() ? Step.RELEASED : Step.RELEASE);
            case RELEASE -> {
                int last = process.held.size() - 1;
                int given = process.held.set(random.nextInt(last + 1), process.held.get(last));
                process.held.remove(last);
                stored.clear(given);
                process.known.clear(given);
                at(serve(now, setting.service()) + half(), process, Step.RELEASED);
            }
            case RELEASED -> {
                process.lost.clear();
                process.tries = 0;
                Candidates candidates = pool.candidates(Owner.of("lab", "app-" + owners++));
                process.start = candidates.start();
                pick(process, now);
            }
            case READ -> read(process, now);
            case CLAIM -> {
                double done = serve(now, setting.service());
                process.won = !stored.get(process.wanted);
                stored.set(process.wanted);
                at(done + half(), process, Step.ANSWERED);
            }
            case ANSWERED -> answered(process, now);
        }
    }

    /** One commit after the other; what it decides it decides when it arrives, in the order of arrival. */
    private double serve(double now, double work) {
        served = Math.max(now, served) + work;
        return served;
    }

    private void pick(Asker process, double now) {
        if (now >= process.readAgain) {
            process.readBegun = now;
            at(now + half(), process, Step.READ);
        } else {
            choose(process, now);
        }
    }

    /** A reading waits for the database as commits do, and what it took says how long none is made again. */
    private void read(Asker process, double now) {
        process.known = (BitSet) stored.clone();
        double answered = serve(now, setting.service() + setting.reading()) + half();
        process.readAgain = answered + Math.max(LEAST_REST, REST * (answered - process.readBegun));
        choose(process, answered);
    }

    private void choose(Asker process, double now) {
        List<Integer> free = free(process);
        if (free.isEmpty()) {
            process.readAgain = now;
            process.lost.clear();
            at(now + setting.trip(), process, Step.RELEASED);
            return;
        }
        process.wanted = free.get(process.lost.isEmpty() ? 0 : random.nextInt(free.size()));
        process.tries++;
        at(now + half(), process, Step.CLAIM);
    }

    /** What seems free, in the order of the candidates: one, or for a loser some. */
    private List<Integer> free(Asker process) {
        int limit = process.lost.isEmpty() ? 1 : FEW;
        List<Integer> free = new ArrayList<>();
        collect(process, process.start, setting.slots(), limit, free);
        collect(process, 0, process.start, limit, free);
        return free;
    }

    private static void collect(Asker process, int from, int to, int limit, List<Integer> free) {
        int slot = process.known.nextClearBit(from);
        while (slot < to && free.size() < limit) {
            if (!process.lost.get(slot)) {
                free.add(slot);
            }
            slot = process.known.nextClearBit(slot + 1);
        }
    }

    private void answered(Asker process, double now) {
        process.known.set(process.wanted);
        if (!process.won) {
            process.lost.set(process.wanted);
            pick(process, now);
            return;
        }
        process.held.add(process.wanted);
        attempts.add(process.tries);
        at(now + setting.think() * 2 * random.nextDouble(), process, Step.BEGIN);
    }

    private Result result() {
        int[] ascending = attempts.stream().mapToInt(Integer::intValue).sorted().toArray();
        long commits = Arrays.stream(ascending).asLongStream().sum();
        long contended = Arrays.stream(ascending).filter(tries -> tries > 1).count();
        return new Result(
                ascending.length,
                100.0 * (commits - ascending.length) / ascending.length,
                100.0 * contended / ascending.length,
                ascending[(int) (0.99 * ascending.length)],
                ascending[ascending.length - 1],
                ascending.length * 1e6 / ended);
    }
}
