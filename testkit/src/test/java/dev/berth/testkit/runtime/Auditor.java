package dev.berth.testkit.runtime;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Snapshot;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import dev.berth.testkit.StoreCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sits between several hosts and what they share, looks at every call of store and runtime before and after it, and
 * writes down each time that a law is broken: what was removed though it was somebody else's, or a claim's instance at
 * that moment; what was released though something of it is still there; what was made active though it was not up.
 */
final class Auditor {
    /** What a thread is at, as far as laws depend on it. */
    static final class Act {
        final String what;
        final Owner owner;
        /** Instances that were, at some moment of the act, the owner's own and up. */
        final Set<String> seenUp = new HashSet<>();

        Act(String what, Owner owner) {
            this.what = what;
            this.owner = owner;
        }

        @Override
        public String toString() {
            return what + " of " + owner;
        }
    }

    private final MemoryLedgerStore memory;
    private final UUID ledger;
    private final Runnable between;
    private final List<FakeEngine> engines = new ArrayList<>();
    private final Map<FakeEngine, Integer> audited = new HashMap<>();
    private final Map<Thread, Act> acts = new HashMap<>();
    private final List<String> broken = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final Set<String> lateNonces = new HashSet<>();
    private final Set<UUID> released = new HashSet<>();
    private final Set<UUID> letGo = new HashSet<>();
    /** Instances, by nonce and id, that may be left behind without anybody's fault. */
    private final Set<String> excused = new HashSet<>();
    /** A stop holds no attempt, so it may cross a start; see {@link CrossingTest}. */
    private final Set<String> stopped = new HashSet<>();
    /** Whether something happened to running instances that no host has done, and when that was last so. */
    private int disturbances;

    private @Nullable FakeEngine trusted;
    private boolean lying;

    /**
     * Begins.
     *
     * @param between runs before every call of store or runtime
     */
    Auditor(MemoryLedgerStore memory, Runnable between) {
        this.memory = memory;
        this.ledger = memory.identity().ledger();
        this.between = between;
    }

    void watch(FakeEngine engine) {
        engines.add(engine);
    }

    /** From now on this engine is the one that counts; says whether it was another. */
    synchronized boolean trust(FakeEngine engine) {
        boolean other = trusted != null && trusted != engine;
        trusted = engine;
        return other;
    }

    /** Says whether listings are false and claim to be whole: then what is there now may be overlooked. */
    synchronized void lying(boolean lies) {
        lying = lies;
    }

    synchronized Act enter(String what, Owner owner) {
        var act = new Act(what, owner);
        acts.put(Thread.currentThread(), act);
        return act;
    }

    synchronized void leave() {
        acts.remove(Thread.currentThread());
    }

    synchronized void tell(String what) {
        story.add(what);
    }

    synchronized void accuse(String what) {
        broken.add(what);
        story.add("BROKEN: " + what);
    }

    /** An outsider did something to what runs: whoever finds it not running need not blame a host. */
    synchronized void disturb() {
        disturbances++;
    }

    synchronized int disturbances() {
        return disturbances;
    }

    synchronized void check() {
        if (!broken.isEmpty()) {
            throw new AssertionError(String.join("; ", broken) + "\n  " + String.join("\n  ", story));
        }
    }

    synchronized String story() {
        return String.join("\n  ", story);
    }

    /** Everything there now may be left behind: it is hidden from all hosts, or its engine was written off. */
    synchronized void excuse(List<Instance> instances) {
        instances.forEach(one -> excused.add(key(one)));
    }

    private static String key(Instance instance) {
        return instance.id() + "/" + instance.mark().map(Mark::nonce).orElse("");
    }

    boolean isOurs(Instance instance) {
        return instance.mark().map(mark -> mark.ledger().equals(ledger)).orElse(false);
    }

    /** Whether an instance of ours belongs to no claim, and may be there all the same. */
    synchronized boolean isOrphan(Instance instance) {
        return memory.find(instance.mark().orElseThrow().claim()).isEmpty()
                && listing(instance).isEmpty()
                && excuse(instance).isPresent();
    }

    /** Why an instance of ours that no claim has may be left behind; empty if it may not. */
    synchronized Optional<String> excuse(Instance instance) {
        Mark mark = instance.mark().orElseThrow();
        if (letGo.contains(mark.claim())) {
            return Optional.of("let go");
        }
        if (excused.contains(key(instance))) {
            return Optional.of("hidden");
        }
        return lateNonces.contains(mark.nonce()) && released.contains(mark.claim())
                ? Optional.of("late")
                : Optional.empty();
    }

    // ------------------------------------------------------------------ looking

    private synchronized void observe() {
        for (FakeEngine engine : engines) {
            List<FakeEngine.Gone> gone = engine.removed();
            for (FakeEngine.Gone one : gone.subList(audited.getOrDefault(engine, 0), gone.size())) {
                if (!one.by().equals("outsider") && !one.by().equals(Fleet.FOREIGN.name())) {
                    removed(one.instance());
                }
            }
            audited.put(engine, gone.size());
        }
        if (lying) {
            engines.forEach(engine -> excuse(engine.instances()));
        }
        for (Act act : acts.values()) {
            Optional<Claim> claim = memory.find(act.owner).map(Snapshot::claim);
            claim.filter(one -> one.state() == ClaimState.ACTIVE)
                    .flatMap(this::own)
                    .ifPresent(one -> {
                        if (one.state() == InstanceState.RUNNING) {
                            act.seenUp.add(one.id());
                        }
                    });
        }
    }

    private void removed(Instance instance) {
        if (!isOurs(instance)) {
            accuse(instance + " was removed, which is not ours");
        }
        listing(instance).ifPresent(claim -> accuse(instance + " was removed, which is the instance of " + claim));
    }

    /** The claim that lists an instance as its own. */
    private Optional<Claim> listing(Instance instance) {
        Resource key = ResourceKind.INSTANCE.in(World.NODE, instance.id());
        Occupant occupant = memory.occupants(List.of(key)).get(key);
        return occupant instanceof Occupant.Holder holder
                ? memory.find(holder.token().claim()).map(Snapshot::claim).filter(claim -> isOwn(claim, instance))
                : Optional.empty();
    }

    private static boolean isOwn(Claim claim, Instance instance) {
        String nonce = claim.labels().get(Mark.NONCE);
        return nonce == null || nonce.equals(instance.mark().map(Mark::nonce).orElse(""));
    }

    /** The instance of a claim, in whatever engine. */
    Optional<Instance> own(Claim claim) {
        return claim.instance()
                .flatMap(Objects.requireNonNull(trusted)::instance)
                .filter(one -> isOwn(claim, one));
    }

    List<Instance> marked(UUID claim) {
        return Objects.requireNonNull(trusted).instances().stream()
                .filter(one -> isOurs(one) && one.mark().orElseThrow().claim().equals(claim))
                .toList();
    }

    private @Nullable Act act() {
        return acts.get(Thread.currentThread());
    }

    // ------------------------------------------------------------------ the store

    LedgerStore store() {
        return new AuditedStore();
    }

    private final class AuditedStore extends ForwardingLedgerStore {
        AuditedStore() {
            super(memory);
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            between.run();
            observe();
            T answer = work.get();
            observe();
            return answer;
        }

        @Override
        public List<CommitResult> commit(List<Commit> units) {
            return around(StoreCall.COMMIT, () -> audited(units));
        }

        private List<CommitResult> audited(List<Commit> units) {
            Map<UUID, Claim> before = new HashMap<>();
            for (Commit unit : units) {
                for (Commit.ClaimWrite write : unit.claims()) {
                    if (write instanceof Commit.Release release) {
                        memory.find(release.expected().claim())
                                .ifPresent(one -> before.put(one.claim().id(), one.claim()));
                    }
                }
            }
            List<CommitResult> results = memory.commit(units);
            for (int i = 0; i < units.size(); i++) {
                if (results.get(i) instanceof CommitResult.Done) {
                    units.get(i).claims().forEach(write -> done(write, before));
                }
            }
            return results;
        }
    }

    private synchronized void done(Commit.ClaimWrite write, Map<UUID, Claim> before) {
        if (write instanceof Commit.Release release) {
            Claim claim = before.get(release.expected().claim());
            if (claim != null) {
                tell(act() + " releases " + claim.token() + " of " + claim.owner() + ", " + claim.state());
                released(claim);
            }
        } else if (write instanceof Commit.Change change
                && change.state() == ClaimState.ACTIVE
                && change.attempt() instanceof Commit.AttemptWrite.End) {
            memory.find(change.expected().claim()).map(Snapshot::claim).ifPresent(this::activated);
        } else if (write instanceof Commit.Change change) {
            tell(act() + " puts " + change.expected() + " of " + change.owner() + " to " + change.state()
                    + change.reason().map(reason -> ": " + reason).orElse(""));
        }
    }

    private void released(Claim claim) {
        released.add(claim.id());
        Act act = act();
        if (act != null && act.what.equals("letting go")) {
            letGo.add(claim.id());
            return;
        }
        for (Instance one : marked(claim.id())) {
            boolean listed = claim.instance().equals(Optional.of(one.id())) && isOwn(claim, one);
            if (listed || excuse(one).isEmpty()) {
                accuse(act + " released " + claim.token() + " of " + claim.owner() + " while there is " + one);
            }
        }
    }

    private void activated(Claim claim) {
        Optional<Instance> own = own(claim);
        tell(act() + " makes " + claim.token() + " of " + claim.owner() + " active with "
                + own.map(Instance::toString).orElse(claim.instance() + ", which is not there"));
        Act act = act();
        if (act != null
                && act.what.startsWith("provision")
                && disturbances == 0
                && claim.instance().filter(stopped::contains).isEmpty()
                && own.filter(one -> one.state() == InstanceState.RUNNING).isEmpty()) {
            accuse(act + " made " + claim.token() + " active, though it is not running: " + own);
        }
    }

    // ------------------------------------------------------------------ the runtime

    ContainerRuntime<FakeSpec> runtime(ContainerRuntime<FakeSpec> client) {
        return new AuditedRuntime(client);
    }

    private final class AuditedRuntime extends ForwardingRuntime<FakeSpec> {
        AuditedRuntime(ContainerRuntime<FakeSpec> client) {
            super(client);
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            between.run();
            observe();
            try {
                return work.call();
            } catch (Exception failure) {
                tell(act() + " " + call + ": " + failure.getMessage());
                throw failure;
            } finally {
                observe();
            }
        }

        @Override
        public String create(Deployment<FakeSpec> deployment) throws Exception {
            String what = act() + " creates " + deployment.name().orElse("");
            try {
                String id = super.create(deployment);
                tell(what + " as " + id);
                if (!isCurrent(deployment.mark())) {
                    late(deployment.mark());
                }
                return id;
            } catch (Exception failure) {
                // Nothing is there by now, but may be yet.
                if (marked(deployment.mark().claim()).stream()
                        .noneMatch(one -> one.mark().equals(Optional.of(deployment.mark())))) {
                    late(deployment.mark());
                }
                throw failure;
            }
        }

        @Override
        public void start(String instance) throws Exception {
            super.start(instance);
            tell(act() + " starts " + instance);
        }

        @Override
        public void stop(String instance) throws Exception {
            super.stop(instance);
            crossed(instance);
            tell(act() + " stops " + instance);
        }

        @Override
        public Removal remove(String instance, Mark mark, Removal.Mode mode) throws Exception {
            Removal removal = super.remove(instance, mark, mode);
            tell(act() + " removes " + instance + " made for " + mark.owner() + ": " + removal);
            Act act = act();
            if (act != null && !mark.owner().tenant().equals(act.owner.tenant())) {
                accuse(act + " removed an instance of " + mark.owner());
            }
            return removal;
        }
    }

    synchronized boolean wasStopped(Instance instance) {
        return stopped.contains(instance.id());
    }

    private synchronized void crossed(String instance) {
        stopped.add(instance);
    }

    /** Whether the attempt that a mark names is still its claim's; else its maker slept, and will find that out. */
    private boolean isCurrent(Mark mark) {
        return memory.find(mark.claim())
                .flatMap(found -> found.claim().attempt())
                .filter(attempt -> attempt.nonce().equals(mark.nonce()))
                .isPresent();
    }

    private synchronized void late(Mark mark) {
        lateNonces.add(mark.nonce());
    }
}
