package dev.berth.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Owner;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A mark is read back whole or not at all. */
class MarkTest {
    private static final Mark MARK = new Mark(
            UUID.fromString("0a1b2c3d-0000-4000-8000-00000000000f"),
            UUID.fromString("1a1b2c3d-0000-4000-8000-00000000000e"),
            "nonce",
            Owner.of("lab", "claude-haiku/Äpp 1"));

    private static Optional<Mark> with(String label, String value) {
        Map<String, String> labels = new HashMap<>(MARK.labels());
        labels.put(label, value);
        return Mark.of(labels);
    }

    @Test
    void markIsReadBackAmongOtherLabels() {
        Map<String, String> labels = new HashMap<>(MARK.labels());
        labels.put("app", "web");

        assertThat(Mark.of(labels)).contains(MARK);
        assertThat(MARK.labels()).hasSize(5);
    }

    @Test
    void markWithoutOneOfItsLabelsIsNone() {
        for (String label : MARK.labels().keySet()) {
            Map<String, String> labels = new HashMap<>(MARK.labels());
            labels.remove(label);

            assertThat(Mark.of(labels)).as("without " + label).isEmpty();
        }
        assertThat(Mark.of(Map.of())).isEmpty();
    }

    @Test
    void mangledMarkIsNone() {
        String ledger = MARK.ledger().toString();
        for (String mangled : List.of(
                "",
                "x",
                ledger.toUpperCase(Locale.ROOT),
                ledger + " ",
                ledger.substring(1),
                "a1b2c3d-0-4000-8000-f",
                "{" + ledger + "}")) {
            assertThat(with(Mark.LEDGER, mangled)).as("ledger " + mangled).isEmpty();
            assertThat(with(Mark.CLAIM, mangled)).as("claim " + mangled).isEmpty();
        }
        assertThat(with(Mark.NONCE, "")).isEmpty();
        assertThat(with(Mark.TENANT, "")).isEmpty();
        assertThat(with(Mark.OWNER, "")).isEmpty();
        assertThat(with(Mark.OWNER, "a\u0000b")).isEmpty();
    }

    @Test
    void everyPartTellsMarksApart() {
        assertThat(with(Mark.LEDGER, new UUID(1, 1).toString())).isPresent().isNotEqualTo(Optional.of(MARK));
        assertThat(with(Mark.CLAIM, new UUID(1, 1).toString())).isPresent().isNotEqualTo(Optional.of(MARK));
        assertThat(with(Mark.NONCE, "Nonce")).isPresent().isNotEqualTo(Optional.of(MARK));
        assertThat(with(Mark.TENANT, "shop")).isPresent().isNotEqualTo(Optional.of(MARK));
        assertThat(with(Mark.OWNER, "other")).isPresent().isNotEqualTo(Optional.of(MARK));
    }

    @Test
    void labelsOfADeploymentCannotForgeTheMark() {
        var deployment = new Deployment<>(
                "spec",
                Optional.of("web"),
                List.of(),
                MARK,
                Map.of(Mark.CLAIM, new UUID(9, 9).toString(), "app", "web"));

        assertThat(Mark.of(deployment.allLabels())).contains(MARK);
        assertThat(deployment.allLabels()).containsEntry("app", "web").hasSize(6);
    }

    @Test
    void nonceIsNeverEmpty() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new Mark(MARK.ledger(), MARK.claim(), "", MARK.owner()));
    }
}
