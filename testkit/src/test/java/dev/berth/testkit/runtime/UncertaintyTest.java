package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.failed;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is not known is neither there nor gone (law L3). */
class UncertaintyTest {
    private final World world = new World();

    @Test
    void aCreateWhoseAnswerGotLostIsFoundByItsNonceAndNotRepeated() {
        world.runtime.next(RuntimeCall.CREATE, new Mishap.LostAnswer());
        Provisioned desktop = world.provision(ANNA);

        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(desktop.instance().id());
        world.check();
    }

    @Test
    void aCreateThatNeverArrivedIsRepeatedUnderItsName() {
        world.runtime.next(RuntimeCall.CREATE, new Mishap.LostQuestion());
        world.provision(ANNA);
        assertThat(world.engine.instances()).hasSize(1);
        world.check();
    }

    @Test
    void aCreateThatArrivesLateMeetsItsOwnName() {
        world.runtime.next(RuntimeCall.CREATE, Mishap.lateUntilReleased());
        Provisioned desktop = world.provision(ANNA);
        world.engine.releaseLate();

        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(desktop.instance().id());
        world.check();
    }

    @Test
    void aCreateWithoutANameIsNotRepeatedBlindly() {
        world.runtime.next(RuntimeCall.CREATE, new Mishap.LostQuestion());
        var nameless = ProvisionRequest.of(ClaimRequest.by(ANNA).in(NODE).choose("http", World.PORTS))
                .publish("http", 80);
        ProvisionOutcome outcome = world.provisioner().tryProvision(nameless, spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.UNKNOWN);
        Claim kept = failed(outcome).kept().orElseThrow();
        assertThat(kept.state()).isEqualTo(ClaimState.FAILED);
        assertThat(kept.port("http")).isEqualTo(7_000);
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(1);

        Provisioned again = world.provisioner().provision(nameless, spec());
        assertThat(again.claim().id()).isEqualTo(kept.id());
        world.check();
    }

    @Test
    void aStartWhoseAnswerGotLostIsSeenToRun() {
        world.runtime.next(RuntimeCall.START, new Mishap.LostAnswer());
        world.provision(ANNA);
        assertThat(world.engine.calls(RuntimeCall.START)).isEqualTo(1);
        world.check();
    }

    /** What was said and not understood is often the reason. */
    @Test
    void whatWasSaidToAStartThatCameToNothingIsTold() {
        for (int i = 0; i < 8; i++) {
            world.runtime.next(RuntimeCall.START, new Mishap.Gibberish("no driver for [[gpu]]"));
        }
        ProvisionOutcome outcome = world.provisioner().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.GAVE_UP);
        assertThat(failed(outcome).failure().detail()).contains("it was not started", "no driver for [[gpu]]");
        world.check();
    }

    @Test
    void whereTheRemovalOfAFailedInstanceIsUnknownTheClaimKeepsEverything() {
        world.runtime
                .next(RuntimeCall.REMOVE, new Mishap.LostQuestion())
                .nth(RuntimeCall.LOOK, 2, new Mishap.LostAnswer());
        ProvisionOutcome outcome =
                world.provisioner().tryProvision(request(ANNA), granted -> World.SPEC.exitingAtOnce());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.DIED);
        Claim kept = failed(outcome).kept().orElseThrow();
        assertThat(kept.state()).isEqualTo(ClaimState.FAILED);
        assertThat(kept.port("http")).isEqualTo(7_000);
        assertThat(world.engine.instances()).hasSize(1);

        Provisioned again = world.provision(ANNA);
        assertThat(again.claim().id()).isEqualTo(kept.id());
        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(again.instance().id());
        world.check();
    }

    @ParameterizedTest
    @EnumSource(
            value = FakeEngine.Lie.class,
            names = {"EMPTY", "TRUNCATED", "PARTIAL", "EMPTY_WITH_PROOF"})
    void noListingMakesASecondInstanceOfALivingOne(FakeEngine.Lie lie) {
        Provisioned first = world.provision(ANNA);
        world.engine.lie(lie);
        world.provisioner().tryProvision(request(ANNA), spec());
        world.builder().whenMineLives(dev.berth.runtime.Mine.REPLACE).build().tryProvision(request(ANNA), spec());
        world.engine.lie(FakeEngine.Lie.NONE);

        assertThat(world.engine.running()).hasSize(1);
        assertThat(world.claim(ANNA).orElseThrow().port("http")).isEqualTo(first.port("http"));
        world.provision(ANNA);
        world.check();
    }

    @Test
    void anotherDaemonBehindTheSameAddressIsNoticedAndProvesNothing() {
        Provisioned first = world.provision(ANNA);
        world.runtime.connect(FakeEngine.of(world.clock).named("another"));
        ProvisionOutcome outcome = world.provisioner().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.WRONG_RUNTIME);
        assertThat(failed(outcome).failure().detail()).contains("trustRuntime()");
        assertThat(world.claim(ANNA)).contains(first.claim());

        world.runtime.connect(world.engine);
        assertThat(world.provision(ANNA).instance().id())
                .isEqualTo(first.instance().id());
        world.check();
    }

    @Test
    void aDaemonThatWasReplacedOnPurposeIsTrustedWhenSomebodySaysSo() {
        world.provision(ANNA);
        FakeEngine another = FakeEngine.of(world.clock).named("another");
        world.runtime.connect(another);
        Provisioner<?> provisioner = world.provisioner();
        provisioner.trustRuntime();
        Provisioned second = world.provision(ANNA);

        assertThat(another.running())
                .extracting(Instance::id)
                .containsExactly(second.instance().id());
        assertThat(second.port("http")).isEqualTo(7_000);
    }

    @Test
    void whatAnAttemptMadeThatNeverEndedIsNotTakenUpButMadeAnew() {
        AttemptOutcome.Granted granted =
                (AttemptOutcome.Granted) world.ledger.attempt(request(ANNA).claim(), NODE, Duration.ofSeconds(60));
        Attempt attempt = granted.attempt();
        String left = leftBy(granted);
        assertThat(world.provisioner().tryProvision(request(ANNA), spec()))
                .as("somebody is at it")
                .isInstanceOf(ProvisionOutcome.Joined.class);

        world.clock.advance(Duration.ofSeconds(61));
        Provisioned desktop = world.provision(ANNA);
        assertThat(desktop.claim().id()).isEqualTo(attempt.claim());
        assertThat(desktop.instance().id()).isNotEqualTo(left);
        assertThat(world.engine.instance(left)).isEmpty();
        world.check();
    }

    /** Makes what a process leaves that dies between create and start. */
    private String leftBy(AttemptOutcome.Granted granted) {
        var mark = new dev.berth.runtime.Mark(
                world.ledger.identity().ledger(),
                granted.claim().id(),
                granted.attempt().nonce(),
                ANNA);
        try {
            return world.runtime.create(new dev.berth.runtime.Deployment<>(
                    World.SPEC,
                    java.util.Optional.of(granted.claim().value("container")),
                    java.util.List.of(),
                    mark,
                    java.util.Map.of()));
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void anInstanceIsHandedOutWhenItIsHealthyAndOneThatIsNotInTimeIsTakenBack() {
        Provisioned healthy = world.provisioner()
                .provision(
                        request(ANNA).healthyWithin(Duration.ofSeconds(30)),
                        granted -> healthyAfter(Duration.ofSeconds(10)));
        assertThat(healthy.report().toString()).contains("AWAIT_HEALTH");

        ProvisionOutcome never = world.provisioner()
                .tryProvision(
                        request(World.BEN).healthyWithin(Duration.ofSeconds(30)),
                        granted -> dev.berth.testkit.FakeSpec.of("desktop:1").neverHealthy());
        assertThat(failed(never).failure().kind()).isEqualTo(Kind.UNHEALTHY);
        assertThat(world.claim(World.BEN)).isEmpty();
        assertThat(world.engine.instances()).hasSize(1);
        world.check();
    }

    private static dev.berth.testkit.FakeSpec healthyAfter(Duration span) {
        return dev.berth.testkit.FakeSpec.of("desktop:1").healthyAfter(span);
    }

    @Test
    void anAttemptIsKeptAliveWhileItsCallerWorks() {
        Provisioned slow = world.provisioner()
                .provision(
                        request(ANNA).healthyWithin(Duration.ofMinutes(10)),
                        granted -> healthyAfter(Duration.ofMinutes(5)));
        assertThat(slow.claim().state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(slow.claim().attempt().orElseThrow().number()).isEqualTo(1);
        world.check();
    }
}
