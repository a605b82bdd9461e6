package dev.berth.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.InvalidInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fingerprints tell in words how they differ. */
class FingerprintTest {
    private static final Fingerprint HERE = new Fingerprint(Map.of("id", "A1", "root", "/var/lib/docker"));

    @Test
    void sameFingerprintsHaveNoDifferences() {
        assertThat(HERE.differences(new Fingerprint(Map.of("root", "/var/lib/docker", "id", "A1"))))
                .isEmpty();
    }

    @Test
    void differencesAreNamedInTheOrderOfTheParts() {
        Fingerprint there = new Fingerprint(Map.of("id", "B2", "driver", "overlay2"));

        assertThat(HERE.differences(there))
                .containsExactly(
                        "driver was not told and is overlay2",
                        "id was A1 and is B2",
                        "root was /var/lib/docker and is not told");
        assertThat(there.differences(HERE)).hasSize(3);
    }

    @Test
    void writtenFingerprintIsReadBack() {
        Fingerprint odd = new Fingerprint(Map.of("a", "x=y=z", "b", "", "c", " ü "));

        assertThat(Fingerprint.read(odd.written())).isEqualTo(odd);
    }

    @Test
    void partsAreOneLineEach() {
        for (Map<String, String> bad : List.of(
                Map.of("a", "x\ny"),
                Map.of("a\n", "x"),
                Map.of("a=b", "x"),
                Map.of("", "x"),
                Map.<String, String>of())) {
            assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> new Fingerprint(bad));
        }
    }

    @Test
    void partsAreCopied() {
        Map<String, String> parts = new HashMap<>(Map.of("id", "A1"));
        Fingerprint copy = new Fingerprint(parts);
        parts.put("id", "B2");

        assertThat(copy.parts()).containsEntry("id", "A1");
    }
}
