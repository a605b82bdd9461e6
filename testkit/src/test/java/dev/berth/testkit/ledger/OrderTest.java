package dev.berth.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.name.NameGenerator;
import dev.berth.name.NameRule;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When nobody else asks, choices are filled in the order of their candidates. */
class OrderTest {
    private static final Scope CLUSTER = Scope.of("cluster");

    private final ResourceLedger ledger = ResourceLedger.inMemory();

    /** SCENARIOS 22: 108 is held, so the next is 109, whatever was assumed before the ledger was asked. */
    @Test
    void listedCandidatesAreTakenInTheirOrder() {
        List<Map<String, Resource>> ids = IntStream.range(108, 140)
                .mapToObj(id -> Map.of("-", ResourceKind.GUEST_ID.in(CLUSTER, id)))
                .toList();
        var candidates = new Candidates.Listed(ids, "guest ids from 108");
        for (int i = 0; i < 20; i++) {
            var claim = ledger.claim(
                    ClaimRequest.by(Owner.of("homelab", "app-" + i)).choose("vmid", owner -> candidates));
            assertThat(claim.value("vmid")).isEqualTo(Integer.toString(108 + i));
        }
    }

    @Test
    void namesAreTakenInTheOrderOfTheirCandidates() {
        List<String> names = NameGenerator.of(NameRule.CONTAINER).candidates("kasm", "anna");
        for (int i = 0; i < 5; i++) {
            var claim = ledger.claim(ClaimRequest.by(Owner.of("tenant-" + i, "app"))
                    .in(CLUSTER)
                    .name("name", ResourceKind.CONTAINER_NAME, "kasm", "anna"));
            assertThat(claim.value("name")).isEqualTo(names.get(i));
        }
    }
}
