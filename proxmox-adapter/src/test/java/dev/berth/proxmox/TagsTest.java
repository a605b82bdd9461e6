package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Mark;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Marks and labels as tags. */
class TagsTest {
    private static final Mark MARK = new Mark(
            UUID.fromString("01234567-89ab-7def-8123-456789abcdef"),
            UUID.fromString("fedcba98-7654-7210-8fed-cba987654321"),
            "00112233445566778899aabbccddeeff",
            Owner.of("lab", "claude-haiku/app1"));
    private static final Map<String, String> LABELS = Map.of(
            "dev.berth.held",
            "guest,-,guest-id,lab,108;host,-,dns-name,lab,web-b;http,-,tcp-port,lab,30001",
            "com.example/Ünï",
            "a=b, c");

    @Test
    void tagsSayAllOfMarkAndLabels() {
        List<String> tags = Tags.of(108, MARK, LABELS);

        assertThat(tags).contains("berth-" + MARK.nonce(), Tags.NEW).allMatch(Tags::isTag);
        Tags.Said said = Tags.read(108, tags);
        assertThat(said.mark()).contains(MARK);
        assertThat(said.labels()).containsAllEntriesOf(LABELS).containsAllEntriesOf(MARK.labels());
    }

    /** Proxmox VE folds case and sorts, and has other tags between them. */
    @Test
    void foldedSortedAndMixedTagsAreRead() {
        String kept = ("zoo;" + Tags.join(Tags.of(108, MARK, LABELS)) + ";web").toLowerCase(Locale.ROOT);

        assertThat(Tags.read(108, Tags.split(kept)).mark()).contains(MARK);
        assertThat(Tags.read(108, Tags.split(kept.replace(';', ','))).mark()).contains(MARK);
    }

    @Test
    void tagsOfAnotherGuestSayNothing() {
        assertThat(Tags.read(109, Tags.of(108, MARK, LABELS)).mark()).isEmpty();
    }

    @Test
    void tagsThatAreNotWholeSayNothing() {
        List<String> tags = Tags.of(108, MARK, LABELS);
        String body = tags.get(1);
        for (int i = "berth.".length(); i < body.length(); i++) {
            char other = body.charAt(i) == 'a' ? 'b' : 'a';
            String changed = body.substring(0, i) + other + body.substring(i + 1);
            // The last character may have bits that no byte has.
            if (i < body.length() - 1) {
                assertThat(Tags.read(108, List.of(tags.get(0), changed)).mark())
                        .as(changed)
                        .isEmpty();
            }
            assertThat(Tags.read(108, List.of(tags.get(0), body.substring(0, i)))
                            .mark())
                    .isEmpty();
        }
        assertThat(Tags.read(108, List.of(body)).mark()).isEmpty();
        assertThat(Tags.read(108, List.of("berth-other", body)).mark()).isEmpty();
        assertThat(Tags.read(108, List.of("berth.", "berth-", "berth.8", "berth.ä"))
                        .mark())
                .isEmpty();
    }

    @Test
    void anyLabelsComeBack() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            var labels = new TreeMap<String, String>();
            for (int i = random.nextInt(6); i > 0; i--) {
                labels.put("k" + text(random), text(random));
            }
            int guest = 100 + random.nextInt(999_999_899);
            assertThat(Tags.read(guest, Tags.of(guest, MARK, labels)).labels())
                    .as("seed %d round %d", seed, round)
                    .containsAllEntriesOf(labels)
                    .hasSize(labels.size() + 5);
        }
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(12), 1, 0x2FFF)
                .filter(point -> point < 0xD800)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** What a usual claim takes of the 1 MiB that the tags of all guests may have. */
    @Test
    void usualTagsAreShort() {
        assertThat(Tags.join(Tags.of(108, MARK, LABELS)).length()).isLessThan(300);
        assertThat(Tags.join(Tags.of(108, MARK, Map.of())).length()).isLessThan(170);
    }

    /** What deflates well and could not be read again would make a guest that nobody knows. */
    @Test
    void labelsThatCouldNotBeReadAgainAreRefused() {
        var labels = new TreeMap<>(Map.of("a", "a".repeat(40_000), "b", "b".repeat(40_000)));

        assertThatThrownBy(() -> Tags.of(108, MARK, labels)).hasMessageContaining("65536");
        labels.remove("b");
        assertThat(Tags.read(108, Tags.of(108, MARK, labels)).labels()).containsAllEntriesOf(labels);
    }

    /** What the fence writes says nothing of whose the guest is, and is read again. */
    @Test
    void whatIsAboutToBeDestroyedSaysSince() {
        List<String> tags = Tags.of(108, MARK, LABELS);
        var asked = new Tags.Asked(Instant.parse("2026-01-05T08:00:00.123Z"), 1_767_600_000L);
        List<String> going = Tags.going(tags, Optional.of(asked.tag()));

        assertThat(going).allMatch(Tags::isTag);
        assertThat(Tags.read(108, going).mark()).contains(MARK);
        assertThat(Tags.asked(going)).contains(asked);
        assertThat(Tags.asked(Tags.going(going, Optional.of(Tags.GOING)))).isEmpty();
        assertThat(Tags.going(going, Optional.empty())).isEqualTo(tags);
        for (String other : List.of(Tags.GOING + "-", Tags.GOING + "-1", Tags.GOING + "-g-1", "berth-1-1")) {
            assertThat(Tags.asked(List.of(other))).as(other).isEmpty();
        }
    }

    @Test
    void labelsThatAreTooLongAreRefused() {
        var random = new Random(1);
        String noise = random.ints(3_000, 33, 126)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();

        assertThatThrownBy(() -> Tags.of(108, MARK, Map.of("noise", noise))).hasMessageContaining("2048");
    }
}
