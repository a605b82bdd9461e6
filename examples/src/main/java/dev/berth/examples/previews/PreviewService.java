package dev.berth.examples.previews;

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
import dev.berth.port.PortAllocator;
import dev.berth.port.PortAssignment;
import dev.berth.port.PortAudit;
import dev.berth.port.PortPool;
import dev.berth.port.PortUsage;
import dev.berth.reaper.Activity;
import dev.berth.reaper.IdleReport;
import dev.berth.reaper.IdleStopper;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Full;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Recovery;
import dev.berth.runtime.Stranger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Starts and ends previews. Each app has one, in a container {@code dyad-app-{number}}, on the lowest free port.
 *
 * @param <S> what the engine is told about what to create
 */
final class PreviewService<S> implements AutoCloseable {
    static final Scope HOST = Scope.of("previews");
    static final PortPool PORTS =
            PortPool.named("preview").onHost(HOST).range(32_100, 32_200).build();
    private static final String TENANT = "previews";
    private static final String CONTAINER = "container";
    private static final Pattern NAME = Pattern.compile("dyad-app-(\\d+)");
    private static final int INNER_PORT = 3000;

    private final ResourceLedger ledger;
    private final ExampleEngine<S> engine;
    private final S container;
    private final BoundedRuntime<S> runtime;
    private final PortAllocator ports;
    private final Provisioner<S> previews;
    private final IdleStopper idle;
    /** As a dev server's proxy would know it. It is lost with the process, and an unknown use is no idleness. */
    private final Map<Owner, Instant> used = new ConcurrentHashMap<>();

    PreviewService(
            ResourceLedger ledger, ExampleEngine<S> engine, String image, List<String> command, Duration idleAfter) {
        this.ledger = ledger;
        this.engine = engine;
        this.container = engine.container().apply(image, command);
        this.runtime = BoundedRuntime.of(engine.runtime(), Deadlines.defaults());
        this.ports = PortAllocator.on(ledger).probing(engine.probe());
        this.previews = Provisioner.of(ledger, engine.runtime())
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED)
                .build();
        this.idle = IdleStopper.of(ledger, previews)
                .after(idleAfter)
                .asking((claim, instance) -> Optional.ofNullable(used.get(claim.owner()))
                        .<Activity>map(Activity.Last::new)
                        .orElseGet(() -> new Activity.Unknown("nobody has asked for it since this process began")))
                .build();
    }

    static Owner owner(String app) {
        if (!app.matches("[1-9]\\d{0,8}")) {
            throw new UsageException("\"" + app + "\" is no app; give its number");
        }
        return Owner.of(TENANT, "dyad-app-" + app);
    }

    /**
     * Scenarios 24, 29 and 33: the lowest port that nobody is on; whoever is on one stays, and the next one is taken.
     *
     * @param warnings hears of ports that were passed over
     */
    Provisioned start(String app, Consumer<String> warnings) {
        Owner owner = owner(app);
        var claim = ClaimRequest.by(owner).in(HOST).fixed(CONTAINER, ResourceKind.CONTAINER_NAME, owner.name());
        if (ports.usage(PORTS).free() > 0) {
            PortAssignment looked = ports.allocate(claim, PORTS);
            looked.warnings().forEach(warnings);
        }
        Provisioned preview = previews.provision(
                ProvisionRequest.of(claim.choose(PORTS.name(), PORTS))
                        .named(CONTAINER)
                        .publish(PORTS.name(), INNER_PORT),
                granted -> container);
        used.put(owner, ledger.now());
        return preview;
    }

    void used(String app) {
        used.put(owner(app), ledger.now());
    }

    /** Scenario 23: the port stays its own; stopping what is not there succeeds. */
    boolean stop(String app) {
        if (ledger.find(owner(app)).filter(claim -> !claim.isReservation()).isEmpty()) {
            return false;
        }
        previews.stop(owner(app));
        return true;
    }

    boolean remove(String app) {
        used.remove(owner(app));
        return previews.remove(owner(app));
    }

    IdleReport stopIdle() {
        return idle.run();
    }

    /** Scenario 60: after a restart, or with a new ledger, the containers that are there have their ports again. */
    Recovery recover() {
        Recovery found = previews.recover(PreviewService::claimed);
        Stream.concat(found.claimed().stream(), found.unchanged().stream())
                .forEach(claim -> used.putIfAbsent(claim.owner(), ledger.now()));
        return found;
    }

    private static Optional<ClaimRequest> claimed(Instance instance) {
        Matcher named = NAME.matcher(instance.name());
        if (!named.matches()) {
            return Optional.empty();
        }
        ClaimRequest request = ClaimRequest.by(owner(named.group(1)))
                .in(HOST)
                .fixed(CONTAINER, ResourceKind.CONTAINER_NAME, instance.name());
        String part = PORTS.name();
        for (Publication open : instance.configured()) {
            Resource port = open.kind().in(HOST, open.port());
            if (!request.resources().contains(port)) {
                request = request.fixed(part, Map.of(part, port));
                part = "port-" + open.port() + "-" + open.inner();
            }
        }
        return Optional.of(request);
    }

    /** One preview, for other programs. */
    record Info(String app, String container, String id, String state, int port, String lastUsed) {}

    List<Info> containers() {
        Inventory seen = runtime.inventory();
        return claims().stream()
                .map(claim -> new Info(
                        claim.owner().name(),
                        claim.value(CONTAINER),
                        claim.instance().orElse(""),
                        claim.instance()
                                .flatMap(seen::find)
                                .map(there -> there.state().name())
                                .orElse("MISSING"),
                        claim.port(PORTS.name()),
                        Optional.ofNullable(used.get(claim.owner()))
                                .map(Instant::toString)
                                .orElse("unknown")))
                .toList();
    }

    private List<Claim> claims() {
        try (Stream<Claim> claims = ledger.claims(ClaimQuery.all().tenant(TENANT))) {
            return claims.filter(claim -> claim.holds(PORTS.name())).toList();
        }
    }

    /** The whole range: who has what, and who else is there (scenario 32). */
    record Overview(
            String range,
            int used,
            int free,
            int total,
            double percent,
            Map<Integer, String> allocations,
            Map<Integer, String> strangers,
            Map<Integer, String> unknown) {}

    Overview ports() {
        PortAudit audit = ports.audit(engine.probe(), PORTS);
        PortUsage usage = ports.usage(PORTS);
        var allocations = new TreeMap<Integer, String>();
        audit.allocations()
                .forEach(one -> allocations.put(
                        one.port().number(), one.holder().owner().name()));
        var strangers = new TreeMap<Integer, String>();
        audit.strangers().forEach(one -> strangers.put(one.port().number(), one.evidence()));
        var unknown = new TreeMap<Integer, String>();
        audit.unknown().forEach(one -> unknown.put(one.port().number(), one.reason()));
        return new Overview(
                "32100-32200",
                usage.used(),
                usage.free(),
                usage.total(),
                Math.round(usage.percent() * 10) / 10.0,
                allocations,
                strangers,
                unknown);
    }

    /** How the previews stand, in numbers (scenario 40). */
    record Statistics(int total, long active, long stopped, long failed, long running, String ports) {}

    Statistics statistics() {
        List<Claim> claims = claims();
        Inventory seen = runtime.inventory();
        return new Statistics(
                claims.size(),
                in(claims, ClaimState.ACTIVE),
                in(claims, ClaimState.STOPPED),
                in(claims, ClaimState.FAILED),
                claims.stream()
                        .flatMap(claim -> claim.instance().flatMap(seen::find).stream())
                        .filter(instance -> instance.state().isLiving())
                        .count(),
                ports.usage(PORTS).toString());
    }

    private static long in(List<Claim> claims, ClaimState state) {
        return claims.stream().filter(claim -> claim.state() == state).count();
    }

    @Override
    public void close() {
        idle.close();
        previews.close();
        runtime.close();
    }
}
