package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What is to go: all that is due, whether a breaker, a cap or a dry run holds it back or not. Two plans for the same claims
 * at the same revisions, and the same instances, have the same hash, whichever process made them.
 *
 * @param scope the runtime's scope
 * @param items what is to go, sorted
 * @param hash the SHA-256, in hex, of scope and items, and of when something came back if a breaker stands for that
 */
public record ReapPlan(Scope scope, List<Item> items, String hash) {
    /**
     * One thing that is to go.
     *
     * @param kind {@code ghost}, {@code error} or {@code orphan}
     * @param target the claim's token, or the instance's id
     * @param owner whose it is, for people
     */
    public record Item(String kind, String target, String owner) implements Comparable<Item> {
        /**
         * Checks the parts.
         *
         * @param kind what it is
         * @param target the claim's token, or the instance's id
         * @param owner whose it is
         * @throws InvalidInputException if a part is null
         */
        public Item {
            InvalidInputException.requireNonNull("kind", kind);
            InvalidInputException.requireNonNull("target", target);
            InvalidInputException.requireNonNull("owner", owner);
        }

        @Override
        public int compareTo(Item other) {
            int byKind = kind.compareTo(other.kind);
            return byKind != 0 ? byKind : target.compareTo(other.target);
        }
    }

    /**
     * Copies the list.
     *
     * @param scope the runtime's scope
     * @param items what is to go
     * @param hash the hash
     * @throws InvalidInputException if a part is null
     */
    public ReapPlan {
        InvalidInputException.requireNonNull("scope", scope);
        InvalidInputException.requireNonNull("items", items)
                .forEach(item -> InvalidInputException.requireNonNull("item", item));
        items = InvalidInputException.copyOf("items", items);
        InvalidInputException.requireNonNull("hash", hash);
    }

    static ReapPlan of(Scope scope, List<Item> items) {
        return of(scope, items, Optional.empty());
    }

    /** A plan from before something came back is another plan, although the same is to go. */
    static ReapPlan of(Scope scope, List<Item> items, Optional<Instant> returned) {
        List<Item> sorted = items.stream().sorted().toList();
        MessageDigest digest = sha256();
        digest.update(line(scope.toString()));
        for (Item item : sorted) {
            digest.update(line(item.kind() + " " + item.target()));
        }
        returned.ifPresent(at -> digest.update(line("after " + at)));
        return new ReapPlan(scope, sorted, HexFormat.of().formatHex(digest.digest()));
    }

    static String sha256(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /**
     * Says whether anything is to go.
     *
     * @return true if nothing is
     */
    public boolean isEmpty() {
        return items.isEmpty();
    }

    @Override
    public String toString() {
        return items.size() + " to go in " + scope + " (plan " + hash.substring(0, Math.min(12, hash.length())) + ")";
    }
}
