package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.Race;
import dev.berth.testkit.RuntimeCall;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Provisioner where threads really run at once, each caller with what a process of its own would have. */
class ProvisionerRaceTest {
    private static final Owner OWNER = Owner.of("anna", "desktop");
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final MemoryLedgerStore memory = new MemoryLedgerStore(Clock.systemUTC(), new UUID(9, 9));
    private final FakeEngine engine = FakeEngine.of(Clock.systemUTC());
    private final List<Provisioner<FakeSpec>> made = new ArrayList<>();

    @AfterEach
    void close() {
        made.forEach(Provisioner::close);
        LedgerInvariants.check(memory);
    }

    private Provisioner<FakeSpec> process(Mine mine) {
        var provisioner = Provisioner.of(ResourceLedger.on(memory), FakeRuntime.on(engine, NODE))
                .whenMineLives(mine)
                .build();
        made.add(provisioner);
        return provisioner;
    }

    private List<Provisioner<FakeSpec>> processes(int count) {
        List<Provisioner<FakeSpec>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(process(Mine.REUSE));
        }
        return all;
    }

    private static ProvisionRequest request(Owner owner, int ports) {
        return ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, owner.tenant(), owner.name())
                        .choose(
                                "http",
                                PortPool.named("http")
                                        .onHost(NODE)
                                        .range(9_000, 9_000 + ports - 1)
                                        .build()))
                .named("container")
                .publish("http", 6_901);
    }

    private static void await(BooleanSupplier condition, String what) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("until %s", what).isLessThan(until);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void nothingIsLeft() {
        assertThat(LedgerInvariants.claims(memory)).isEmpty();
        assertThat(engine.instances().stream().filter(one -> one.mark().isPresent()))
                .isEmpty();
    }

    @Test
    void oneOwnerHasOneInstanceHoweverManyAskInHoweverManyProcesses() {
        List<Provisioner<FakeSpec>> processes = processes(4);
        Race.of(12)
                .rounds(60)
                .<Provisioned>run(
                        (round, racer, random) ->
                                processes.get(racer % 4).provision(request(OWNER, 3), granted -> SPEC),
                        (round, all) -> {
                            assertThat(all.stream()
                                            .map(one -> one.instance().id())
                                            .distinct())
                                    .hasSize(1);
                            assertThat(engine.instances()).hasSize(1);
                            assertThat(engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
                            assertThat(processes.get(round % 4).remove(OWNER)).isTrue();
                            engine.resetCalls();
                            nothingIsLeft();
                        });
    }

    @Test
    void whoWaitsForSomebodyElseHoldsNoThread() throws Exception {
        Provisioner<FakeSpec> process = process(Mine.REUSE);
        engine.hang(RuntimeCall.CREATE);
        List<CompletableFuture<Provisioned>> asked = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            asked.add(process.provisionAsync(request(OWNER, 3), granted -> SPEC));
        }
        await(() -> engine.hanging() == 1, "one creates");
        await(() -> engine.calls(RuntimeCall.FINGERPRINT) >= 500, "all have asked");
        assertThat(threads("berth-provisioner-")).isLessThanOrEqualTo(17);
        // A worker's next call may come before the thread of its last one is idle again.
        assertThat(threads("berth-runtime-")).isLessThanOrEqualTo(2 * 17);
        engine.release();
        Set<String> ids = new HashSet<>();
        for (var one : asked) {
            ids.add(one.get(30, TimeUnit.SECONDS).instance().id());
        }
        assertThat(ids).hasSize(1);
        assertThat(engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
        assertThat(engine.calls(RuntimeCall.FINGERPRINT))
                .as("once when it asks first, and once when there is something to hand out")
                .isLessThanOrEqualTo(2 * 500);
    }

    private static long threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && thread.getName().startsWith(prefix))
                .count();
    }

    @Test
    void asManyOwnersAsThereAreSlotsSucceedAndTheOthersAreToldThatThePoolIsExhausted() {
        List<Provisioner<FakeSpec>> processes = processes(3);
        Race.of(12)
                .rounds(40)
                .<ProvisionOutcome>run(
                        (round, racer, random) -> processes
                                .get(racer % 3)
                                .tryProvision(request(Owner.of("tenant", "app-" + racer), 5), granted -> SPEC),
                        (round, all) -> {
                            List<Integer> ports = all.stream()
                                    .filter(Provisioned.class::isInstance)
                                    .map(one -> ((Provisioned) one).port("http"))
                                    .toList();
                            assertThat(ports).hasSize(5).doesNotHaveDuplicates();
                            assertThat(all.stream().filter(ProvisionOutcome.Refused.class::isInstance))
                                    .hasSize(7)
                                    .allSatisfy(one -> assertThat(((ProvisionOutcome.Refused) one)
                                                    .refusal()
                                                    .obstacles())
                                            .hasOnlyElementsOfType(Obstacle.Exhausted.class));
                            assertThat(engine.running()).hasSize(5);
                            for (int racer = 0; racer < 12; racer++) {
                                processes.get(0).remove(Owner.of("tenant", "app-" + racer));
                            }
                            nothingIsLeft();
                        });
    }

    /** Somebody takes the port in the moment between its claim and the start, again and again. */
    @Test
    void aThiefOfPortsIsLeftAloneAndTheNextPortIsTaken() {
        var thefts = new AtomicInteger();
        var robbed = new ForwardingRuntime<FakeSpec>(FakeRuntime.on(engine, NODE)) {
            @Override
            public void start(String instance) throws Exception {
                Instance starting = engine.instance(instance).orElseThrow();
                if (thefts.get() < 6) {
                    Publication wanted = starting.configured().get(0);
                    engine.stranger("thief-" + thefts.incrementAndGet(), wanted);
                }
                super.start(instance);
            }
        };
        var provisioner = Provisioner.of(ResourceLedger.on(memory), robbed).build();
        made.add(provisioner);

        Provisioned desktop = provisioner.provision(request(OWNER, 10), granted -> SPEC);

        assertThat(thefts).hasValue(6);
        assertThat(desktop.port("http")).isEqualTo(9_006);
        assertThat(engine.running().stream().filter(one -> one.name().startsWith("thief-")))
                .hasSize(6);
        assertThat(engine.instances()).hasSize(7);
    }

    @Test
    void makingStoppingRemovingAndReplacingAtOnceEndsWhole() {
        List<Provisioner<FakeSpec>> processes = List.of(process(Mine.REUSE), process(Mine.REPLACE));
        Race.of(4)
                .rounds(80)
                .<Boolean>run(
                        (round, racer, random) -> {
                            for (int i = 0; i < 3; i++) {
                                Provisioner<FakeSpec> process = processes.get(random.nextInt(2));
                                try {
                                    switch (random.nextInt(4)) {
                                        case 0 -> process.stop(OWNER);
                                        case 1 -> process.remove(OWNER);
                                        default -> process.provision(request(OWNER, 3), granted -> SPEC);
                                    }
                                } catch (ProvisionException | ClaimNotFoundException told) {
                                    // Somebody else was at it, or had removed it.
                                }
                            }
                            return true;
                        },
                        (round, all) -> {
                            LedgerInvariants.check(memory);
                            Provisioned desktop = processes.get(0).provision(request(OWNER, 3), granted -> SPEC);
                            assertThat(engine.running()).containsExactly(desktop.instance());
                            assertThat(processes.get(1).remove(OWNER)).isTrue();
                            nothingIsLeft();
                        });
    }

    @Test
    void anInterruptedCallerEndsSoonWithItsFlagSetAndLeavesNothingUnknown() throws Exception {
        Provisioner<FakeSpec> process = process(Mine.REPLACE);
        long seed = System.nanoTime();
        System.out.println("interrupts with seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 150; round++) {
            var flag = new CompletableFuture<Boolean>();
            var told = new CompletableFuture<Boolean>();
            var caller = new Thread(() -> {
                try {
                    process.provision(request(OWNER, 3), granted -> SPEC.startingFor(Duration.ofMillis(5)));
                } catch (ProvisionException interrupted) {
                    // It was told so.
                } catch (RuntimeException other) {
                    flag.completeExceptionally(other);
                }
                told.join();
                flag.complete(Thread.currentThread().isInterrupted());
            });
            caller.start();
            LockSupport.parkNanos(random.nextInt(40_000_000));
            caller.interrupt();
            told.complete(true);
            assertThat(flag.get(10, TimeUnit.SECONDS))
                    .as("flag in round %s", round)
                    .isTrue();
            if (random.nextInt(3) == 0) {
                process.remove(OWNER);
                nothingIsLeft();
            }
        }
        process.remove(OWNER);
        nothingIsLeft();
    }

    @Test
    void closingEndsEverybodyWhoWaitsAndTakesBackWhatIsUnderWay() {
        Provisioner<FakeSpec> process = process(Mine.REUSE);
        engine.hang(RuntimeCall.CREATE);
        List<CompletableFuture<Provisioned>> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            asked.add(process.provisionAsync(request(Owner.of("tenant", "app-" + i % 30), 40), granted -> SPEC));
        }
        await(() -> engine.hanging() >= 16, "all threads are at work");
        process.close();
        assertThat(asked).allMatch(CompletableFuture::isDone, "is done");
        await(() -> threads("berth-provisioner-") == 0, "its threads have ended");

        engine.release();
        Provisioner<FakeSpec> next = process(Mine.REUSE);
        for (int i = 0; i < 30; i++) {
            next.remove(Owner.of("tenant", "app-" + i));
        }
        nothingIsLeft();
    }
}
