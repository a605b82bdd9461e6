package dev.berth.reaper;

import static dev.berth.reaper.Samples.NODE;
import static dev.berth.reaper.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Publication;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What others have by now stays blocked when its claim goes. */
class SurvivorsTest {
    private final Claim claim = Samples.claim(1, ClaimState.ACTIVE, NOW);

    private Map<Resource, Commit.BlockTerms> blocks(Instance... instances) {
        return new Survivors(List.of(claim), List.of(instances)).blocks(claim);
    }

    private static Instance publishing(Publication... ports) {
        return Samples.stranger("s-1", "web").publishing(List.of(ports), List.of());
    }

    @Test
    void nobodyInTheWayBlocksNothing() {
        assertThat(blocks()).isEmpty();
        assertThat(blocks(Samples.stranger("s-1", "web"), publishing(Publication.tcp(80, 80))))
                .isEmpty();
    }

    @Test
    void anotherWithTheNameBlocksIt() {
        Map<Resource, Commit.BlockTerms> blocks = blocks(Samples.stranger("s-1", "app-1"));

        assertThat(blocks).containsOnlyKeys(ResourceKind.CONTAINER_NAME.in(NODE, "app-1"));
        assertThat(blocks.values())
                .allMatch(terms ->
                        terms.reason() == BlockReason.FOREIGN && terms.note().contains("name of app-1"));
    }

    @Test
    void anotherOnThePortBlocksItByProtocol() {
        Map<Resource, Commit.BlockTerms> blocks = blocks(publishing(Publication.tcp(5_001, 80)));
        assertThat(blocks).containsOnlyKeys(ResourceKind.TCP_PORT.in(NODE, "5001"));
        assertThat(blocks.values()).allMatch(terms -> terms.note().contains("port of web"));
        assertThat(blocks(publishing(Publication.udp(8_001, 80))))
                .containsOnlyKeys(ResourceKind.UDP_PORT.in(NODE, "8001"));
        assertThat(blocks(publishing(Publication.udp(5_001, 80), Publication.tcp(8_001, 80))))
                .isEmpty();
    }

    /** A name that looks like a port, and an instance with the claim's instance's id as its name. */
    @Test
    void namesAndPortsAreNotMixedUp() {
        assertThat(blocks(Samples.stranger("s-1", "5001"), Samples.stranger("s-2", "i-1")))
                .isEmpty();
    }
}
