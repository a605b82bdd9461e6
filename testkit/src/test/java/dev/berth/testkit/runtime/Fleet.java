package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.ANNA_TOO;
import static dev.berth.testkit.runtime.World.BEN;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.SPEC;

import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.runtime.Full;
import dev.berth.runtime.Held;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.RuntimeFaultException;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Several hosts, each with its own policies, ledger and client, on one store and one engine, and everybody else who uses
 * that engine. It does what a {@link Step} says, looks after each step whether what it was told is true, and brings all
 * to rest in the end.
 */
final class Fleet {
    static final Scope FOREIGN = Scope.of("foreign");
    static final Owner BEN_TOO = Owner.of("ben", "desktop-2");
    static final List<Owner> OWNERS = List.of(ANNA, ANNA_TOO, BEN, BEN_TOO);

    /** What may happen. */
    enum What {
        PROVISION,
        STOP,
        REMOVE,
        LET_GO,
        ADOPT,
        RECOVER,
        PASS_TIME,
        OCCUPY,
        VACATE,
        COME,
        HARM,
        MISHAP,
        LOSE_STORE,
        DIE,
        COME_BACK,
        LIE,
        SWITCH_ENGINE,
        TRUST,
        FOREIGN_LEDGER
    }

    /** Something happens: which host and owner it concerns, and what it is exactly. */
    record Step(What what, int host, int owner, int detail) {}

    /** What a host decides by. */
    record Ways(Mine mine, Held held, List<Stranger> strangers, Full full) {}

    /** Who there is. */
    record Setup(List<Ways> hosts, boolean reusedIds, boolean slowRemovals, boolean silentRestarts) {}

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-05T08:00:00Z"));
    private final MemoryLedgerStore memory = new MemoryLedgerStore(clock, new UUID(7, 7));
    private final Auditor auditor;
    private final List<FakeEngine> engines = new ArrayList<>();
    private final List<Host> hosts = new ArrayList<>();
    private final Provisioner<FakeSpec> foreign;
    private final boolean interleaved;
    private final Pacing pacing;
    private final boolean[] dead = new boolean[2];
    private final boolean[] lying = new boolean[2];
    private int strangers;

    private static final class Host {
        final FaultyLedgerStore store;
        final FakeRuntime client;
        final Provisioner<FakeSpec> provisioner;
        int engine;

        Host(FaultyLedgerStore store, FakeRuntime client, Provisioner<FakeSpec> provisioner, int engine) {
            this.store = store;
            this.client = client;
            this.provisioner = provisioner;
            this.engine = engine;
        }
    }

    /**
     * Makes them.
     *
     * @param seed where several callers are to take turns, what their turns are drawn from
     */
    Fleet(Setup setup, @Nullable Long seed, Turns.Wildness wildness) {
        Turns turns = seed == null ? null : new Turns(clock, seed, wildness);
        this.turns = turns;
        this.interleaved = turns != null;
        this.pacing = turns == null ? ManualPacing.on(clock) : turns.pacing();
        // Every call takes a moment, as everywhere: what happens later is later.
        auditor = new Auditor(memory, () -> {
            clock.advance(Duration.ofMillis(1));
            if (turns != null) {
                turns.point();
            }
        });
        for (int i = 1; i <= 2; i++) {
            FakeEngine engine = FakeEngine.of(clock).named("engine-" + i);
            if (setup.reusedIds()) {
                engine.withReusedIds();
            }
            if (setup.slowRemovals()) {
                engine.removalTaking(Duration.ofSeconds(3));
            }
            if (setup.silentRestarts()) {
                engine.withSilentRestarts();
            }
            engines.add(engine);
            auditor.watch(engine);
        }
        auditor.trust(engines.get(0));
        for (Ways ways : setup.hosts()) {
            hosts.add(host(ways, 0));
        }
        hosts.get(0).provisioner.trustRuntime();
        var others = new MemoryLedgerStore(clock, new UUID(8, 8));
        foreign = Provisioner.of(
                        ResourceLedger.builder(others).clock(clock).build(),
                        FakeRuntime.on(engines.get(0), FOREIGN).pacing(pacing))
                .pacing(pacing)
                .callingOn(Runnable::run)
                .build();
    }

    private final @Nullable Turns turns;

    private Host host(Ways ways, int engine) {
        var store = new FaultyLedgerStore(auditor.store());
        FakeRuntime client = FakeRuntime.on(engines.get(engine), NODE).pacing(pacing);
        var random = new Random(hosts.size());
        ResourceLedger ledger =
                ResourceLedger.builder(store).clock(clock).random(random).build();
        Provisioner<FakeSpec> provisioner = Provisioner.of(ledger, auditor.runtime(client))
                .whenMineLives(ways.mine())
                .whenAnotherHolds(ways.held())
                .whenStrangerIsInTheWay(ways.strangers().toArray(Stranger[]::new))
                .whenPoolIsExhausted(ways.full())
                .pacing(pacing)
                .callingOn(Runnable::run)
                .build();
        return new Host(store, client, provisioner, engine);
    }

    // ------------------------------------------------------------------ walking

    void walk(List<Step> steps) {
        for (Step step : steps) {
            run(step);
            LedgerInvariants.check(memory);
            auditor.check();
        }
    }

    /** Each list is one caller's; they take turns at every call of store and runtime. */
    void walkTogether(List<List<Step>> callers) {
        List<Runnable> works = callers.stream()
                .<Runnable>map(steps -> () -> steps.forEach(step -> {
                    run(step);
                    Thread.interrupted();
                }))
                .toList();
        java.util.Objects.requireNonNull(turns).run(works);
        LedgerInvariants.check(memory);
        auditor.check();
    }

    String story() {
        return auditor.story();
    }

    private void run(Step step) {
        clock.advance(Duration.ofMillis(1));
        Host host = hosts.get(step.host() % hosts.size());
        Owner owner = OWNERS.get(step.owner() % OWNERS.size());
        int detail = step.detail();
        auditor.tell("-- " + step);
        switch (step.what()) {
            case PROVISION -> provision(host, owner, detail);
            case STOP ->
                attempt("stopping", owner, () -> {
                    Claim stopped = host.provisioner.stop(owner);
                    if (!interleaved) {
                        mustBeStopped(owner, stopped);
                    }
                });
            case REMOVE ->
                attempt("removing", owner, () -> {
                    host.provisioner.remove(owner);
                    if (!interleaved && claim(owner).isPresent()) {
                        auditor.accuse(owner + " has a claim after its removal: " + claim(owner));
                    }
                });
            case LET_GO -> attempt("letting go", owner, () -> host.provisioner.letGo(owner));
            case ADOPT ->
                pick(host, detail)
                        .ifPresent(one ->
                                attempt("adopting", owner, () -> host.provisioner.adopt(one.id(), adoption(owner))));
            case RECOVER ->
                attempt(
                        "recovering",
                        owner,
                        () -> host.provisioner.recover(
                                one -> detail % 2 == 0 ? Optional.empty() : Optional.of(adoption(owner))));
            case TRUST -> attempt("trusting", owner, () -> trust(host));
            case PASS_TIME ->
                clock.advance(
                        detail % 2 == 0 ? Duration.ofSeconds(detail % 30) : Duration.ofSeconds(30 + detail % 400));
            default -> outside(step, host, owner, detail);
        }
    }

    private void outside(Step step, Host host, Owner owner, int detail) {
        FakeEngine engine = engines.get(host.engine);
        boolean harmless = List.of(What.OCCUPY, What.VACATE, What.COME, What.MISHAP, What.LOSE_STORE)
                .contains(step.what());
        if (interleaved && !harmless) {
            auditor.disturb();
        }
        try {
            switch (step.what()) {
                case OCCUPY -> engine.occupy(7_000 + detail % 3);
                case VACATE -> engine.vacate(7_000 + detail % 3);
                case COME -> come(engine, owner, detail);
                case HARM -> pick(host, detail / 8).ifPresent(one -> harm(engine, one.id(), detail % 8));
                case MISHAP -> mishap(host, detail);
                case LOSE_STORE -> loseStore(host.store, detail);
                case DIE -> {
                    engine.die();
                    dead[host.engine] = true;
                }
                case COME_BACK -> comeBack(host.engine, detail);
                case LIE -> lie(host.engine, detail);
                case SWITCH_ENGINE -> connect(host, 1 - host.engine);
                case FOREIGN_LEDGER -> foreigner(owner, detail);
                default -> throw new IllegalStateException(step.toString());
            }
        } catch (InvalidInputException impossible) {
            auditor.tell("not possible: " + impossible.getMessage());
        }
    }

    // ------------------------------------------------------------------ what hosts do

    private void attempt(String what, Owner owner, Runnable deed) {
        auditor.enter(what, owner);
        try {
            deed.run();
            auditor.tell("   = done");
        } catch (ProvisionException
                | ClaimRefusedException
                | ClaimNotFoundException
                | StoreUnavailableException
                | RuntimeFaultException told) {
            auditor.tell("   = " + told.getMessage());
        } catch (BerthException | IllegalStateException | NullPointerException other) {
            auditor.accuse(what + " of " + owner + " threw " + other);
        } finally {
            auditor.leave();
        }
    }

    private void provision(Host host, Owner owner, int detail) {
        Auditor.Act act = auditor.enter("provisioning", owner);
        Map<Owner, Claim> before = claims();
        try {
            ProvisionOutcome outcome;
            if (interleaved && detail % 2 == 0) {
                outcome = host.provisioner.provision(World.request(owner), granted -> spec(detail));
            } else {
                outcome = host.provisioner.tryProvision(World.request(owner), granted -> spec(detail));
            }
            auditor.tell("   = " + brief(outcome));
            if (outcome instanceof Provisioned provisioned
                    && !act.seenUp.contains(provisioned.instance().id())) {
                if (auditor.disturbances() == 0 && !auditor.wasStopped(provisioned.instance())) {
                    auditor.accuse("what was handed out to " + owner + " never was up: " + provisioned.instance());
                }
            }
            if (!interleaved) {
                mustBeTrue(owner, outcome, before);
            }
        } catch (ProvisionException | ClaimRefusedException | StoreUnavailableException told) {
            auditor.tell("   = " + told.getMessage());
        } catch (SpecFailure wanted) {
            auditor.tell("   = " + wanted.getMessage());
        } catch (BerthException | IllegalStateException | NullPointerException other) {
            auditor.accuse("provisioning of " + owner + " threw " + other);
        } finally {
            auditor.leave();
        }
    }

    private static String brief(ProvisionOutcome outcome) {
        return outcome.getClass().getSimpleName()
                + (outcome instanceof Provisioned provisioned ? " " + provisioned.origin() : "")
                + (outcome instanceof ProvisionOutcome.Failed failed ? " " + failed.failure() : "")
                + " after " + outcome.report();
    }

    private static final class SpecFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SpecFailure() {
            super("the host has no specification");
        }
    }

    private static FakeSpec spec(int detail) {
        return switch (detail % 24) {
            case 3 -> SPEC.exitingAtOnce();
            case 5 -> SPEC.startingFor(Duration.ofSeconds(2));
            case 7 -> throw new SpecFailure();
            case 8 -> SPEC.startingFor(Duration.ofSeconds(20));
            default -> SPEC;
        };
    }

    private static ClaimRequest adoption(Owner owner) {
        return ClaimRequest.by(owner)
                .in(NODE)
                .name("container", ResourceKind.CONTAINER_NAME, "kasm", owner.tenant(), owner.name());
    }

    private void trust(Host host) {
        // A trust of which nobody knows whether it was said is nothing to go by.
        calm(host.store);
        host.provisioner.trustRuntime();
        trusted(host.engine);
    }

    private void trusted(int engine) {
        if (auditor.trust(engines.get(engine))) {
            auditor.excuse(engines.get(1 - engine).instances());
        }
    }

    // ------------------------------------------------------------------ what others do

    private void come(FakeEngine engine, Owner owner, int detail) {
        String name = detail % 3 == 0 ? "stranger-" + strangers++ : "kasm-" + owner.tenant() + "-" + owner.name();
        if (detail % 2 == 0) {
            engine.stranger(name);
        } else {
            engine.stranger(name, Publication.tcp(7_000 + detail % 5 % 3, 6_901));
        }
    }

    private static void harm(FakeEngine engine, String id, int how) {
        switch (how) {
            case 0, 1 -> engine.killInstance(id);
            case 2, 3 -> engine.removeInstance(id);
            case 4 -> engine.pauseInstance(id);
            case 5 -> engine.resumeInstance(id);
            case 6 -> engine.breakInstance(id);
            default -> engine.startInstance(id);
        }
    }

    private void mishap(Host host, int detail) {
        List<RuntimeCall> calls = List.of(
                RuntimeCall.CREATE,
                RuntimeCall.START,
                RuntimeCall.REMOVE,
                RuntimeCall.STOP,
                RuntimeCall.LOOK,
                RuntimeCall.INVENTORY,
                RuntimeCall.CREATE,
                RuntimeCall.FINGERPRINT);
        RuntimeCall call = calls.get(detail % 8);
        Mishap mishap = switch (detail / 8 % 8) {
            case 0 -> new Mishap.Unreached();
            case 1 -> new Mishap.LostQuestion();
            case 2 -> new Mishap.LostAnswer();
            case 3 -> call.isWrite() ? Mishap.late(Duration.ofSeconds(1)) : new Mishap.LostAnswer();
            case 4 -> call.isWrite() ? Mishap.late(Duration.ofSeconds(20)) : new Mishap.LostAnswer();
            case 5 -> new Mishap.Busy("busy");
            case 6 -> new Mishap.Rejected("no");
            default -> new Mishap.Gibberish("?!");
        };
        if (mishap instanceof Mishap.Late && (call == RuntimeCall.STOP || call == RuntimeCall.REMOVE)) {
            auditor.disturb();
        }
        host.client.nth(call, 1 + detail / 64 % 2, mishap);
    }

    private static void loseStore(FaultyLedgerStore store, int detail) {
        int times = 1 + detail / 4 % 6;
        switch (detail % 4) {
            case 0 -> store.refuseWrites(times);
            case 1 -> store.loseAnswers(times);
            case 2 -> store.loseQuestions(times);
            default -> store.failReads(times);
        }
    }

    private void comeBack(int engine, int detail) {
        if (dead[engine]) {
            dead[engine] = false;
            engines.get(engine).comeBack(List.of(FakeEngine.Revival.values()).get(detail % 3));
        }
    }

    private void lie(int engine, int detail) {
        FakeEngine.Lie lie = List.of(FakeEngine.Lie.values()).get(detail % 5);
        engines.get(engine).lie(lie);
        lying[engine] = lie != FakeEngine.Lie.NONE && lie != FakeEngine.Lie.PARTIAL;
        auditor.lying(lying[0] || lying[1]);
    }

    private void connect(Host host, int engine) {
        host.client.connect(engines.get(engine));
        host.engine = engine;
    }

    private void foreigner(Owner owner, int detail) {
        var request = dev.berth.runtime.ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(FOREIGN)
                        .name("container", ResourceKind.CONTAINER_NAME, "kasm", owner.tenant(), owner.name())
                        .choose(
                                "http",
                                dev.berth.port.PortPool.named("http")
                                        .onHost(FOREIGN)
                                        .range(7_000, 7_002)
                                        .build()))
                .named("container")
                .publish("http", 6_901);
        if (detail % 3 == 0) {
            attempt("foreign removing", owner, () -> foreign.remove(owner));
        } else {
            attempt("foreign making", owner, () -> foreign.tryProvision(request, granted -> SPEC));
        }
    }

    private Optional<Instance> pick(Host host, int detail) {
        List<Instance> all = engines.get(host.engine).instances();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(detail % all.size()));
    }

    // ------------------------------------------------------------------ what must be so

    private Optional<Claim> claim(Owner owner) {
        return memory.find(owner).map(Snapshot::claim);
    }

    private Map<Owner, Claim> claims() {
        Map<Owner, Claim> all = new TreeMap<>(Comparator.comparing(Owner::toString));
        LedgerInvariants.claims(memory).forEach(claim -> all.put(claim.owner(), claim));
        return all;
    }

    private void mustBeStopped(Owner owner, Claim told) {
        Optional<Claim> claim = claim(owner);
        if (!claim.equals(Optional.of(told)) || told.state() != ClaimState.STOPPED) {
            auditor.accuse(owner + " was told " + told + ", the ledger has " + claim);
        }
        auditor.own(told).filter(one -> one.state().isLiving()).ifPresent(one -> {
            if (auditor.disturbances() == 0) {
                auditor.accuse(owner + " was told that it stopped, and it runs: " + one);
            }
        });
    }

    private void mustBeTrue(Owner owner, ProvisionOutcome outcome, Map<Owner, Claim> before) {
        if (outcome instanceof Provisioned provisioned) {
            handedOut(owner, provisioned);
        } else if (outcome instanceof ProvisionOutcome.Failed failed) {
            if (!failed.kept().map(Claim::id).equals(claim(owner).map(Claim::id))) {
                auditor.accuse(owner + " was told to have " + failed.kept() + ", the ledger has " + claim(owner));
            }
        } else if (outcome instanceof ProvisionOutcome.Refused refused) {
            // What was taken over to make room stays so, though there was no room in the end.
            boolean tookOver = refused.report().count(Action.TAKE_OVER) > 0;
            if (!tookOver && !claims().keySet().equals(before.keySet())) {
                auditor.accuse(owner + " was refused, " + refused + ", and there is not what was before: " + before
                        + " and " + claims());
            }
        }
    }

    private void handedOut(Owner owner, Provisioned provisioned) {
        Optional<Claim> claim = claim(owner);
        if (!claim.equals(Optional.of(provisioned.claim()))
                || provisioned.claim().state() != ClaimState.ACTIVE) {
            auditor.accuse(owner + " was told " + provisioned.claim() + ", the ledger has " + claim);
            return;
        }
        Optional<Instance> own = auditor.own(provisioned.claim())
                .filter(one -> one.id().equals(provisioned.instance().id()));
        boolean made = own.flatMap(Instance::mark)
                .map(mark -> mark.claim().equals(provisioned.claim().id()))
                .orElse(false);
        boolean up = own.filter(one -> one.state() == InstanceState.RUNNING).isPresent()
                && (!made || own.get().published().stream().anyMatch(open -> open.port() == provisioned.port("http")));
        if (!up && auditor.disturbances() == 0) {
            auditor.accuse(owner + " was told " + provisioned + ", and there is " + own);
        }
    }

    // ------------------------------------------------------------------ bringing all to rest

    /** All that fails is mended, all strangers leave, time passes; then every owner gets all and gives it back. */
    void rest() {
        auditor.tell("-- all comes to rest");
        for (Host host : hosts) {
            host.client.calm();
            calm(host.store);
        }
        for (int i = 0; i < engines.size(); i++) {
            calm(i);
        }
        clock.advance(Duration.ofMinutes(10));
        auditor.lying(false);
        int engine = hosts.get(0).engine;
        Host healthy = host(
                new Ways(
                        Mine.REUSE,
                        Held.REFUSE,
                        List.of(Stranger.REMOVE_IF_OURS, Stranger.NEXT_CANDIDATE),
                        Full.REFUSE),
                engine);
        healthy.provisioner.trustRuntime();
        trusted(engine);
        // What was adopted has the ports that it has, whatever is asked for.
        OWNERS.stream()
                .filter(this::hasAdopted)
                .forEach(owner -> attempt("removing what was adopted", owner, () -> healthy.provisioner.remove(owner)));
        List<Owner> order = new ArrayList<>(OWNERS);
        order.sort(Comparator.comparing(
                owner -> claim(owner).filter(one -> one.holds("http")).isPresent() ? 0 : 1));
        for (Owner owner : order) {
            comeAndGo(healthy, owner);
        }
        LedgerInvariants.check(memory);
        if (!claims().isEmpty()) {
            auditor.accuse("the ledger still has " + claims());
        }
        for (Instance left : engines.get(engine).instances()) {
            if (auditor.isOurs(left) && auditor.excuse(left).isEmpty()) {
                auditor.accuse("the engine still has " + left);
            }
        }
        auditor.check();
    }

    private static void calm(FaultyLedgerStore store) {
        store.refuseWrites(0);
        store.loseAnswers(0);
        store.loseQuestions(0);
        store.failReads(0);
    }

    private boolean hasAdopted(Owner owner) {
        return claim(owner)
                .filter(claim -> auditor.own(claim)
                        .flatMap(Instance::mark)
                        .filter(mark -> !mark.claim().equals(claim.id()))
                        .isPresent())
                .isPresent();
    }

    private void calm(int number) {
        FakeEngine engine = engines.get(number);
        if (dead[number]) {
            engine.comeBack(FakeEngine.Revival.KEPT_RUNNING);
        }
        engine.lie(FakeEngine.Lie.NONE);
        engine.putBeacon();
        for (int port = 7_000; port < 7_003; port++) {
            engine.vacate(port);
        }
        for (Instance one : engine.instances()) {
            // Orphans that may be there are the reaper's business.
            if (!auditor.isOurs(one) || auditor.isOrphan(one)) {
                engine.removeInstance(one.id());
            } else if (one.state() == InstanceState.PAUSED) {
                engine.resumeInstance(one.id());
            }
        }
    }

    private void comeAndGo(Host healthy, Owner owner) {
        auditor.enter("provisioning at rest", owner);
        ProvisionOutcome outcome = healthy.provisioner.tryProvision(World.request(owner), granted -> SPEC);
        auditor.tell("   = " + brief(outcome));
        if (!(outcome instanceof Provisioned) && runsOnOtherPorts(owner)) {
            // It may be in use, and is left alone until somebody says that it is not.
            attempt("stopping at rest", owner, () -> healthy.provisioner.stop(owner));
            auditor.enter("provisioning at rest", owner);
            outcome = healthy.provisioner.tryProvision(World.request(owner), granted -> SPEC);
            auditor.tell("   = " + brief(outcome));
        }
        if (!(outcome instanceof Provisioned)) {
            auditor.accuse("at rest " + owner + " gets no instance: " + brief(outcome));
        }
        auditor.enter("removing at rest", owner);
        try {
            if (!healthy.provisioner.remove(owner)) {
                auditor.accuse("at rest there was nothing of " + owner + " to remove");
            }
        } catch (BerthException no) {
            auditor.accuse("at rest " + owner + " cannot be removed: " + no.getMessage());
        } finally {
            auditor.leave();
        }
    }

    /** What an engine has that was written off and came back, or that came late, may have the ports of then. */
    private boolean runsOnOtherPorts(Owner owner) {
        return claim(owner)
                .filter(claim -> auditor.own(claim)
                        .filter(one -> one.state() == InstanceState.RUNNING)
                        .filter(one -> one.published().stream().noneMatch(open -> open.port() == claim.port("http")))
                        .isPresent())
                .isPresent();
    }
}
