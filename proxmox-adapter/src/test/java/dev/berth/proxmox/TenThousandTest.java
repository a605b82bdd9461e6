package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ten thousand guests, three thousand of them ours, listed and compared with the ledger: prints time and heap. */
@Tag("deep")
class TenThousandTest {
    private static final int GUESTS = 10_000;
    private static final int OURS = 3_000;
    private static final int FIRST = 10_000;

    @Test
    void tenThousandGuestsAreListedAndCompared() throws Exception {
        FakeProxmox lab =
                FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3").start();
        var ledgerId = UUID.randomUUID();
        ResourceLedger ledger = ResourceLedger.inMemory();
        for (int i = 0; i < GUESTS; i++) {
            var guest = lab.addContainer(FIRST + i, "pve" + (1 + i % 3)).named("app-" + i);
            if (i < OURS) {
                var mark = new Mark(
                        ledgerId,
                        UUID.randomUUID(),
                        UUID.randomUUID().toString().replace("-", ""),
                        Owner.of("homelab", "app-" + i));
                guest.tagged(Tags.join(Tags.of(
                        FIRST + i,
                        mark,
                        Map.of(
                                "dev.berth.held",
                                "guest,-,guest-id,lab," + (FIRST + i) + ";host,-,dns-name,lab,app-" + i))));
                ledger.claim(ClaimRequest.by(mark.owner())
                        .in(Labs.SCOPE)
                        .fixed("guest", ResourceKind.GUEST_ID, Integer.toString(FIRST + i)));
            }
        }
        lab.statisticsArrive();
        try (var site = new Site(lab)) {
            for (int round = 0; round < 5; round++) {
                long heap = heap();
                long begun = System.nanoTime();
                Inventory inventory = site.runtime.inventory();
                long listed = System.nanoTime();
                Set<String> ghosts = compared(ledger, inventory);
                long compared = System.nanoTime();
                System.out.printf(
                        "%d guests, %d of them ours: listed in %d ms, compared in %d ms, the listing holds %.1f MiB%n",
                        GUESTS,
                        OURS,
                        Duration.ofNanos(listed - begun).toMillis(),
                        Duration.ofNanos(compared - listed).toMillis(),
                        (heap() - heap) / 1024.0 / 1024.0);
                assertThat(inventory.instances()).hasSize(GUESTS);
                assertThat(inventory.coverage().isComplete()).isTrue();
                assertThat(inventory.instances().stream()
                                .filter(one -> one.mark().isPresent()))
                        .hasSize(OURS);
                assertThat(ghosts).isEmpty();
            }
        }
    }

    /** What the ledger holds and no guest has. */
    private static Set<String> compared(ResourceLedger ledger, Inventory inventory) {
        Map<String, Instance> byNumber = inventory.instances().stream()
                .collect(Collectors.toMap(one -> one.names().get(one.names().size() - 1), one -> one));
        Set<String> missing = new TreeSet<>();
        for (int i = 0; i < OURS; i++) {
            String held =
                    ledger.find(Owner.of("homelab", "app-" + i)).orElseThrow().value("guest");
            Instance guest = byNumber.get(held);
            if (guest == null || guest.mark().isEmpty()) {
                missing.add(held);
            }
        }
        return missing;
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return List.of(Runtime.getRuntime()).stream()
                .mapToLong(runtime -> runtime.totalMemory() - runtime.freeMemory())
                .sum();
    }
}
