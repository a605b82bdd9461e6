package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The way to a fake engine's world: one at a time, settled to the present, and only while the engine answers. */
final class FakeDaemon {
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private final FakeWorld world;
    private final List<FakeEngine.Call> calls = new ArrayList<>();
    private final Set<RuntimeCall> hung = EnumSet.noneOf(RuntimeCall.class);
    private String name = "engine-1";
    private int data = 1;
    private int deaths;
    private int hanging;
    private boolean dead;
    private boolean beacon = true;
    private FakeEngine.Lie lie = FakeEngine.Lie.NONE;

    final FakeHints hints = new FakeHints();

    FakeDaemon(Clock clock) {
        this.clock = InvalidInputException.requireNonNull("clock", clock);
        this.world = new FakeWorld(hints, clock.instant());
        rename(name);
    }

    /** What a client asks of the world, within one call. */
    interface Question<T> {
        T ask(FakeWorld world) throws FakeEngineException;
    }

    /** What somebody else does to the world. */
    interface Deed {
        void does(FakeWorld world) throws FakeEngineException;
    }

    // ------------------------------------------------------------------ clients

    <T> T answer(RuntimeCall call, String target, Optional<Mishap> mishap, Question<T> question)
            throws FakeEngineException, InterruptedException {
        lock.lockInterruptibly();
        try {
            calls.add(new FakeEngine.Call(call, target, clock.instant()));
            reach(call);
            return mishap.isEmpty() ? question.ask(world) : suffer(call, mishap.get(), question);
        } finally {
            lock.unlock();
            hints.deliver();
        }
    }

    /** Asks whether an instance is there yet, as part of a call that was recorded before. */
    boolean isThere(long serial) throws FakeEngineException, InterruptedException {
        lock.lockInterruptibly();
        try {
            reach(RuntimeCall.LOOK);
            return world.isThere(serial);
        } finally {
            lock.unlock();
            hints.deliver();
        }
    }

    private void reach(RuntimeCall call) throws FakeEngineException, InterruptedException {
        if (dead) {
            throw new FakeEngineException(new Fault.Unreachable("connection refused: " + name + " is dead"));
        }
        int life = deaths;
        hanging++;
        try {
            while (hung.contains(call) && life == deaths) {
                released.await();
            }
        } finally {
            hanging--;
        }
        if (life != deaths) {
            throw new FakeEngineException(new Fault.Unknown(name + " died before it answered"));
        }
        world.settle(clock.instant());
    }

    private <T> T suffer(RuntimeCall call, Mishap mishap, Question<T> question) throws FakeEngineException {
        if (mishap instanceof Mishap.Late late) {
            world.later(late.after(), () -> unheard(question));
        } else if (mishap instanceof Mishap.LostAnswer) {
            unheard(question);
        }
        throw new FakeEngineException(told(call, mishap));
    }

    private <T> void unheard(Question<T> question) {
        try {
            question.ask(world);
        } catch (FakeEngineException unheard) {
            // The caller was told already that the outcome is unknown.
        }
    }

    private static Fault told(RuntimeCall call, Mishap mishap) {
        if (mishap instanceof Mishap.Unreached) {
            return new Fault.Unreachable(call + " did not reach the engine, as it was told to");
        }
        if (mishap instanceof Mishap.Rejected rejected) {
            return new Fault.Rejected(rejected.detail());
        }
        if (mishap instanceof Mishap.Busy busy) {
            return new Fault.Busy(busy.detail());
        }
        return new Fault.Unknown(
                mishap instanceof Mishap.Gibberish gibberish
                        ? gibberish.detail()
                        : "the answer to " + call + " got lost, as it was told to");
    }

    Fingerprint fingerprint() {
        return new Fingerprint(Map.of("engine", name, "data", "data-" + data));
    }

    Inventory listing(Scope scope) {
        List<Instance> all = world.rows().stream().map(FakeInstance::told).toList();
        List<Instance> half = IntStream.range(0, all.size())
                .filter(index -> index % 2 == 1)
                .mapToObj(all::get)
                .toList();
        Coverage whole = beacon ? proven() : Coverage.complete();
        return switch (lie) {
            case NONE -> new Inventory(scope, whole, all);
            case EMPTY -> new Inventory(scope, Coverage.complete(), List.of());
            case EMPTY_WITH_PROOF -> new Inventory(scope, proven(), List.of());
            case TRUNCATED -> new Inventory(scope, whole, half);
            case PARTIAL -> new Inventory(scope, Coverage.partial("every second instance is left out"), half);
        };
    }

    private static Coverage proven() {
        return Coverage.complete("the beacon was seen");
    }

    // ------------------------------------------------------------------ others

    <T> T tell(Function<FakeWorld, T> reading) {
        lock.lock();
        try {
            world.settle(clock.instant());
            return reading.apply(world);
        } finally {
            lock.unlock();
            hints.deliver();
        }
    }

    void act(Deed deed) {
        make(all -> {
            deed.does(all);
            return true;
        });
    }

    /** Does what an outsider knows to be possible; that it is not is the test's mistake. */
    <T> T make(Question<T> deed) {
        return tell(all -> {
            try {
                return deed.ask(all);
            } catch (FakeEngineException impossible) {
                throw InvalidInputException.of(
                        "deed of an outsider", impossible.getMessage(), "what the engine can do now");
            }
        });
    }

    void rename(String text) {
        act(all -> {
            name = text;
            all.seed = text;
        });
    }

    void die() {
        act(all -> {
            dead = true;
            deaths++;
            all.forgetLate();
            released.signalAll();
        });
    }

    void comeBack(FakeEngine.Revival revival) {
        act(all -> {
            if (revival == FakeEngine.Revival.STOPPED) {
                all.endAll();
            } else if (revival == FakeEngine.Revival.WITHOUT_DATA) {
                all.clear();
                data++;
                beacon = false;
                all.seed = name + "/" + data;
            }
            dead = false;
            hints.tell(Hint.Kind.GAP, "");
        });
    }

    void hang(RuntimeCall... which) {
        act(all -> hung.addAll(which.length == 0 ? EnumSet.allOf(RuntimeCall.class) : Arrays.asList(which)));
    }

    void release() {
        act(all -> {
            hung.clear();
            released.signalAll();
        });
    }

    int hanging() {
        return tell(all -> hanging);
    }

    void lie(FakeEngine.Lie how) {
        act(all -> lie = how);
    }

    void beacon(boolean seen) {
        act(all -> beacon = seen);
    }

    List<FakeEngine.Call> calls() {
        return tell(all -> List.copyOf(calls));
    }

    void resetCalls() {
        act(all -> calls.clear());
    }

    @Override
    public String toString() {
        return "fake engine " + name;
    }
}
