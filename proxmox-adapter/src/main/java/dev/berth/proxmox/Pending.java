package dev.berth.proxmox;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one removal has seen and asked for so far, and what may still come of that. For one thread. */
final class Pending {
    /** Whether the guest was seen as the one that is meant. */
    boolean wasThere;
    /** Whether a task has ended well that destroyed it. */
    boolean destroyed;
    /** Why nothing more will come of the destruction that was begun; empty while something may. */
    String killed = "";
    /** A destroying request whose end is not known yet; null if there is none. */
    @Nullable
    Sent sent;
    /** Destroying tasks that have ended: the list of their node may say for a while that they run. */
    final Set<String> ended = new HashSet<>();
    /** When this call was about to ask. */
    final Set<Tags.Asked> own = new HashSet<>();
    /** A stopping request whose end is not known yet; null if there is none. */
    @Nullable
    Late stop;

    /** Whether a destroying task is at it still, as far as is known. */
    boolean runs(Tasks.Listed task) {
        return task.runs() && !ended.contains(task.upid());
    }

    /** What is under way, behind what ends the wait for it; empty if nothing is. */
    String asked() {
        return sent == null
                ? ""
                : "; it was asked to be destroyed: " + sent.late().why();
    }

    /** Whether something that was asked for may be carried out yet. */
    boolean mayBeLate() {
        return sent != null || stop != null;
    }

    /**
     * A request that was not answered, or whose task was lost sight of.
     *
     * @param at when it was sent
     * @param why why its end is not known
     */
    record Late(long at, String why) {}

    /**
     * A destroying request that was not answered, or whose task was lost sight of, or of which only the guest's tag tells.
     *
     * @param seat the guest that it was for
     * @param before the tasks that there were before it
     * @param since its task was begun later than that, in seconds by its node's clock
     * @param late how late it is
     */
    record Sent(Seats.Seat seat, Set<String> before, long since, Late late) {
        boolean isOf(Tasks.Listed task) {
            return task.isOwn() && task.begun() > since && !before.contains(task.upid());
        }
    }
}
