package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.Owner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scenario 36: a file of existing assignments. */
class ImportTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    private static List<ClaimRequest> file() {
        List<ClaimRequest> lines = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            lines.add(by(Owner.of("t", "app" + i)).fixed("port", port(5001 + i)));
        }
        return lines;
    }

    @Test
    void importingTwiceCreatesThenChangesNothing() {
        ImportReport first = world.ledger.importAll(file());
        assertThat(first.created()).hasSize(50);
        ImportReport second = world.ledger.importAll(file());
        assertThat(second.created()).isEmpty();
        assertThat(second.unchanged()).isEqualTo(first.created());
        assertThat(second.read()).isEqualTo(50);
    }

    @Test
    void eachLineIsReportedOnce() {
        Claim anna = world.holds(ANNA, 5001);
        Claim bert = world.holds(BERT, 6001);
        Owner dora = Owner.of("lab", "dora");
        Claim before = world.holds(dora, 6002);
        ImportReport report = world.ledger.importAll(List.of(
                by(CARL).fixed("port", port(5001)),
                by(BERT).fixed("port", port(7001)),
                by(ANNA).fixed("port", port(5001)),
                by(dora).fixed("port", port(6002)).fixed("more", port(6003)),
                by(Owner.of("t", "new")).fixed("port", port(8001))));
        assertThat(report.refused()).singleElement().satisfies(refusal -> {
            assertThat(refusal.owner()).isEqualTo(CARL);
            assertThat(refusal.holders()).containsExactly(anna.token());
        });
        assertThat(report.differing()).containsExactly(bert);
        assertThat(report.unchanged()).containsExactly(anna);
        assertThat(report.created())
                .singleElement()
                .satisfies(made -> assertThat(made.owner().name()).isEqualTo("new"));
        assertThat(report.extended()).singleElement().satisfies(more -> {
            assertThat(more.id()).isEqualTo(before.id());
            assertThat(more.port("more")).isEqualTo(6003);
        });
        assertThat(report).hasToString("read 5: created 1, extended 1, unchanged 1, differing 1, refused 1");
    }

    @Test
    void aBadLineIsRefusedBeforeAnyIsClaimed() {
        for (@Nullable ClaimRequest bad : badLines()) {
            List<@Nullable ClaimRequest> lines = new ArrayList<>(file());
            lines.add(bad);
            assertThatThrownBy(() -> world.ledger.importAll(lines)).isInstanceOf(InvalidInputException.class);
            assertThat(world.ledger.find(Owner.of("t", "app0"))).isEmpty();
        }
    }

    private static List<@Nullable ClaimRequest> badLines() {
        return Arrays.asList(null, by(BERT));
    }
}
