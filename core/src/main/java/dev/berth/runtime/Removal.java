package dev.berth.runtime;

/** How a removal ended. */
public sealed interface Removal {
    /** Which instances a removal takes. */
    enum Mode {
        /** Only one that does not run: the runtime itself refuses the others, in the same step. */
        IF_STOPPED,
        /** One that runs, too. */
        EVEN_IF_RUNNING
    }

    /** It was there and is gone, and so is its hold on its name: the runtime was asked after it. */
    record Removed() implements Removal {}

    /**
     * It was not there.
     *
     * @param evidence what the runtime said, for people
     */
    record WasAbsent(String evidence) implements Removal {}

    /**
     * It was left alone: it is not the one that was meant, it is guarded, or it runs and was to be spared.
     *
     * @param reason why, for people
     */
    record Kept(String reason) implements Removal {}

    /**
     * It is not known whether it is gone.
     *
     * @param reason why not, for people
     */
    record Unknown(String reason) implements Removal {}

    /**
     * Says whether the instance is gone for certain.
     *
     * @return true if it was removed, or was not there
     */
    default boolean isGone() {
        return this instanceof Removed || this instanceof WasAbsent;
    }
}
