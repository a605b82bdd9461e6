package dev.berth.sync;

import java.util.Optional;
import java.util.Set;

/** As what values travel between two columns. */
final class TypePairs {
    /** What a column that keeps anything can hold for one that does not. */
    private static final Set<ValueType> IN_TEXT = Set.of(
            ValueType.TEXT, ValueType.TIMESTAMP, ValueType.DATE, ValueType.TIME, ValueType.UUID, ValueType.DECIMAL);

    private TypePairs() {}

    /** The common type; empty if values could be changed on the way. */
    static Optional<ValueType> common(StoreColumn here, StoreColumn there) {
        if (here.type() == ValueType.OTHER || there.type() == ValueType.OTHER) {
            return Optional.empty();
        }
        if (here.isLoose() && there.isLoose()) {
            return here.type() == there.type() ? Optional.of(ValueType.ANY) : Optional.empty();
        }
        if (here.type() == there.type()) {
            return here.type() == ValueType.ANY ? Optional.empty() : Optional.of(here.type());
        }
        if (here.isLoose() || there.isLoose()) {
            StoreColumn loose = here.isLoose() ? here : there;
            StoreColumn strict = here.isLoose() ? there : here;
            return held(loose.type(), strict.type());
        }
        Set<ValueType> both = Set.of(here.type(), there.type());
        if (both.equals(Set.of(ValueType.INTEGER, ValueType.BOOLEAN))) {
            return Optional.of(ValueType.BOOLEAN);
        }
        return both.equals(Set.of(ValueType.TEXT, ValueType.UUID)) ? Optional.of(ValueType.UUID) : Optional.empty();
    }

    /** Whether a loose column of a type keeps the values of a strict one, as the strict one's. */
    private static Optional<ValueType> held(ValueType loose, ValueType strict) {
        boolean keeps = switch (loose) {
            case TEXT -> IN_TEXT.contains(strict);
            case INTEGER -> strict == ValueType.BOOLEAN;
            case BOOLEAN -> strict == ValueType.INTEGER;
            case DECIMAL -> strict == ValueType.INTEGER || strict == ValueType.DOUBLE || strict == ValueType.BOOLEAN;
            case DOUBLE -> strict == ValueType.DECIMAL;
            case TIMESTAMP, DATE, TIME ->
                strict == ValueType.TEXT || strict == ValueType.TIMESTAMP || strict == ValueType.DATE;
            case UUID -> strict == ValueType.TEXT;
            case ANY -> strict != ValueType.BYTES;
            case BYTES, OTHER -> false;
        };
        return keeps ? Optional.of(strict) : Optional.empty();
    }
}
