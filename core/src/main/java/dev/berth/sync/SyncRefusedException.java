package dev.berth.sync;

import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import java.util.List;

/** A plan that cannot be safe. Nothing was moved. */
public final class SyncRefusedException extends BerthException {
    private static final long serialVersionUID = 1L;

    /** Every reason. */
    private final List<String> reasons;

    /**
     * Makes the exception.
     *
     * @param reasons every reason, each with what to do
     */
    public SyncRefusedException(List<String> reasons) {
        super("this cannot be done safely: " + String.join("; ", InvalidInputException.copyOf("reasons", reasons)));
        this.reasons = List.copyOf(reasons);
    }

    /**
     * Lists every reason.
     *
     * @return at least one
     */
    public List<String> reasons() {
        return reasons;
    }
}
