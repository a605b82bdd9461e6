package dev.berth.runtime;

import dev.berth.BerthException;
import org.jspecify.annotations.Nullable;

/** A runtime did not do what it was asked, or it is not known whether it did. The {@link #fault} says which. */
public final class RuntimeFaultException extends BerthException {
    private static final long serialVersionUID = 1L;

    private final transient Fault fault;

    /**
     * Makes the exception.
     *
     * @param what what was asked, of whom
     * @param fault what the error means
     * @param cause what was thrown, null if nothing was
     */
    public RuntimeFaultException(String what, Fault fault, @Nullable Throwable cause) {
        super(what + ": " + fault.detail() + advice(fault));
        if (cause != null) {
            initCause(cause);
        }
        this.fault = fault;
    }

    private static String advice(Fault fault) {
        if (fault instanceof Fault.Unreachable) {
            return "; nothing was done: see that the runtime is up, and ask again";
        }
        if (fault instanceof Fault.Unknown) {
            return "; it may have been done all the same: look before you ask again";
        }
        return fault instanceof Fault.Busy ? "; nothing was done: ask again in a while" : "; nothing was done";
    }

    /**
     * Says what the error means.
     *
     * @return the fault
     */
    public Fault fault() {
        return fault;
    }
}
