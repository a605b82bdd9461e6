package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Publication;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container engine in memory, with the behaviour of real ones: a name is taken by creating and a port by starting, an
 * instance takes its time to come up and to go, and others use the same host. It is the world that clients
 * ({@link FakeRuntime}) come to and go from: it can die and come back, hang, lie, and be another one than before.
 *
 * <pre>{@code
 * var clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
 * var engine = FakeEngine.of(clock).removalTaking(Duration.ofSeconds(3));
 * engine.occupy(5001);
 * try (var runtime = FakeRuntime.on(engine, Scope.of("node-1")).pacing(ManualPacing.on(clock))) {
 *     runtime.next(RuntimeCall.CREATE, new Mishap.LostAnswer());
 *     var desktops = Provisioner.of(ResourceLedger.inMemory(clock), runtime).callingOn(Runnable::run).build();
 *     var wish = ProvisionRequest.of(ClaimRequest.by(Owner.of("anna", "vscode")));
 *     desktops.tryProvision(wish, granted -> FakeSpec.of("desktop:1"));
 * }
 * assertThat(engine.running()).hasSize(1); // found by its nonce
 * }</pre>
 *
 * <p>Nothing in it waits or runs by itself: all time is the clock's, and what is due happens when somebody looks or
 * calls. The same calls in the same order at the same times give the same answers, ids included. Safe for use by many
 * threads.
 */
public final class FakeEngine {
    final FakeDaemon daemon;

    /** What an engine that comes back has kept. */
    public enum Revival {
        /** Its instances; none runs any more, as after a crash of Docker. */
        STOPPED,
        /** Its instances, which kept running meanwhile, as Podman's do. */
        KEPT_RUNNING,
        /** Nothing: it came up on other data, with another fingerprint and without its beacon. */
        WITHOUT_DATA
    }

    /** How a listing misleads. */
    public enum Lie {
        /** Not at all. */
        NONE,
        /** It is empty and says that it is complete; the beacon is not seen either. */
        EMPTY,
        /** It is empty, says that it is complete, and claims to have seen the beacon. */
        EMPTY_WITH_PROOF,
        /** Every second instance is missing, the first one too, and it says that it is complete. */
        TRUNCATED,
        /** Every second instance is missing, and it says so. */
        PARTIAL
    }

    /** What becomes of hints. */
    public enum Hints {
        /** Each is told once. */
        TOLD,
        /** None is told. */
        DROPPED,
        /** Each is told twice. */
        DOUBLED
    }

    /**
     * A call that reached for the engine, whatever became of it.
     *
     * @param call which call
     * @param target the full id that it named, or the name in a {@code create}; empty text if neither
     * @param at when, by the engine's clock
     */
    public record Call(RuntimeCall call, String target, Instant at) {}

    /**
     * An instance that was removed.
     *
     * @param instance as it was when its removal began
     * @param at when it was gone
     * @param by the client's scope, or {@code outsider}
     */
    public record Gone(Instance instance, Instant at, String by) {}

    private FakeEngine(Clock clock) {
        this.daemon = new FakeDaemon(clock);
    }

    /**
     * Makes an engine without instances, named {@code engine-1}, with full ids that are never used again, that does
     * everything at once.
     *
     * @param clock the time of everything in it
     * @return the engine
     */
    public static FakeEngine of(Clock clock) {
        return new FakeEngine(clock);
    }

    // ------------------------------------------------------------------ how it is

    /**
     * Names it. Fingerprint and ids follow from the name, so a second engine of a test needs another one.
     *
     * @param text the name
     * @return this engine
     */
    public FakeEngine named(String text) {
        daemon.rename(InvalidInputException.requireNonNull("engine name", text));
        return this;
    }

    /**
     * Makes it give the lowest free number from 100 as an id, again and again, as Proxmox VE does.
     *
     * @return this engine
     */
    public FakeEngine withReusedIds() {
        daemon.act(all -> all.reusesIds = true);
        return this;
    }

    /**
     * Makes it lack an image, so that creating from it is rejected.
     *
     * @param image the image's name
     * @return this engine
     */
    public FakeEngine withoutImage(String image) {
        InvalidInputException.requireNonNull("image", image);
        daemon.act(all -> all.missingImages.add(image));
        return this;
    }

    /**
     * Makes it behave as Docker 29: an instance whose start failed on a port is started again "successfully", and has no
     * ports (moby#51758).
     *
     * @return this engine
     */
    public FakeEngine withSilentRestarts() {
        daemon.act(all -> all.startsAnewWithoutPorts = true);
        return this;
    }

    /**
     * Makes a removal take a while, in which the instance is there and its name taken.
     *
     * @param span how long
     * @return this engine
     */
    public FakeEngine removalTaking(Duration span) {
        InvalidInputException.requireNonNull("span", span);
        daemon.act(all -> all.removalTakes = span);
        return this;
    }

    // ------------------------------------------------------------------ outsiders

    /**
     * Lets a process of the host listen on a TCP port, on all addresses.
     *
     * @param port the port
     * @throws InvalidInputException if an instance has it, or a process does
     */
    public void occupy(int port) {
        daemon.act(all -> {
            if (!all.taken(List.of(Publication.tcp(port, 1))).isEmpty()) {
                throw InvalidInputException.of("port", port, "one that is free");
            }
            all.occupied.add(port);
        });
    }

    /**
     * Ends the process of the host that listens on a port. Safe to repeat.
     *
     * @param port the port
     */
    public void vacate(int port) {
        daemon.act(all -> all.occupied.remove(port));
    }

    /**
     * Lets somebody else create and start an instance that carries no mark.
     *
     * @param called its name
     * @param publications the ports that it publishes
     * @return its full id
     * @throws InvalidInputException if the name or a port is taken
     */
    public String stranger(String called, Publication... publications) {
        return daemon.make(all -> {
            if (!all.taken(List.of(publications)).isEmpty()) {
                throw InvalidInputException.of("ports", List.of(publications), "such that are free");
            }
            FakeInstance made = all.create(FakeSpec.of("stranger:1"), called, List.of(publications), Map.of());
            all.start(made.id);
            return made.id;
        });
    }

    /**
     * Lets an outsider stop an instance. One that does not run stays as it is.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none, or it is being removed
     */
    public void stopInstance(String id) {
        daemon.act(all -> all.stop(id));
    }

    /**
     * Lets an instance end at once, by a signal.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none, or it is being removed
     */
    public void killInstance(String id) {
        stopInstance(id);
    }

    /**
     * Lets an outsider start an instance.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none, or it cannot be started
     */
    public void startInstance(String id) {
        daemon.act(all -> all.start(id));
    }

    /**
     * Lets an outsider freeze an instance; it keeps its ports.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none, or it does not run
     */
    public void pauseInstance(String id) {
        daemon.act(all -> {
            if (!all.require(id).state.isLiving()) {
                throw new FakeEngineException(new Fault.Rejected(id + " does not run"));
            }
            all.put(id, InstanceState.PAUSED);
        });
    }

    /**
     * Lets an outsider thaw an instance.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none, or it is not paused
     */
    public void resumeInstance(String id) {
        daemon.act(all -> {
            if (all.require(id).state != InstanceState.PAUSED) {
                throw new FakeEngineException(new Fault.Rejected(id + " is not paused"));
            }
            all.put(id, InstanceState.RUNNING);
        });
    }

    /**
     * Breaks an instance for good; it keeps its name.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none, or it is being removed
     */
    public void breakInstance(String id) {
        daemon.act(all -> all.put(id, InstanceState.BROKEN));
    }

    /**
     * Guards an instance, so that no removal through the library takes it.
     *
     * @param id its full id
     * @param why the reason, for people
     * @throws InvalidInputException if there is none
     */
    public void guardInstance(String id, String why) {
        InvalidInputException.requireNonNull("reason", why);
        daemon.act(all -> all.require(id).guard = Optional.of(why));
    }

    /**
     * Lifts the guard of an instance. Safe to repeat.
     *
     * @param id its full id
     * @throws InvalidInputException if there is none
     */
    public void unguardInstance(String id) {
        daemon.act(all -> all.require(id).guard = Optional.empty());
    }

    /**
     * Lets an outsider remove an instance, whatever its state and mark. One that is not there stays so.
     *
     * @param id its full id
     */
    public void removeInstance(String id) {
        daemon.act(all -> all.find(id).ifPresent(row -> all.delete(row, "outsider")));
    }

    // ------------------------------------------------------------------ how it fails

    /** Lets it die: every call fails, those that hang too, and what was to happen late is forgotten. */
    public void die() {
        daemon.die();
    }

    /**
     * Lets it come back, and tells a hint that there was a gap.
     *
     * @param revival what it has kept
     */
    public void comeBack(Revival revival) {
        daemon.comeBack(InvalidInputException.requireNonNull("revival", revival));
    }

    /**
     * Makes calls hang before they do anything, until {@link #release} or {@link #die}. One whose thread is interrupted
     * ends without having done anything.
     *
     * @param which the calls; all if none is named
     */
    public void hang(RuntimeCall... which) {
        daemon.hang(which);
    }

    /** Lets all calls that hang go on, and later ones pass. */
    public void release() {
        daemon.release();
    }

    /**
     * Counts the calls that hang right now.
     *
     * @return how many
     */
    public int hanging() {
        return daemon.hanging();
    }

    /** Does now what calls that were {@linkplain Mishap#lateUntilReleased late} had asked for, in their order. */
    public void releaseLate() {
        daemon.act(FakeWorld::releaseLate);
    }

    /**
     * Says how its listings mislead from now on.
     *
     * @param how the lie
     */
    public void lie(Lie how) {
        daemon.lie(InvalidInputException.requireNonNull("lie", how));
    }

    /** Loses the beacon, so that nothing proves an empty listing. */
    public void loseBeacon() {
        daemon.beacon(false);
    }

    /** Puts the beacon back, which every new engine has. */
    public void putBeacon() {
        daemon.beacon(true);
    }

    /**
     * Says what becomes of hints from now on.
     *
     * @param how what becomes of them
     */
    public void hints(Hints how) {
        daemon.hints.mode(InvalidInputException.requireNonNull("hints", how));
    }

    // ------------------------------------------------------------------ what is there

    /**
     * Lists all instances as they are.
     *
     * @return the instances in the order of their making
     */
    public List<Instance> instances() {
        return daemon.tell(all -> all.rows().stream().map(FakeInstance::told).toList());
    }

    /**
     * Lists the instances that run, or are about to.
     *
     * @return those that are starting, running or paused, in the order of their making
     */
    public List<Instance> running() {
        return instances().stream().filter(one -> one.state().isLiving()).toList();
    }

    /**
     * Finds an instance.
     *
     * @param id its full id
     * @return the instance, empty if there is none
     */
    public Optional<Instance> instance(String id) {
        return daemon.tell(all -> all.find(id).map(FakeInstance::told));
    }

    /**
     * Lists what was ever removed.
     *
     * @return the removals in their order
     */
    public List<Gone> removed() {
        return daemon.tell(FakeWorld::gone);
    }

    /**
     * Lists the calls of all clients, failed ones included. One {@code remove} is one call, however often it asks after
     * what it has removed.
     *
     * @return the calls in their order, since the engine was made or {@link #resetCalls} was called
     */
    public List<Call> calls() {
        return daemon.calls();
    }

    /**
     * Counts the calls of one method, failed ones included.
     *
     * @param call the method
     * @return how many since the engine was made or {@link #resetCalls} was called
     */
    public long calls(RuntimeCall call) {
        return calls().stream().filter(one -> one.call() == call).count();
    }

    /** Counts from nought again. */
    public void resetCalls() {
        daemon.resetCalls();
    }

    @Override
    public String toString() {
        return daemon.toString();
    }
}
