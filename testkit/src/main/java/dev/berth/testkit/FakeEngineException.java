package dev.berth.testkit;

import dev.berth.runtime.Fault;

/** What a {@link FakeEngine} throws. {@link FakeRuntime#classify} tells its fault. */
public final class FakeEngineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Fault fault;

    /**
     * Makes the exception.
     *
     * @param fault what it means
     */
    public FakeEngineException(Fault fault) {
        super(fault.detail());
        this.fault = fault;
    }

    /**
     * Says what it means.
     *
     * @return the fault
     */
    public Fault fault() {
        return fault;
    }
}
