package dev.berth.testkit;

/** The methods of {@link dev.berth.runtime.ContainerRuntime} that reach the engine, for counting and failing them. */
public enum RuntimeCall {
    /** {@code fingerprint}. */
    FINGERPRINT,
    /** {@code inventory}. */
    INVENTORY,
    /** {@code look}. */
    LOOK,
    /** {@code create}. */
    CREATE,
    /** {@code start}. */
    START,
    /** {@code stop}. */
    STOP,
    /** {@code health}. */
    HEALTH,
    /** {@code remove}. */
    REMOVE,
    /** {@code watch}. */
    WATCH;

    /**
     * Says whether the call may change what the engine has.
     *
     * @return true for {@code create}, {@code start}, {@code stop} and {@code remove}
     */
    public boolean isWrite() {
        return this == CREATE || this == START || this == STOP || this == REMOVE;
    }
}
