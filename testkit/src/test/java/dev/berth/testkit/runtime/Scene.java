package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Tombstone;
import dev.berth.runtime.Full;
import dev.berth.runtime.Held;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.CrashPoints;
import dev.berth.testkit.CrashPoints.Point;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.Life;
import dev.berth.testkit.RuntimeCall;
import dev.berth.testkit.StoreCall;
import dev.berth.testkit.runtime.Journey.Successor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A world in which processes die and sleep on their way, and what must be true of it afterwards. */
final class Scene {
    /** Of the same tenant, after the same name. */
    private static final Owner RIVAL = Owner.of("anna", "rival");
    /** Longer than an attempt lives. */
    private static final Duration LAPSE = Duration.ofMinutes(2);
    /** Longer than anything is declined. */
    private static final Duration LONG = Duration.ofHours(1);

    final World world = new World();
    /** Instances that are not ours: they stay, and run. */
    final Set<String> strangers = new HashSet<>();
    /** Instances of ours that had no claim when it all began. */
    final Set<String> stale = new HashSet<>();
    /** What goes wrong once: told to the client of the first caller. */
    Consumer<FakeRuntime> mishap = client -> {};
    /** What others do right before the next start. */
    Runnable beforeStart = () -> {};

    /** Strangers that were adopted, and stopped by whoever had them then. */
    private final Set<String> stopped = new HashSet<>();

    private final Map<Owner, String> doubles = new HashMap<>();
    private final Journey journey;
    /** The process that dies or sleeps. */
    private Life life = Life.untroubled();
    /** Whether somebody has called for the journey's own owner since. */
    private boolean called;

    private boolean looked;
    private Optional<Claim> begun = Optional.empty();
    private final List<Claim> handedOut = new ArrayList<>();

    private Scene(Journey journey) {
        this.journey = journey;
    }

    /** The world in which a journey begins. */
    static Scene of(Journey journey) {
        var scene = new Scene(journey);
        journey.prepare(scene);
        scene.begun = scene.world.claim(ANNA);
        return scene;
    }

    /** Goes the way, up to an end. */
    void walk(Life mortal) {
        life = mortal;
        refusable(() -> journey.walk(this, caller(mortal, journey::policies)));
    }

    Provisioner<FakeSpec> caller(Life life, UnaryOperator<Provisioner.Builder<FakeSpec>> policies) {
        var client = FakeRuntime.on(world.engine, World.NODE).pacing(world.pacing);
        mishap.accept(client);
        mishap = any -> {};
        ResourceLedger ledger = ResourceLedger.builder(life.store(world.memory))
                .clock(world.clock)
                .build();
        return policies.apply(world.builder(ledger, life.runtime(new Watched(client))))
                .build();
    }

    Provisioner<FakeSpec> other() {
        return caller(Life.untroubled(), any -> any);
    }

    Provisioned provision(Owner owner) {
        return other().provision(World.request(owner), World.spec());
    }

    String stranger(String name, Publication... ports) {
        String id = world.engine.stranger(name, ports);
        strangers.add(id);
        return id;
    }

    /** What is written down of an attempt that nobody renews lapses. */
    void lapse() {
        world.clock.advance(LAPSE);
    }

    /** What others do who find that a process has not gone on. */
    void goOn(Successor successor) {
        called = successor != Successor.RIVAL;
        switch (successor) {
            case SAME -> refusable(() -> journey.walk(this, caller(Life.untroubled(), journey::policies)));
            case PLAIN -> refusable(() -> other().provision(journey.request(), granted -> journey.spec()));
            case RIVAL ->
                refusable(() -> caller(Life.untroubled(), Scene::greedy).provision(rivals(), World.spec()));
            case STOP -> {
                refusable(() -> other().stop(ANNA));
                world.claim(ANNA).flatMap(Claim::instance).ifPresent(stopped::add);
                assertThat(running(ANNA)).as("what runs after a stop").isEmpty();
            }
            case REMOVE -> {
                other().remove(ANNA);
                assertThat(world.claim(ANNA)).isEmpty();
                assertThat(world.engine.instances().stream()
                                .filter(instance -> isOf(instance, ANNA) && !stale.contains(instance.id())))
                        .as("what is there after a removal")
                        .isEmpty();
            }
            case LET_GO -> {
                other().letGo(ANNA);
                assertThat(world.claim(ANNA)).isEmpty();
                world.engine.instances().stream()
                        .filter(instance -> isOf(instance, ANNA))
                        .forEach(instance -> stale.add(instance.id()));
            }
        }
        if (journey.isUpAfter(successor)) {
            assertUp(ANNA);
        }
    }

    private static Provisioner.Builder<FakeSpec> greedy(Provisioner.Builder<FakeSpec> builder) {
        return builder.whenAnotherHolds(Held.TAKE_FROM_SAME_TENANT)
                .whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED)
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS);
    }

    /** Exactly the name that the journey is for. */
    private ProvisionRequest rivals() {
        String name = world.claim(ANNA)
                .filter(claim -> !claim.part("container").isEmpty())
                .map(claim -> claim.value("container"))
                .orElse("shared");
        return ProvisionRequest.of(ClaimRequest.by(RIVAL)
                        .in(World.NODE)
                        .fixed("container", ResourceKind.CONTAINER_NAME, name)
                        .choose("http", World.PORTS))
                .named("container")
                .publish("http", 6_901);
    }

    private static boolean isOf(Instance instance, Owner owner) {
        return instance.mark().filter(mark -> mark.owner().equals(owner)).isPresent();
    }

    private List<Instance> running(Owner owner) {
        return world.engine.running().stream()
                .filter(instance -> isOf(instance, owner) && !stale.contains(instance.id()))
                .toList();
    }

    /** Looks at the engine after each change: no owner has two that run, at no time. */
    private final class Watched extends ForwardingRuntime<FakeSpec> {
        Watched(FakeRuntime client) {
            super(client);
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            if (call == RuntimeCall.START) {
                Runnable deed = beforeStart;
                beforeStart = () -> {};
                deed.run();
            }
            try {
                return work.call();
            } finally {
                if (call.isWrite()) {
                    noteDoubles();
                }
            }
        }
    }

    private synchronized void noteDoubles() {
        Map<Owner, Instance> running = new HashMap<>();
        for (Instance instance : world.engine.running()) {
            instance.mark().ifPresent(mark -> {
                Instance other = running.put(mark.owner(), instance);
                if (other != null) {
                    doubles.put(mark.owner(), other + " and " + instance);
                }
            });
        }
    }

    // ------------------------------------------------------------------ what must be true

    void noteHandedOut(Point point) {
        int last = life.actions().lastIndexOf(StoreCall.FIND_OWNER.name());
        looked = last >= 0 && (last < point.call() || point.moment() == CrashPoints.Moment.AFTER);
        Stream.of(ANNA, RIVAL)
                .flatMap(owner -> world.claim(owner).stream())
                .filter(claim -> claim.state() == ClaimState.ACTIVE)
                .forEach(handedOut::add);
    }

    /** What was handed out while somebody slept still runs, and is its owner's. */
    void assertHandedOutRuns() {
        for (Claim claim : handedOut) {
            if (!mayBeEnded(claim)) {
                assertUp(claim.owner());
                assertThat(world.claim(claim.owner()).flatMap(Claim::instance))
                        .as("what was handed out meanwhile: %s", claim)
                        .isEqualTo(claim.instance());
            }
        }
        Optional<Claim> claim = world.claim(ANNA);
        if (claim.filter(one -> one.state() == ClaimState.STOPPED).isPresent()) {
            assertThat(running(ANNA)).as("what runs of %s", claim).isEmpty();
        }
    }

    /**
     * Whether what was handed out is what the sleeper was to end: it had not looked yet when it fell asleep, or nothing was
     * made since, or its policy is to take over from whoever has it.
     */
    private boolean mayBeEnded(Claim claim) {
        if (claim.owner().equals(RIVAL)) {
            return journey == Journey.TAKEOVER || journey == Journey.TAKEOVER_RECOVERED;
        }
        boolean old = begun.flatMap(Claim::attempt)
                .map(Attempt::nonce)
                .equals(claim.attempt().map(Attempt::nonce));
        // A stop that comes late stops what was started again, and the ledger says so.
        boolean startedAgain =
                journey == Journey.STOP && begun.flatMap(Claim::instance).equals(claim.instance());
        return journey.endsWhatWasThere() && (!looked || old || startedAgain);
    }

    /** The owner's claim is active, and what it has runs. */
    private void assertUp(Owner owner) {
        Claim claim = world.claim(owner).orElseThrow(() -> new AssertionError("no claim of " + owner));
        assertThat(claim.instance().flatMap(world.engine::instance).map(Instance::state))
                .as("what %s has runs", claim)
                .contains(InstanceState.RUNNING);
        assertThat(claim.state()).isEqualTo(ClaimState.ACTIVE);
    }

    /** Nobody is at work: the ledger is whole, what is ours has a claim, and what is not was left alone. */
    void check() {
        LedgerInvariants.check(world.memory);
        assertThat(doubles).as("owners who had two at once").isEmpty();
        Set<String> claimed = new HashSet<>();
        for (Claim claim : LedgerInvariants.claims(world.memory)) {
            claim.instance().ifPresent(claimed::add);
            claim.instance().filter(id -> claim.state() == ClaimState.STOPPED).ifPresent(stopped::add);
        }
        List<Instance> leaked = world.engine.instances().stream()
                .filter(instance -> !claimed.contains(instance.id()))
                .filter(instance -> !strangers.contains(instance.id()) && !stale.contains(instance.id()))
                .filter(instance -> !isToBeResolved(instance))
                .toList();
        assertThat(leaked).as("instances that no claim has").isEmpty();
        assertThat(world.engine.removed().stream().map(FakeEngine.Gone::instance))
                .as("what was removed")
                .noneMatch(instance -> strangers.contains(instance.id()));
        assertThat(strangers)
                .as("strangers that run")
                .allMatch(id -> stopped.contains(id)
                        || world.engine.running().stream()
                                .anyMatch(one -> one.id().equals(id)));
    }

    /** Whether it is left behind for an owner's next call, and its owner has not called yet. */
    private boolean isToBeResolved(Instance instance) {
        Optional<Owner> owner = instance.mark().map(Mark::owner).filter(one -> !called || !one.equals(ANNA));
        return owner.flatMap(world::claim)
                .filter(claim -> claim.state() == ClaimState.PENDING)
                .isPresent();
    }

    /** All owners go: nothing is left of them, in the engine or in the ledger, and everything can be had again. */
    void end() {
        lapse();
        for (Claim claim : LedgerInvariants.claims(world.memory)) {
            assertThat(other().remove(claim.owner())).as("%s is removed", claim).isTrue();
            Tombstone tombstone = world.ledger.tombstone(claim.id()).orElseThrow();
            assertThat(tombstone.claim().owner()).isEqualTo(claim.owner());
            assertThat(other().remove(claim.owner())).isFalse();
        }
        check();
        assertThat(LedgerInvariants.claims(world.memory)).isEmpty();
        world.clock.advance(LONG);
        ClaimRequest all = ClaimRequest.by(Owner.of("last", "one")).in(World.NODE);
        for (String name : List.of("kasm-anna-desktop", "kasm-anna-desktop-2", "kasm-ben-desktop", "shared")) {
            all = all.fixed(name, ResourceKind.CONTAINER_NAME, name);
        }
        for (int port = 7_000; port <= 7_002; port++) {
            all = all.fixed("port-" + port, ResourceKind.TCP_PORT.in(World.NODE, port));
        }
        assertThat(world.ledger.tryClaim(all)).isInstanceOf(ClaimOutcome.Granted.class);
    }

    /** Runs what may be refused, as one who came too late is; gives why. */
    static Optional<RuntimeException> refusable(Runnable work) {
        try {
            work.run();
            return Optional.empty();
        } catch (ProvisionException
                | dev.berth.ledger.ClaimRefusedException
                | dev.berth.ledger.ClaimNotFoundException no) {
            return Optional.of(no);
        }
    }

    /** Names what was tried in a failure's message. */
    static void telling(String what, Runnable test) {
        try {
            test.run();
        } catch (AssertionError failure) {
            throw new AssertionError(what + ", " + failure.getMessage(), failure);
        }
    }
}
