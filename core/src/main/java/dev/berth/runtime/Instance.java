package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One instance as its runtime tells it: a container, a guest.
 *
 * @param id its full id, which the runtime never gives to another; where the engine uses ids again, the adapter adds
 *     what tells the instances apart, or the nonce does
 * @param names its names, without the slashes that engines list; an engine may know several, or none
 * @param state where it stands
 * @param labels its labels, as far as the runtime has any
 * @param mark what makes it ours, empty if it carries no whole mark
 * @param published its ports that are open on the host now
 * @param configured the ports that it opens on the host when it runs
 * @param createdAt when it was made, by the runtime's clock; empty if that is not known
 * @param stateSince since when it is in its state, by the runtime's clock: for one that runs its last start, for one that
 *     ended its end, for one that never ran its making; empty if that is not known, as listings often do not tell it
 * @param guard why it must not be removed whoever it belongs to (a template, a protected guest, a part of a swarm), in
 *     words; empty if nothing speaks against it
 */
public record Instance(
        String id,
        List<String> names,
        InstanceState state,
        Map<String, String> labels,
        Optional<Mark> mark,
        List<Publication> published,
        List<Publication> configured,
        Optional<Instant> createdAt,
        Optional<Instant> stateSince,
        Optional<String> guard) {
    /** A runtime's clock and a ledger's may differ by so much. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    /**
     * A node's clock may have been wrong by so much when it stamped an instance: three times the 5 min by which the nodes of one
     * Proxmox VE may differ and still take each other's tickets. It matters only to claims that do not know when their own
     * instance was made.
     */
    private static final Duration CLOCKS_WRONG = Duration.ofMinutes(15);

    /** The label of a claim that tells when its instance was made, by the runtime's clock; empty text if that is not known. */
    private static final String MADE = "dev.berth.made";

    /** What a runtime never has twice at one time. Any number of guests may have one host name. */
    private static final Set<String> SOLE = Set.of(ResourceKind.GUEST_ID.name(), ResourceKind.CONTAINER_NAME.name());

    /**
     * Copies the collections.
     *
     * @param id its full id
     * @param names its names
     * @param state where it stands
     * @param labels its labels
     * @param mark what makes it ours
     * @param published its ports that are open now
     * @param configured the ports that it opens when it runs
     * @param createdAt when it was made
     * @param stateSince since when it is in its state
     * @param guard why it must not be removed
     * @throws InvalidInputException if a part is null or the id empty
     */
    public Instance {
        if (InvalidInputException.requireNonNull("instance id", id).isEmpty()) {
            throw InvalidInputException.of("instance id", id, "the runtime's full id");
        }
        names = InvalidInputException.copyOf("instance names", names);
        InvalidInputException.requireNonNull("instance state", state);
        labels = InvalidInputException.copyOf("instance labels", labels);
        InvalidInputException.requireNonNull("instance mark", mark);
        published = InvalidInputException.copyOf("published ports", published);
        configured = InvalidInputException.copyOf("configured ports", configured);
        InvalidInputException.requireNonNull("instance's time of creation", createdAt);
        InvalidInputException.requireNonNull("time of the instance's state", stateSince);
        InvalidInputException.requireNonNull("instance guard", guard);
    }

    /**
     * Makes an instance of which it is not known since when it is in its state.
     *
     * @param id its full id
     * @param names its names
     * @param state where it stands
     * @param labels its labels
     * @param mark what makes it ours
     * @param published its ports that are open now
     * @param configured the ports that it opens when it runs
     * @param createdAt when it was made
     * @param guard why it must not be removed
     * @throws InvalidInputException if a part is null or the id empty
     */
    public Instance(
            String id,
            List<String> names,
            InstanceState state,
            Map<String, String> labels,
            Optional<Mark> mark,
            List<Publication> published,
            List<Publication> configured,
            Optional<Instant> createdAt,
            Optional<String> guard) {
        this(id, names, state, labels, mark, published, configured, createdAt, Optional.empty(), guard);
    }

    /**
     * Begins an instance that carries its mark among its labels.
     *
     * @param id its full id
     * @param name its name
     * @param state where it stands
     * @param labels its labels
     * @return the instance, without ports
     */
    public static Instance of(String id, String name, InstanceState state, Map<String, String> labels) {
        return new Instance(
                id,
                List.of(InvalidInputException.requireNonNull("instance name", name)),
                state,
                labels,
                Mark.of(labels),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * Gives the same instance with other ports.
     *
     * @param open its ports that are open on the host now
     * @param wanted the ports that it opens when it runs
     * @return the instance
     */
    public Instance publishing(List<Publication> open, List<Publication> wanted) {
        return new Instance(id, names, state, labels, mark, open, wanted, createdAt, stateSince, guard);
    }

    /**
     * Names it for people.
     *
     * @return its first name, or its id
     */
    public String name() {
        return names.isEmpty() ? id : names.get(0);
    }

    /**
     * Says what its labels tell that its claim held when it was made, to claim it anew for a ledger that has lost it.
     *
     * @return the request, by the owner that the mark names; empty if it carries no whole mark, or the labels do not say
     */
    public Optional<ClaimRequest> claimed() {
        return mark.flatMap(ours -> HeldLabel.read(labels).map(parts -> {
            ClaimRequest request = ClaimRequest.by(ours.owner());
            for (var part : parts.entrySet()) {
                request = request.fixed(part.getKey(), part.getValue());
            }
            return request;
        }));
    }

    /**
     * Says whether an instance with the id that a claim lists is the one that the claim means: an engine may have used the id
     * again.
     *
     * @param claim the claim
     * @return true if it carries the nonce that made the claim's instance, or, where the claim does not know one, if no mark
     *     speaks against it
     */
    public boolean isOf(Claim claim) {
        String nonce =
                InvalidInputException.requireNonNull("claim", claim).labels().get(Mark.NONCE);
        return nonce != null
                ? nonce().equals(nonce)
                : mark.map(ours -> ours.claim().equals(claim.id())).orElse(true);
    }

    /**
     * Says what an instance with the id that a claim lists tells of the claim's own. What may be it, and does not prove so, is
     * unknown (law L3): nothing the claim holds is given away for that.
     *
     * @param claim the claim
     * @return present if it {@linkplain #isOf is the claim's}; unknown if there is {@linkplain #doubt a doubt}; else absent,
     *     since its engine has used the id again
     */
    public Sighting sightingOf(Claim claim) {
        if (isOf(claim)) {
            return new Sighting.Present(this);
        }
        return doubt(claim)
                .<Sighting>map(Sighting.Unknown::new)
                .orElseGet(() -> new Sighting.Absent("its id belongs to " + this + " now"));
    }

    /**
     * Says why it may be a claim's instance although it does not carry the claim's mark: where marks are tags that people
     * edit, as in Proxmox VE, one may have been taken off, and what is half made or half destroyed has none. Proof of
     * another instance is another mark, or a time of creation more than a minute later than that of the claim's own, which the
     * claim remembers as the runtime told it, so that no other clock matters; if it does not know that, a quarter of an hour
     * later than it came to have its instance. Where an engine neither uses ids again nor lets labels be changed, as Docker's,
     * there is never a doubt of an id.
     *
     * @param claim the claim. Of one that has an instance, only what has its id is doubtful; of one that has none, only what
     *     has a guest id or a container's name that the claim holds, which no two have at one time, and is broken, or in no
     *     state that its runtime can tell. A host name is no such name: several may have it
     * @return the reason, and what may be done about it, for people; empty if it is the claim's, or certainly is not
     */
    public Optional<String> doubt(Claim claim) {
        if (mark.isPresent()) {
            return Optional.empty();
        }
        Optional<String> own = claim.instance();
        return own.isPresent()
                ? own.filter(id::equals)
                        .filter(same -> isDoubtful(claim))
                        .map(same -> this
                                + " has its id, and no mark: it may have lost it; put the mark back, or, if it is another one or"
                                + " is to be adopted, let the claim go")
                : heldName(claim)
                        .filter(name -> isRemnant(claim))
                        .map(name -> this + " has the claim's name " + name
                                + ", and no mark: it may be half made or half destroyed for the claim; ask again, and if it"
                                + " stays so, " + advice());
    }

    /** What is in no state that can be told may live, and be somebody's. */
    private String advice() {
        return state == InstanceState.BROKEN
                ? "remove it by hand, or let the claim go"
                : "see what it is, since it may run and be another's; then let the claim go, or ask again once it is gone";
    }

    private boolean isDoubtful(Claim claim) {
        return !isOf(claim)
                && createdAt.map(made -> !made.isAfter(latest(claim))).orElse(true);
    }

    /** When a claim's own instance can have been made at the latest. */
    private static Instant latest(Claim claim) {
        String made = claim.labels().getOrDefault(MADE, "");
        return made.isEmpty()
                ? had(claim).plus(CLOCKS_WRONG)
                : Instant.parse(made).plus(CLOCKS_APART);
    }

    /** What a claim is to remember of it from when it has it. */
    Map<String, String> remembered() {
        return Map.of(
                Mark.NONCE, nonce(), MADE, createdAt.map(Instant::toString).orElse(""));
    }

    /** When a claim had its instance for sure. One that is active all the time may get another, and keep its state's time. */
    private static Instant had(Claim claim) {
        return claim.holdings().stream()
                .filter(held -> held.part().equals(Claim.INSTANCE_PART))
                .map(Holding::since)
                .filter(since -> since.isAfter(claim.stateSince()))
                .findFirst()
                .orElse(claim.stateSince());
    }

    /** Whether it may be what an attempt of the claim has half made, or a removal half destroyed. */
    private boolean isRemnant(Claim claim) {
        return (state == InstanceState.BROKEN || state == InstanceState.UNKNOWN)
                && createdAt
                        .map(made -> !made.isBefore(claim.createdAt().minus(CLOCKS_APART)))
                        .orElse(true);
    }

    /** A name of it that the claim holds and no two have; a port, or a slot, is a number like a guest's, but no name. */
    private Optional<String> heldName(Claim claim) {
        return claim.holdings().stream()
                .map(Holding::resource)
                .filter(resource -> SOLE.contains(resource.kind()))
                .map(Resource::value)
                .filter(names::contains)
                .findFirst();
    }

    /**
     * Says by which nonce it was made.
     *
     * @return the mark's nonce, empty text if it carries no mark
     */
    String nonce() {
        return mark.map(Mark::nonce).orElse("");
    }

    @Override
    public String toString() {
        return name() + " (" + id + ", " + state.name().toLowerCase(java.util.Locale.ROOT)
                + mark.map(ours -> ", of " + ours.owner()).orElse(", not made by this library") + ")";
    }
}
