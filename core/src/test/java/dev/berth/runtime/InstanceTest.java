package dev.berth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an instance tells of a claim: it is its own, another one, or perhaps either (law L3). */
class InstanceTest {
    private static final Scope LAB = Scope.of("lab");
    private static final Owner WEB = Owner.of("lab", "web");
    private static final UUID CLAIM = new UUID(1, 1);
    private static final Instant NOW = Instant.parse("2026-01-05T08:00:00Z");

    /** One that was granted a month ago, and has been as it is for a day. */
    private static Claim claim(Map<String, String> labels, Optional<String> instance) {
        List<Holding> holdings = new ArrayList<>();
        holdings.add(held("guest", ResourceKind.GUEST_ID.in(LAB, "5000")));
        holdings.add(held("http", ResourceKind.TCP_PORT.in(LAB, "30001")));
        // Names that any number of instances may have, and a number that is none.
        holdings.add(held("host", ResourceKind.DNS_NAME.in(LAB, "web-7")));
        holdings.add(held("slot", ResourceKind.named("slot").build().in(LAB, "40001")));
        instance.ifPresent(id -> holdings.add(held(Claim.INSTANCE_PART, ResourceKind.INSTANCE.in(LAB, id))));
        return new Claim(
                new Token(CLAIM, 3),
                WEB,
                instance.isPresent() ? ClaimState.ACTIVE : ClaimState.FAILED,
                NOW.minus(Duration.ofDays(30)),
                NOW.minus(Duration.ofDays(1)),
                Optional.empty(),
                Optional.of(LAB),
                Optional.empty(),
                Optional.empty(),
                labels,
                holdings);
    }

    private static Holding held(String part, Resource resource) {
        return new Holding(part, part, resource, NOW, true);
    }

    /** With the id {@code lxc/5000}, made by the nonce {@code n-1}. */
    private static Claim active() {
        return claim(Map.of(Mark.NONCE, "n-1"), Optional.of("lxc/5000"));
    }

    /** Gave its instance up, or never had one. */
    private static Claim bare() {
        return claim(Map.of(), Optional.empty());
    }

    private static Instance instance(
            String name, InstanceState state, Map<String, String> labels, Optional<Instant> made) {
        return new Instance(
                "lxc/5000",
                List.of(name),
                state,
                labels,
                Mark.of(labels),
                List.of(),
                List.of(),
                made,
                Optional.empty());
    }

    private static Instance unmarked(Optional<Instant> made) {
        return instance("5000", InstanceState.RUNNING, Map.of(), made);
    }

    private static Instance marked(String nonce) {
        var mark = new Mark(new UUID(7, 7), CLAIM, nonce, WEB);
        return instance("5000", InstanceState.RUNNING, mark.labels(), Optional.empty());
    }

    @Test
    void itsOwnMarkIsProofOfItAndAnotherOneOfAnother() {
        assertThat(marked("n-1").sightingOf(active())).isEqualTo(new Sighting.Present(marked("n-1")));
        assertThat(marked("n-1").doubt(active())).isEmpty();
        assertThat(marked("n-2").doubt(active())).isEmpty();
        assertThat(marked("n-2").sightingOf(active()))
                .isEqualTo(new Sighting.Absent("its id belongs to " + marked("n-2") + " now"));
    }

    /**
     * Without a mark only the time at which it was made can tell, and clocks may be wrong by a quarter of an hour. It counts from
     * when the claim got its instance: one that is active since yesterday may have another since now.
     */
    @ParameterizedTest
    @CsvSource({"900000, true", "900001, false", "0, true", "-5, true"})
    void oneWithoutAMarkIsAnotherOneIfItWasMadeLater(long millis, boolean doubtful) {
        assertThat(active().stateSince()).isBefore(NOW);
        Instance one = unmarked(Optional.of(NOW.plusMillis(millis)));

        assertThat(one.doubt(active()).isPresent()).isEqualTo(doubtful);
        assertThat(one.sightingOf(active())).isInstanceOf(doubtful ? Sighting.Unknown.class : Sighting.Absent.class);
    }

    /** The claim remembers what the runtime said of its own: no other clock matters, however wrong that of its node was. */
    @ParameterizedTest
    @CsvSource({
        "2020-01-01T00:00:00Z, 0, true",
        "2020-01-01T00:00:00Z, 60000, true",
        "2020-01-01T00:00:00Z, 60001, false",
        "2020-01-01T00:00:00Z, -60001, true",
        "2040-01-01T00:00:00Z, 60000, true",
        "2040-01-01T00:00:00Z, 60001, false"
    })
    void theTimeThatAClaimRemembersOfItsOwnDecides(Instant own, long millis, boolean doubtful) {
        Map<String, String> labels = unmarked(Optional.of(own)).remembered();
        assertThat(labels).containsEntry(Mark.NONCE, "").hasSize(2);
        Claim claim = claim(Map.of(Mark.NONCE, "n-1", "dev.berth.made", own.toString()), Optional.of("lxc/5000"));
        assertThat(labels.get("dev.berth.made")).isEqualTo(claim.labels().get("dev.berth.made"));

        Instance one = unmarked(Optional.of(own.plusMillis(millis)));

        assertThat(one.doubt(claim).isPresent()).isEqualTo(doubtful);
    }

    /** Where that was not told, the label is empty, and takes the place of an older one. */
    @Test
    void aTimeThatIsNotKnownIsRememberedAsSuch() {
        assertThat(marked("n-1").remembered()).isEqualTo(Map.of(Mark.NONCE, "n-1", "dev.berth.made", ""));
        Claim claim = claim(marked("n-1").remembered(), Optional.of("lxc/5000"));

        assertThat(unmarked(Optional.of(NOW.plusMillis(900_000))).doubt(claim)).isPresent();
        assertThat(unmarked(Optional.of(NOW.plusMillis(900_001))).doubt(claim)).isEmpty();
    }

    /** A claim that was stopped, or failed, had its instance until then. */
    @ParameterizedTest
    @CsvSource({"900000, true", "900001, false"})
    void theTimeOfItsStateCountsWhereThatIsLater(long millis, boolean doubtful) {
        Claim active = active();
        Instant later = NOW.plus(Duration.ofHours(3));
        var stopped = new Claim(
                active.token(),
                active.owner(),
                ClaimState.STOPPED,
                active.createdAt(),
                later,
                Optional.empty(),
                active.home(),
                Optional.empty(),
                Optional.empty(),
                active.labels(),
                active.holdings());

        assertThat(unmarked(Optional.of(later.plusMillis(millis)))
                        .doubt(stopped)
                        .isPresent())
                .isEqualTo(doubtful);
    }

    @Test
    void oneWithoutAMarkAndATimeIsNotKnownAndTheReasonSaysWhatToDo() {
        assertThat(unmarked(Optional.empty()).sightingOf(active()))
                .isInstanceOfSatisfying(
                        Sighting.Unknown.class,
                        unknown -> assertThat(unknown.reason())
                                .contains("lxc/5000", "may have lost it", "put the mark back", "let the claim go"));
    }

    /** What was adopted has no mark, and its claim knows of none. */
    @Test
    void aClaimThatKnowsOfNoMarkHasNoDoubt() {
        for (Map<String, String> labels : List.of(Map.<String, String>of(), Map.of(Mark.NONCE, ""))) {
            Claim adopted = claim(labels, Optional.of("lxc/5000"));
            assertThat(unmarked(Optional.empty()).doubt(adopted)).isEmpty();
            assertThat(unmarked(Optional.empty()).sightingOf(adopted)).isInstanceOf(Sighting.Present.class);
        }
    }

    @Test
    void anotherIdIsNoDoubtOfAClaimThatHasAnInstance() {
        Instance broken = instance("5000", InstanceState.BROKEN, Map.of(), Optional.empty());

        assertThat(broken.doubt(claim(Map.of(Mark.NONCE, "n-1"), Optional.of("qemu/5000"))))
                .isEmpty();
    }

    // ------------------------------------------------------------------ claims that have no instance

    /** What is half made or half destroyed has no mark, and the name that the claim holds. */
    @ParameterizedTest
    @EnumSource
    void whatHasAHeldNameAndNoMarkIsDoubtfulWhereItIsNotWhole(InstanceState state) {
        Instance one = instance("5000", state, Map.of(), Optional.empty());
        boolean doubtful = state == InstanceState.BROKEN || state == InstanceState.UNKNOWN;

        assertThat(one.doubt(bare()).isPresent()).isEqualTo(doubtful);
        if (doubtful) {
            assertThat(one.doubt(bare()).orElseThrow())
                    .contains("lxc/5000", "the claim's name 5000", "half destroyed", "let the claim go");
            // What may run is nobody's to remove on our word.
            assertThat(one.doubt(bare()).orElseThrow().contains("remove it by hand"))
                    .isEqualTo(state == InstanceState.BROKEN);
        }
    }

    @Test
    void aMarkAnotherNameAHostNameAndTheNumberOfAPortAreNoDoubt() {
        Instance ours = instance("5000", InstanceState.BROKEN, marked("n-9").labels(), Optional.empty());
        assertThat(ours.doubt(bare())).isEmpty();
        for (String name : List.of("5001", "30001", "web-7", "40001")) {
            Instance other = instance(name, InstanceState.UNKNOWN, Map.of(), Optional.empty());
            assertThat(other.doubt(bare())).as(name).isEmpty();
        }
    }

    /** Where labels cannot be edited, as in Docker, creation times are told: one that is older than the claim is none of it. */
    @ParameterizedTest
    @CsvSource({"-60000, true", "-60001, false", "0, true", "5, true"})
    void whatIsOlderThanTheClaimIsNoneOfIt(long millis, boolean doubtful) {
        Instance one = instance(
                "5000",
                InstanceState.BROKEN,
                Map.of(),
                Optional.of(bare().createdAt().plusMillis(millis)));

        assertThat(one.doubt(bare()).isPresent()).isEqualTo(doubtful);
    }
}
