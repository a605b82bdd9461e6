package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The move of one held part to other resources, in one commit: the new ones are taken, the old ones given back.
 * Immutable.
 */
public final class Reassignment {
    final String part;
    final @Nullable Choice choice;
    final @Nullable Resource resource;
    final ClaimRequest.@Nullable Want want;
    final Set<Resource> declined;
    final Commit.@Nullable BlockTerms decline;
    final boolean unconfirmed;

    private Reassignment(
            String part,
            @Nullable Choice choice,
            @Nullable Resource resource,
            ClaimRequest.@Nullable Want want,
            Set<Resource> declined,
            Commit.@Nullable BlockTerms decline,
            boolean unconfirmed) {
        this.part = part;
        this.choice = choice;
        this.resource = resource;
        this.want = want;
        this.declined = declined;
        this.decline = decline;
        this.unconfirmed = unconfirmed;
    }

    /**
     * Moves a part to the next free candidate; what it holds now is no candidate.
     *
     * @param part the part
     * @param choice the candidates
     * @return the reassignment
     */
    public static Reassignment of(String part, Choice choice) {
        return new Reassignment(
                Limits.text("part", part, Limits.PART),
                InvalidInputException.requireNonNull("choice", choice),
                null,
                null,
                Set.of(),
                null,
                false);
    }

    /**
     * Moves a part to the next free candidate of those that a request has for it; what it holds now is no candidate.
     *
     * @param part the part
     * @param request the request that the part was claimed with
     * @return the reassignment
     * @throws InvalidInputException if the request does not {@linkplain ClaimRequest#isChoice choose} the part
     */
    public static Reassignment of(String part, ClaimRequest request) {
        InvalidInputException.requireNonNull("request", request);
        if (!request.isChoice(part)) {
            throw InvalidInputException.of("part", part, "a part that the request has several candidates for");
        }
        return new Reassignment(part, null, null, request.wants().get(part), Set.of(), null, false);
    }

    /**
     * Moves a part to one resource, this and no other.
     *
     * @param part the part
     * @param resource the resource
     * @return the reassignment
     */
    public static Reassignment of(String part, Resource resource) {
        return new Reassignment(
                Limits.text("part", part, Limits.PART),
                null,
                InvalidInputException.requireNonNull("resource", resource),
                null,
                Set.of(),
                null,
                false);
    }

    /**
     * Declines some of the resources that are given back, because an outsider was found on them: nobody gets them for a
     * while, this owner included.
     *
     * @param resources which of the part's resources
     * @param note what was seen, for people; cut to 1,024 bytes
     * @param span for how long, 1 ms to 36,500 days
     * @return the reassignment
     * @throws InvalidInputException if there is no resource or the span is out of range
     */
    public Reassignment declining(Collection<Resource> resources, String note, Duration span) {
        Set<Resource> copied = Limits.set("declined resources", resources);
        if (copied.isEmpty()) {
            throw InvalidInputException.of("declined resources", copied, "at least one of the part's resources");
        }
        var terms = new Commit.BlockTerms(BlockReason.DECLINE, note, span);
        return new Reassignment(part, choice, resource, want, copied, terms, unconfirmed);
    }

    /**
     * Lets the new resources count as unconfirmed until {@link ResourceLedger#confirm} is called.
     *
     * @return the reassignment
     */
    public Reassignment unconfirmed() {
        return new Reassignment(part, choice, resource, want, declined, decline, true);
    }
}
