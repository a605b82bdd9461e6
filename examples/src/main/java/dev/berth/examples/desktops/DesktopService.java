package dev.berth.examples.desktops;

import dev.berth.examples.cli.ExampleEngine;
import dev.berth.examples.cli.UsageException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.ledger.StaleTokenException;
import dev.berth.name.NameGenerator;
import dev.berth.name.NameRule;
import dev.berth.port.PortPool;
import dev.berth.reaper.Activity;
import dev.berth.reaper.IdleReport;
import dev.berth.reaper.IdleStopper;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Held;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Stranger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Starts and ends browser desktops. A user has one desktop of each type, whatever the number of logins: the proxy path
 * {@code {user}-{type}} is fixed, so of two sessions that want it one has it. Each session's container has a name of its own.
 *
 * @param <S> what the engine is told about what to create
 */
final class DesktopService<S> implements AutoCloseable {
    /** What a second login does while the first one's desktop is there. */
    enum Second {
        /** It gets the desktop of the first. */
        REUSE,
        /** The desktop of the first goes, and it gets one of its own. */
        REPLACE,
        /** It is refused while the desktop of the first runs. */
        REJECT;

        static Second of(String word) {
            return Stream.of(values())
                    .filter(one -> one.name().equals(word.toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UsageException("\"" + word + "\" is not reuse, replace or reject"));
        }
    }

    static final Scope HOST = Scope.of("desktops");
    private static final String TYPE = "desktop.type";
    private static final String SESSION = "desktop.session";
    private static final String USED = "desktop.used";
    private static final int INNER_PORT = 6901;
    private static final PortPool PORTS =
            PortPool.named("http").onHost(HOST).range(7000, 8000).build();
    private static final NameGenerator CONTAINERS =
            NameGenerator.of(NameRule.CONTAINER).template("kasm-{user}-{type}-{session}");
    private static final NameGenerator PATHS =
            NameGenerator.of(NameRule.DNS_LABEL).template("{user}-{type}");

    private final ResourceLedger ledger;
    private final BoundedRuntime<S> runtime;
    private final S container;
    private final Provisioner<S> desktops;
    private final Provisioner<S> replacing;
    private final IdleStopper idle;

    DesktopService(
            ResourceLedger ledger, ExampleEngine<S> engine, String image, List<String> command, Duration idleAfter) {
        this.ledger = ledger;
        this.runtime = BoundedRuntime.of(engine.runtime(), Deadlines.defaults());
        this.container = engine.container().apply(image, command);
        this.desktops = provisioner(engine, Held.REFUSE);
        this.replacing = provisioner(engine, Held.TAKE_FROM_SAME_TENANT);
        this.idle = IdleStopper.of(ledger, desktops)
                .after(idleAfter)
                .asking((claim, instance) ->
                        new Activity.Last(Instant.parse(claim.labels().get(USED))))
                .build();
    }

    private Provisioner<S> provisioner(ExampleEngine<S> engine, Held held) {
        return Provisioner.of(ledger, engine.runtime())
                .whenAnotherHolds(held)
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS, Stranger.NEXT_CANDIDATE)
                .build();
    }

    /** Scenarios 1 to 4: one live claim for each user and type, with the same path; what old sessions left is taken over. */
    Provisioned start(String user, String type, String session, Second second) {
        Resource path = ResourceKind.PROXY_PATH.in(HOST, "/" + PATHS.unique(user, type));
        Owner mine = Owner.of(user, type + "/" + session);
        Optional<Claim> other =
                ledger.holder(path).filter(claim -> !claim.owner().equals(mine));
        if (other.isPresent() && second == Second.REUSE) {
            return start(user, type, other.get().labels().getOrDefault(SESSION, session), path, desktops);
        }
        boolean free =
                other.isEmpty() || second == Second.REPLACE || other.get().state() == ClaimState.STOPPED;
        removeLeftovers(user, type);
        return start(user, type, session, path, free ? replacing : desktops);
    }

    private Provisioned start(String user, String type, String session, Resource path, Provisioner<S> by) {
        var claim = ClaimRequest.by(Owner.of(user, type + "/" + session))
                .in(HOST)
                .name("container", ResourceKind.CONTAINER_NAME, CONTAINERS, user, type, session)
                .fixed("path", path)
                .choose("http", PORTS)
                .label(TYPE, type)
                .label(SESSION, session)
                .label(USED, ledger.now().toString());
        var wish = ProvisionRequest.of(claim)
                .named("container")
                .publish("http", INNER_PORT)
                .healthyWithin(Duration.ofSeconds(60));
        Provisioned desktop = by.provision(wish, granted -> container);
        ledger.find(desktop.claim().owner()).ifPresent(this::used);
        return desktop;
    }

    /** Containers of this user's and type's that were made here and that no claim has any more. */
    private void removeLeftovers(String user, String type) {
        for (Instance instance : runtime.inventory().instances()) {
            boolean same = instance.claimed()
                    .map(ClaimRequest::owner)
                    .filter(owner -> owner.tenant().equals(user) && owner.name().startsWith(type + "/"))
                    .isPresent();
            if (same && desktops.keeps(instance).isEmpty()) {
                desktops.discard(instance, Removal.Mode.EVEN_IF_RUNNING);
            }
        }
    }

    /** Somebody looked at the desktop. */
    void used(Claim claim) {
        try {
            ledger.relabel(claim.token(), Map.of(USED, ledger.now().toString()), Set.of());
        } catch (StaleTokenException changedMeanwhile) {
            // By another login of the same user, who has noted it, or by its end.
        }
    }

    Optional<Claim> find(String user, String type) {
        return all(claim -> claim.owner().tenant().equals(user) && type.equals(type(claim)))
                .findFirst();
    }

    static String type(Claim claim) {
        return claim.labels().getOrDefault(TYPE, "");
    }

    List<Claim> list() {
        return all(claim -> true).toList();
    }

    private Stream<Claim> all(Predicate<Claim> which) {
        try (Stream<Claim> claims = ledger.claims(ClaimQuery.all().in(HOST))) {
            return claims.filter(claim -> claim.labels().containsKey(TYPE)).filter(which).toList().stream();
        }
    }

    Optional<Instance> seen(Claim claim) {
        return claim.instance().flatMap(id -> runtime.look(id).seen());
    }

    void stop(Claim claim) {
        desktops.stop(claim.owner());
    }

    void remove(Claim claim) {
        desktops.remove(claim.owner());
    }

    /** Stops what was not used for long; it keeps its name, path and port. */
    IdleReport stopIdle() {
        return idle.run();
    }

    @Override
    public void close() {
        idle.close();
        desktops.close();
        replacing.close();
        runtime.close();
    }
}
