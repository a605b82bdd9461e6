package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Owner;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What makes an instance ours: the ledger's id, the claim's id and the nonce of the attempt that made it, put on it in
 * the request that makes it, so that there is no instant at which it is there without. Tenant and owner tell people, and
 * recovery, whose it is.
 *
 * @param ledger the ledger's id
 * @param claim the id of the claim that it was made for
 * @param nonce the attempt's nonce
 * @param owner who held the claim when it was made
 */
public record Mark(UUID ledger, UUID claim, String nonce, Owner owner) {
    /** The label that carries the ledger's id. */
    public static final String LEDGER = "dev.berth.ledger";

    /** The label that carries the claim's id. */
    public static final String CLAIM = "dev.berth.claim";

    /** The label that carries the nonce. */
    public static final String NONCE = "dev.berth.nonce";

    /** The label that carries the owner's tenant. */
    public static final String TENANT = "dev.berth.tenant";

    /** The label that carries the owner's name. */
    public static final String OWNER = "dev.berth.owner";

    /**
     * Checks the parts.
     *
     * @param ledger the ledger's id
     * @param claim the id of the claim that it was made for
     * @param nonce the attempt's nonce
     * @param owner who held the claim when it was made
     * @throws InvalidInputException if a part is null or the nonce empty
     */
    public Mark {
        InvalidInputException.requireNonNull("ledger id", ledger);
        InvalidInputException.requireNonNull("claim id", claim);
        InvalidInputException.requireNonNull("owner", owner);
        if (InvalidInputException.requireNonNull("nonce", nonce).isEmpty()) {
            throw InvalidInputException.of("nonce", nonce, "the nonce of an attempt");
        }
    }

    /**
     * Writes the mark as labels.
     *
     * @return the five labels
     */
    public Map<String, String> labels() {
        var labels = new LinkedHashMap<String, String>();
        labels.put(LEDGER, ledger.toString());
        labels.put(CLAIM, claim.toString());
        labels.put(NONCE, nonce);
        labels.put(TENANT, owner.tenant());
        labels.put(OWNER, owner.name());
        return Collections.unmodifiableMap(labels);
    }

    /**
     * Reads a mark from labels. What is not a whole mark is none: such an instance is not ours.
     *
     * @param labels an instance's labels
     * @return the mark, empty if one of its labels is missing or is not what we write
     */
    public static Optional<Mark> of(Map<String, String> labels) {
        InvalidInputException.requireNonNull("labels", labels);
        String ledger = labels.get(LEDGER);
        String claim = labels.get(CLAIM);
        String nonce = labels.get(NONCE);
        String tenant = labels.get(TENANT);
        String name = labels.get(OWNER);
        if (ledger == null || claim == null || nonce == null || tenant == null || name == null) {
            return Optional.empty();
        }
        try {
            var mark = new Mark(UUID.fromString(ledger), UUID.fromString(claim), nonce, Owner.of(tenant, name));
            return mark.labels().entrySet().stream()
                            .allMatch(label -> label.getValue().equals(labels.get(label.getKey())))
                    ? Optional.of(mark)
                    : Optional.empty();
        } catch (IllegalArgumentException | InvalidInputException notOurs) {
            return Optional.empty();
        }
    }
}
