package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A thing that must be unique, and where: its kind's name, its scope and its canonical value. Two resources are the same
 * when all three are equal byte for byte; {@link ResourceKind#in(Scope, String)} makes one and canonicalises first.
 * Immutable.
 */
public final class Resource implements Comparable<Resource> {
    private final String kind;
    private final Scope scope;
    private final String value;
    private final int hash;

    private Resource(String kind, Scope scope, String value) {
        this.kind = kind;
        this.scope = scope;
        this.value = value;
        this.hash = 31 * (31 * kind.hashCode() + scope.name().hashCode()) + value.hashCode();
    }

    /**
     * Rebuilds a resource from what a store kept. Only stores should call this: nothing is canonicalised here, and a
     * value that is not canonical would be a second key for the same thing. Everybody else asks a {@link ResourceKind}.
     *
     * @param kind the kind's name, 1 to 64 bytes of UTF-8
     * @param scope the scope
     * @param value the canonical value, 1 to 1,024 bytes of UTF-8
     * @return the resource
     * @throws InvalidInputException if a text is null, blank, too long, or carries control characters
     */
    public static Resource stored(String kind, Scope scope, String value) {
        Limits.text("resource kind", kind, Limits.KIND);
        InvalidInputException.requireNonNull("resource scope", scope);
        Limits.text("resource value", value, Limits.VALUE);
        return new Resource(kind, scope, value);
    }

    /** For kinds, which have checked name and value already. */
    static Resource checked(String kind, Scope scope, String value) {
        return new Resource(kind, scope, value);
    }

    /**
     * Names the kind.
     *
     * @return the name of the {@link ResourceKind}
     */
    public String kind() {
        return kind;
    }

    /**
     * Says where the resource is unique.
     *
     * @return the scope
     */
    public Scope scope() {
        return scope;
    }

    /**
     * Gives the value in its kind's canonical form; a port is its decimal number.
     *
     * @return the canonical value
     */
    public String value() {
        return value;
    }

    /**
     * Reads the value as a number.
     *
     * @return the number, or empty if the value is not a decimal number of at most nine digits without leading zeros
     */
    public OptionalInt number() {
        int number = Numbers.parse(value);
        return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /**
     * Orders by kind, scope and value, each by its UTF-8 bytes: the order of every store's pages.
     *
     * @param other the other resource
     * @return as {@link Comparable} asks
     */
    @Override
    public int compareTo(Resource other) {
        int order = Numbers.compareUtf8(kind, other.kind);
        if (order == 0) {
            order = Numbers.compareUtf8(scope.name(), other.scope.name());
        }
        return order == 0 ? Numbers.compareUtf8(value, other.value) : order;
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return this == object
                || (object instanceof Resource other
                        && hash == other.hash
                        && value.equals(other.value)
                        && kind.equals(other.kind)
                        && scope.equals(other.scope));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return kind + " " + value + " in " + scope;
    }
}
