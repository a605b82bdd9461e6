package dev.berth.proxmox;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.RuntimeCall;
import dev.berth.testkit.proxmox.FakeGuest;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * A cluster with apps on all of its nodes, reapers, and a witness: it knows from the fake cluster itself, and from nothing
 * that the adapter or a reaper says, which apps live, and looks after each sweep that none of those was taken away.
 */
final class Estate implements AutoCloseable {
    static final int FIRST = 1_000;
    private static final Duration PACE = Duration.ofMinutes(5);
    static final List<String> NODES = List.of("pve1", "pve2", "pve3");

    final ManualClock clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
    final FakeProxmox lab;
    final ResourceLedger ledger;
    final ProxmoxRuntime runtime;
    final GhostReaper reaper;
    /** One of a process that reaches one node alone. */
    final GhostReaper hermit;

    private final ProxmoxRuntime nearby;
    private final Provisioner<GuestSpec> provisioner;
    private final Map<String, App> apps = new TreeMap<>();
    private final List<String> wrongs = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Set<String> lateReturners = new TreeSet<>();
    private Runnable meanwhile = () -> {};
    private int reaped;

    /** What an app was when it was made: its kind, the number, and the tag that no other guest has. */
    private record App(GuestType type, int number, String tag) {
        private String id() {
            return GuestRef.of(type, number).id();
        }
    }

    Estate() {
        this(ReaperPolicy.defaults());
    }

    Estate(ReaperPolicy policy) {
        this(policy, Duration.ZERO);
    }

    /** With nodes whose clocks are ahead of all others. */
    Estate(ReaperPolicy policy, Duration ahead) {
        lab = FakeProxmox.cluster("lab")
                .nodes(NODES.toArray(new String[0]))
                .clock(Clock.offset(clock, ahead))
                .start();
        lab.addContainer(Labs.CANARY, "pve1").named("always.example.test");
        lab.user("berth@pve").mayEverything("/");
        ledger = ResourceLedger.builder(new MemoryLedgerStore(clock, UUID.randomUUID()))
                .clock(clock)
                .listener(this::heard)
                .build();
        runtime = connection(NODES).build();
        nearby = connection(List.of("pve1")).build();
        provisioner = Provisioner.of(ledger, runtime)
                .whenStrangerIsInTheWay(Stranger.NEXT_CANDIDATE)
                .deadlines(Deadlines.all(Duration.ofSeconds(60)))
                .build();
        reaper = reaper(runtime, policy);
        hermit = reaper(nearby, policy);
    }

    private ProxmoxConnection connection(List<String> nodes) {
        return Labs.through(lab, nodes.toArray(new String[0])).clock(clock).answersWithin(Duration.ofSeconds(1));
    }

    /** Something happens before each call that a sweep makes of the runtime, and after it. */
    private final class Watched extends ForwardingRuntime<GuestSpec> {
        Watched(ContainerRuntime<GuestSpec> client) {
            super(client);
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            meanwhile.run();
            try {
                return work.call();
            } finally {
                meanwhile.run();
            }
        }

        @Override
        public void close() {}
    }

    void meanwhile(Runnable deed) {
        meanwhile = deed;
    }

    private GhostReaper reaper(ContainerRuntime<GuestSpec> client, ReaperPolicy policy) {
        return GhostReaper.builder(ledger, new Watched(client))
                .policy(policy)
                .deadlines(Deadlines.all(Duration.ofSeconds(60)))
                .build();
    }

    // ------------------------------------------------------------------ apps

    /** So many apps, on one node after the other; every fourth is a machine. */
    void settle(int count) {
        for (int i = 0; i < count; i++) {
            app("app-" + i, NODES.get(i % NODES.size()), i % 4 == 3 ? GuestType.QEMU : GuestType.LXC);
        }
        clock.advance(Duration.ofHours(1));
    }

    static Owner owner(String app) {
        return Owner.of("homelab", app);
    }

    Claim app(String name, String node) {
        return app(name, node, GuestType.LXC);
    }

    Claim app(String name, String node, GuestType type) {
        GuestSpec spec = type == GuestType.LXC
                ? Labs.container(lab, node)
                : GuestSpec.machine(node).with("memory", "64");
        var request = ProvisionRequest.of(ClaimRequest.by(owner(name))
                        .in(runtime.scope())
                        .choose("guest", GuestIds.of(runtime.scope(), FIRST, FIRST + 199))
                        .fixed("host", ResourceKind.DNS_NAME, name + ".example.test")
                        .choose(
                                "http",
                                PortPool.named("http")
                                        .onHost(runtime.scope())
                                        .range(30_001, 30_200)
                                        .build()))
                .named("guest");
        Claim claim = provisioner
                .provision(request, granted -> spec.hostName(granted.value("host")))
                .claim();
        int number = Integer.parseInt(claim.value("guest"));
        apps.put(
                name,
                new App(
                        type,
                        number,
                        tags(number).stream()
                                .filter(tag -> tag.startsWith("berth-"))
                                .findFirst()
                                .orElseThrow()));
        return claim;
    }

    /** Its owner asks for its end. */
    boolean remove(String app) {
        return provisioner.remove(owner(app));
    }

    private Set<String> tags(int number) {
        return new TreeSet<>(Arrays.asList(
                lab.guest(number).config().getOrDefault("tags", "").split(";", -1)));
    }

    FakeGuest guest(String app) {
        return lab.guest(number(app));
    }

    boolean isMachine(String app) {
        return apps.get(app).type() == GuestType.QEMU;
    }

    int number(String app) {
        return apps.get(app).number();
    }

    Set<String> apps() {
        return apps.keySet();
    }

    /** Whether the very guest that was made for it is there, wherever it is and whatever it does. */
    boolean lives(String app) {
        App made = apps.get(app);
        return tags(made.number()).contains(made.tag());
    }

    boolean isHeld(String app) {
        return ledger.find(owner(app))
                .flatMap(Claim::instance)
                .filter(apps.get(app).id()::equals)
                .isPresent();
    }

    // ------------------------------------------------------------------ the witness

    private void heard(LedgerEvent event) {
        if (event instanceof LedgerEvent.Released released && released.reason() == EndReason.REAPED) {
            String app = released.claim().owner().name();
            reaped++;
            // One whose making was not seen to its end is told by its host name.
            if (apps.containsKey(app) ? lives(app) : isNamed(app)) {
                wrongs.add(app + " was reaped at " + clock.instant() + ", and it lives");
            }
        }
    }

    private boolean isNamed(String app) {
        return lab.guestIds().stream()
                .map(number -> lab.guest(number).config())
                .anyMatch(config -> (app + ".example.test")
                        .equals(config.getOrDefault("hostname", config.getOrDefault("name", ""))));
    }

    /** It comes back from a backup, where it was or on another node. */
    void restore(String app, String node, Map<String, String> backup) {
        if (!isHeld(app)) {
            // Others may have what it had.
            lateReturners.add(app);
        }
        guest(app).isRestored(node, backup);
    }

    /** Sweeps once, looks whether it was right, and lets the pace of the sweeps pass. */
    ReapReport sweep(GhostReaper by) {
        Set<String> before = living();
        lab.forgetRequests();
        ReapReport report = by.run();
        witness(before, report);
        clock.advance(PACE);
        return report;
    }

    ReapReport sweep() {
        return sweep(reaper);
    }

    ReapReport approve(ReapReport held) {
        return approve(reaper, held);
    }

    ReapReport approve(GhostReaper by, ReapReport held) {
        Set<String> before = living();
        lab.forgetRequests();
        ReapReport report = by.approve(held.plan());
        witness(before, report);
        return report;
    }

    /** Sweeps for some time; nothing is reaped. */
    List<ReapReport> quiet(int sweeps) {
        int before = reaped;
        List<ReapReport> reports = new ArrayList<>();
        for (int i = 0; i < sweeps; i++) {
            reports.add(sweep());
        }
        if (reaped != before) {
            wrongs.add("nothing was to be reaped, and " + (reaped - before) + " were");
        }
        check();
        return reports;
    }

    /** The apps that live and have a claim. */
    private Set<String> living() {
        Set<String> living = new TreeSet<>();
        apps.keySet().stream().filter(app -> lives(app) && isHeld(app)).forEach(living::add);
        return living;
    }

    private void witness(Set<String> before, ReapReport report) {
        told.add(clock.instant() + " " + report);
        for (String app : before) {
            if (lives(app) && !isHeld(app)) {
                wrongs.add(app + " lives and lost its claim at " + clock.instant());
            }
        }
        // What is only asked changes no guest.
        lab.requests().stream()
                .filter(seen -> !seen.method().equals("GET"))
                .forEach(seen -> wrongs.add("a sweep has asked " + seen));
        check();
    }

    void check() {
        if (!wrongs.isEmpty()) {
            throw new AssertionError(String.join("\n", wrongs) + "\n" + String.join("\n", told));
        }
    }

    int reaped() {
        return reaped;
    }

    /** What must be so in the end: who lives has all that is its own, and who is gone has nothing. */
    void conclude() {
        for (String app : apps.keySet()) {
            if (lives(app) && !isHeld(app) && !lateReturners.contains(app)) {
                wrongs.add(app + " lives and has no claim");
            }
            if (!lives(app) && ledger.find(owner(app)).isPresent()) {
                wrongs.add(app + " is gone and has " + ledger.find(owner(app)) + ": " + reaper.explain(owner(app)));
            }
        }
        var ports = new LinkedHashMap<Integer, String>();
        for (String app : apps.keySet()) {
            ledger.find(owner(app)).ifPresent(claim -> {
                String other = ports.put(claim.port("http"), app);
                if (other != null) {
                    wrongs.add(app + " and " + other + " have one port");
                }
            });
        }
        check();
    }

    @Override
    public void close() {
        reaper.close();
        hermit.close();
        provisioner.close();
        runtime.close();
        nearby.close();
        lab.close();
    }
}
