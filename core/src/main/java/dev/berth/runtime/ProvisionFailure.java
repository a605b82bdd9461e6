package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.util.Optional;

/**
 * Why an instance could not be had.
 *
 * @param kind what kind of reason it is
 * @param detail the reason, for people
 * @param inTheWay the instance that stands in the way, where there is one
 */
public record ProvisionFailure(Kind kind, String detail, Optional<Instance> inTheWay) {
    /** Kinds of reasons. */
    public enum Kind {
        /** The owner's own instance lives, and the policy is to {@linkplain Mine#REJECT reject}. */
        LIVES_ALREADY,
        /** Somebody else's instance has the name. */
        NAME_HELD,
        /** Something else has the port, and there is no other to move to. */
        PORT_HELD,
        /** The runtime refused the specification and would again: the image is missing, the command is not there. */
        REJECTED,
        /** It was started and ended by itself. */
        DIED,
        /** It runs, but was not healthy in time. */
        UNHEALTHY,
        /** An instance would have to be removed that is not ours, or is guarded. */
        NOT_OURS,
        /** There is no such instance. */
        NOT_THERE,
        /** Another runtime answers than the one that had this scope. */
        WRONG_RUNTIME,
        /** The runtime could not be reached. */
        UNREACHABLE,
        /** What the runtime did, or has, could not be found out. */
        UNKNOWN,
        /** The calling thread was interrupted. */
        INTERRUPTED,
        /** It was tried as often as is allowed. */
        GAVE_UP
    }

    /**
     * Checks the parts.
     *
     * @param kind what kind of reason it is
     * @param detail the reason, for people
     * @param inTheWay the instance that stands in the way
     * @throws InvalidInputException if a part is null
     */
    public ProvisionFailure {
        InvalidInputException.requireNonNull("kind of failure", kind);
        InvalidInputException.requireNonNull("detail", detail);
        InvalidInputException.requireNonNull("instance in the way", inTheWay);
    }

    static ProvisionFailure of(Kind kind, String detail) {
        return new ProvisionFailure(kind, detail, Optional.empty());
    }

    /** The kind that a fault comes down to where nothing better is known. */
    static ProvisionFailure of(String what, Fault fault) {
        Kind kind = fault instanceof Fault.Unreachable
                ? Kind.UNREACHABLE
                : fault instanceof Fault.Rejected ? Kind.REJECTED : Kind.UNKNOWN;
        return of(Thread.currentThread().isInterrupted() ? Kind.INTERRUPTED : kind, what + ": " + fault.detail());
    }

    @Override
    public String toString() {
        return detail
                + inTheWay.map(instance -> " (in the way: " + instance + ")").orElse("");
    }
}
