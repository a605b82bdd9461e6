package dev.berth.proxmox;

import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.testkit.proxmox.FakeNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * One history of a cluster in whatever weather: nodes, quorum, rights, daemons and guests come and go between sweeps and in
 * the midst of them, in an order that the seed decides.
 */
final class Weather implements AutoCloseable {
    private static final int APPS = 10;
    /** What is made so soon after an app cannot be told from it without a mark. */
    private static final Duration ALIKE = Duration.ofMinutes(2);

    private final Random random;
    private final Estate estate;
    /** One in so many calls of a sweep has something happen beside it; none if it is 0. */
    private final int wildness;

    private final Map<String, Map<String, String>> backups = new HashMap<>();
    private Optional<ReapReport> last = Optional.empty();
    private String moving = "";
    private boolean calm = true;
    private int made = APPS;
    /** When apps were made. */
    private final Map<String, Instant> births = new HashMap<>();

    Weather(long seed) {
        random = new Random(seed);
        estate = new Estate(ReaperPolicy.builder()
                .ratio(random.nextBoolean() ? 10 : 50)
                .confirmations(2 + random.nextInt(2))
                .absenceGrace(Duration.ofMinutes(10 + random.nextInt(10)))
                .build());
        estate.settle(APPS);
        estate.apps().forEach(this::born);
        wildness = random.nextInt(3) == 0 ? 0 : 2 + random.nextInt(12);
        estate.meanwhile(this::happens);
    }

    private void born(String app) {
        backups.put(app, estate.guest(app).config());
        births.put(app, estate.clock.instant());
    }

    private void happens() {
        if (!moving.isEmpty()) {
            arrive();
        } else if (wildness > 0 && random.nextInt(wildness) == 0) {
            inTheMidst();
        }
    }

    int run(int steps) {
        for (int step = 0; step < steps; step++) {
            if (random.nextInt(3) > 0) {
                deed();
            }
            sweep();
        }
        return estate.reaped();
    }

    private void sweep() {
        GhostReaper by = random.nextInt(4) == 0 ? estate.hermit : estate.reaper;
        // Whoever approves without a look has every gate against it but ratio and cap.
        if (last.isPresent() && random.nextInt(6) == 0) {
            last = Optional.of(estate.approve(by, last.get()));
        } else {
            last = Optional.of(estate.sweep(by));
        }
        arrive();
        estate.clock.advance(Duration.ofSeconds(random.nextInt(300)));
    }

    // ------------------------------------------------------------------ deeds

    private FakeNode node() {
        return estate.lab.nodes().get(random.nextInt(estate.lab.nodes().size()));
    }

    private Optional<String> app(boolean living) {
        List<String> some = new ArrayList<>(estate.apps().stream()
                .filter(app -> estate.lives(app) == living)
                .toList());
        return some.isEmpty() ? Optional.empty() : Optional.of(some.get(random.nextInt(some.size())));
    }

    private String target() {
        return Estate.NODES.get(random.nextInt(Estate.NODES.size()));
    }

    /** What may happen at any moment. Nobody comes to life there: a reaper that has just looked cannot know of it. */
    private void inTheMidst() {
        switch (random.nextInt(3)) {
            case 0 -> trouble();
            case 1 -> better();
            default -> depart();
        }
    }

    private void deed() {
        switch (random.nextInt(8)) {
            case 0, 1 -> trouble();
            case 2 -> better();
            case 3 -> app(true).ifPresent(app -> estate.guest(app).vanishes());
            case 4 -> app(false).ifPresent(app -> estate.restore(app, target(), backups.get(app)));
            case 5 -> app(false).ifPresent(this::reuse);
            case 6 -> copy();
            default -> make();
        }
    }

    private void trouble() {
        calm = false;
        FakeNode node = node();
        switch (random.nextInt(12)) {
            case 0, 1 -> node.goesOffline();
            case 2 -> node.isCutOff();
            case 3 -> estate.lab.losesQuorum();
            case 4 -> estate.lab.operator().loses("VM.Audit");
            case 5 -> estate.lab.operator().losesItsRights();
            case 6 -> app(true).ifPresent(app -> estate.lab.user("berth@pve").may("/vms/" + estate.number(app)));
            case 7 -> estate.lab.operator().expiresAt(estate.clock.instant());
            case 8 -> node.clusterFilesGoDown();
            case 9 -> node.losesItsGuestList();
            case 10 -> node.forgetsItsCluster();
            default -> {
                if (random.nextBoolean()) {
                    node.daemonHangs();
                } else {
                    node.statisticsStop();
                }
            }
        }
    }

    private void better() {
        calm = true;
        estate.lab.heals();
        estate.lab.nodes().forEach(node -> {
            node.comesBack();
            node.clusterFilesComeBack();
            node.findsItsGuestList();
            node.remembersItsCluster();
            node.daemonRecovers();
            node.statisticsGoOn();
        });
        estate.lab.user("berth@pve").losesItsRights();
        estate.lab.user("berth@pve").mayEverything("/");
        estate.lab.operator().expiresAt(estate.clock.instant().plus(Duration.ofDays(900)));
    }

    /** A guest leaves its node, and is nowhere until the next call. */
    private void depart() {
        app(true).filter(app -> moving.isEmpty()).ifPresent(app -> {
            moving = app;
            estate.guest(app).isBetweenNodes();
        });
    }

    private void arrive() {
        if (!moving.isEmpty() && estate.lives(moving)) {
            estate.guest(moving).migratesTo(target());
        }
        moving = "";
    }

    /** Somebody takes the number of one that was destroyed. */
    private void reuse(String app) {
        int number = estate.number(app);
        boolean old = births.get(app).plus(ALIKE).isBefore(estate.clock.instant());
        if (!estate.lab.guest(number).exists() && old) {
            if (random.nextBoolean()) {
                estate.lab.addMachine(number, target());
            } else {
                estate.lab.addContainer(number, target());
            }
        }
    }

    private void copy() {
        app(true)
                .ifPresent(app -> estate.lab
                        .guest(7_000 + random.nextInt(50))
                        .isRestored(target(), estate.guest(app).config()));
    }

    private void make() {
        if (calm && made < 3 * APPS) {
            String app = "app-" + made++;
            estate.app(app, target(), random.nextInt(3) == 0 ? GuestType.QEMU : GuestType.LXC);
            born(app);
        }
    }

    // ------------------------------------------------------------------ and then all is well

    void settle() {
        estate.meanwhile(() -> {});
        arrive();
        better();
        estate.apps().stream()
                .filter(app -> !estate.lives(app) && estate.guest(app).exists())
                // Whose a container without a mark is nobody can prove, so a person says it.
                .filter(app -> !estate.isMachine(app))
                .forEach(app -> estate.guest(app).vanishes());
        estate.lab.statisticsArrive();
        estate.clock.advance(Duration.ofHours(2));
        for (int i = 0; i < 2 * estate.reaper.policy().sweepsUntilGone() + 4; i++) {
            ReapReport report = estate.sweep();
            if (report.breaker().isPresent()) {
                estate.approve(report);
            }
        }
        estate.conclude();
    }

    @Override
    public void close() {
        estate.close();
    }
}
