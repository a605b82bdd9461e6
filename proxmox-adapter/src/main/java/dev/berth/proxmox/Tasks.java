package dev.berth.proxmox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Follows tasks to their real ends. That one has stopped says nothing; what it has left behind is for who asked for it to
 * look at, whatever it said.
 */
final class Tasks {
    /** PVE/UPID.pm: node, process, its start, the task's start, type, id, user. */
    private static final Pattern UPID = Pattern.compile(
            "UPID:([A-Za-z0-9][A-Za-z0-9-]*):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:([0-9A-Fa-f]{8}):[^:\\s]+:[^:\\s]*:([^:\\s]+):");

    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Api api;
    private final Duration within;
    private final Spans spans;

    Tasks(Api api, Duration within, Spans spans) {
        this.api = api;
        this.within = within;
        this.spans = spans;
    }

    /** How a task ended. */
    sealed interface End {
        /** It did what it was to do, perhaps with warnings. */
        record Done() implements End {}

        /** It gave up. */
        record Failed(String detail) implements End {}

        /** It ended without a last word, as one that was killed does: what it has left half done stays so. */
        record Killed(String detail) implements End {}

        /** Nobody knows: its node went off, or it is at it still. */
        record Lost(String detail) implements End {}
    }

    /**
     * Waits for the task that an answer names.
     *
     * @throws Trouble if the runtime was closed
     */
    End end(Answer answer) throws InterruptedException {
        String upid = upid(answer);
        return UPID.matcher(upid).matches() ? end(upid) : new End.Lost(answer.text() + ", and named no task");
    }

    /** The task that an answer names; something else where it names none. */
    static String upid(Answer answer) {
        return answer.data().asString("");
    }

    /** Waits for a task. */
    End end(String upid) throws InterruptedException {
        Matcher parts = UPID.matcher(upid);
        return parts.matches()
                ? end(upid, Talk.node(parts.group(1)) + "/tasks/" + Talk.encoded(upid) + "/status")
                : new End.Lost("\"" + upid + "\" is no task");
    }

    /**
     * A task that its node knows of.
     *
     * @param upid its id
     * @param isOwn whether it was begun for these credentials
     * @param begun when, in seconds by its node's clock
     * @param runs whether it is at it still
     * @param isDone whether it has ended well
     */
    record Listed(String upid, boolean isOwn, long begun, boolean runs, boolean isDone) {}

    /**
     * The tasks that its node knows of which were to destroy a guest, the newest first; those of others only where the
     * credentials have {@code Sys.Audit} on the node.
     *
     * @throws Trouble if the node does not say
     */
    List<Listed> destructions(Seats.Seat seat) throws InterruptedException {
        return listed(seat, seat.type().destruction());
    }

    /**
     * The same of tasks that make a guest; one that restores it is none of them.
     *
     * @throws Trouble if the node does not say
     */
    List<Listed> creations(Seats.Seat seat) throws InterruptedException {
        return listed(seat, seat.type().creation());
    }

    private List<Listed> listed(Seats.Seat seat, String type) throws InterruptedException {
        Answer answer = api.ask(talk -> talk.get(Talk.node(seat.node()) + "/tasks?source=all&vmid=" + seat.number()));
        JsonNode rows = answer.goodOr(() -> Trouble.unanswered(answer.text(), null));
        List<Listed> found = new ArrayList<>();
        for (JsonNode row : rows) {
            Matcher parts = UPID.matcher(Answer.text(row, "upid"));
            if (Answer.text(row, "type").equals(type) && parts.matches()) {
                found.add(new Listed(
                        parts.group(),
                        parts.group(3).equals(api.user()),
                        Long.parseLong(parts.group(2), 16),
                        row.path("endtime").isMissingNode(),
                        isGood(Answer.text(row, "status"))));
            }
        }
        return found;
    }

    private End end(String upid, String path) throws InterruptedException {
        long begun = System.nanoTime();
        long heard = begun;
        String last = "it was not asked for";
        for (int round = 0; System.nanoTime() - begun < within.toNanos(); round++) {
            TimeUnit.MILLISECONDS.sleep(Math.min(FIRST_PAUSE_MILLIS << Math.min(round, 10), LONGEST_PAUSE_MILLIS));
            try {
                Answer answer = api.ask(talk -> talk.get(path));
                if (!answer.isGood()) {
                    last = answer.text();
                } else if (Answer.text(answer.data(), "status").equals("stopped")) {
                    return end(upid, answer);
                } else {
                    heard = System.nanoTime();
                    last = "it runs still";
                }
            } catch (Trouble trouble) {
                if (trouble.isClosed()) {
                    throw trouble;
                }
                last = trouble.fault().detail();
            }
            if (System.nanoTime() - heard > spans.silence().toNanos()) {
                break;
            }
        }
        return new End.Lost("how the task " + upid + " ended is not known: " + last);
    }

    private static boolean isGood(String exit) {
        return exit.equals("OK") || exit.startsWith("WARNINGS: ");
    }

    private static End end(String upid, Answer answer) {
        String exit = Answer.text(answer.data(), "exitstatus");
        if (isGood(exit)) {
            return new End.Done();
        }
        // What PVE/UPID.pm says of a log that ends without the task's own last word.
        boolean dark = exit.isEmpty()
                || exit.equals("unexpected status")
                || exit.startsWith("unable to get last")
                || exit.startsWith("unable to read tail");
        return dark
                ? new End.Killed("the task " + upid + " stopped without a word: " + exit)
                : new End.Failed("the task " + upid + " failed: " + exit);
    }
}
