package dev.berth.proxmox;

import dev.berth.BerthException;
import dev.berth.runtime.Fault;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something did not work, with what that means; made where it is known best. */
final class Trouble extends BerthException {
    private static final long serialVersionUID = 1L;

    private final transient Fault fault;
    private final Elsewhere elsewhere;
    private boolean closed;

    /** Whether another endpoint of the cluster may have a better answer. */
    enum Elsewhere {
        WORTH_ASKING,
        THE_SAME
    }

    private Trouble(Fault fault, Elsewhere elsewhere, @Nullable Throwable cause) {
        super(fault.detail());
        if (cause != null) {
            initCause(cause);
        }
        this.fault = fault;
        this.elsewhere = elsewhere;
    }

    /** Nothing was done because nobody was reached. */
    static Trouble unreachable(String detail, @Nullable Throwable cause) {
        return new Trouble(new Fault.Unreachable(detail), Elsewhere.WORTH_ASKING, cause);
    }

    /** A question went without an answer; nothing was to be done. */
    static Trouble unanswered(String detail, @Nullable Throwable cause) {
        return new Trouble(new Fault.Unknown(detail), Elsewhere.WORTH_ASKING, cause);
    }

    /** It is not known whether what was asked for was done, or will be. */
    static Trouble unknown(String detail) {
        return new Trouble(new Fault.Unknown(detail), Elsewhere.THE_SAME, null);
    }

    /** The endpoint answers, but not for the cluster: it has no quorum, or is ill. */
    static Trouble ill(String detail) {
        return new Trouble(new Fault.Busy(detail), Elsewhere.WORTH_ASKING, null);
    }

    static Trouble rejected(String detail) {
        return new Trouble(new Fault.Rejected(detail), Elsewhere.THE_SAME, null);
    }

    static Trouble missing(String detail) {
        return new Trouble(new Fault.Missing(detail), Elsewhere.THE_SAME, null);
    }

    static Trouble busy(String detail) {
        return new Trouble(new Fault.Busy(detail), Elsewhere.THE_SAME, null);
    }

    /** The runtime was closed, which ends whatever waits: nothing was asked any more. */
    static Trouble closed() {
        var trouble = new Trouble(new Fault.Unreachable("this runtime is closed"), Elsewhere.THE_SAME, null);
        trouble.closed = true;
        return trouble;
    }

    /** Somebody has the name who is no attempt of ours; who, cannot be told. */
    static Trouble nameHeld(String detail) {
        return new Trouble(new Fault.NameHeld(Optional.empty(), detail), Elsewhere.THE_SAME, null);
    }

    static Trouble nameHeld(GuestRef holder, String detail) {
        return new Trouble(new Fault.NameHeld(Optional.of(holder.id()), detail), Elsewhere.THE_SAME, null);
    }

    static Trouble of(Fault fault) {
        return new Trouble(fault, Elsewhere.THE_SAME, null);
    }

    /** The same for another who has asked the same: each thread has a failure of its own. */
    Trouble again() {
        var same = new Trouble(fault, elsewhere, this);
        same.closed = closed;
        return same;
    }

    /** Whether it is that the runtime was closed, which no loop goes on after. */
    boolean isClosed() {
        return closed;
    }

    Fault fault() {
        return fault;
    }

    boolean isWorthAskingElsewhere() {
        return elsewhere == Elsewhere.WORTH_ASKING;
    }
}
