package dev.berth.proxmox;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is ours. A destroying request has no precondition of its own, and without quorum it deletes the disk and
 * then fails (facts of 9.2). So before it the guest's tags are written with the digest of the configuration that was seen:
 * that fails where somebody has changed the guest since, and where there is no quorum. Gone is what the cluster says is gone.
 */
final class Removing {
    private static final Logger LOG = LoggerFactory.getLogger(Removing.class);

    private static final Duration GONE_WITHIN = Duration.ofSeconds(90);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final int MOST_FAILURES = 6;
    /** Locks that a guest has while it is made or destroyed, which may be our own doing. */
    private static final Set<String> PASSING = Set.of("create", "destroyed");

    private final Api api;
    private final Looking looking;
    private final Tasks tasks;
    private final Set<DestroyOption> options;
    private final Spans spans;

    Removing(Api api, Looking looking, Tasks tasks, Set<DestroyOption> options, Spans spans) {
        this.api = api;
        this.looking = looking;
        this.tasks = tasks;
        this.options = Set.copyOf(options);
        this.spans = spans;
    }

    /** What one round has led to: an end, or what stands in the way for now. */
    private sealed interface Round {
        record End(Removal removal) implements Round {}

        record Waits(String why) implements Round {}

        record Fails(String why) implements Round {}
    }

    Removal remove(GuestRef ref, Mark mark, Removal.Mode mode) throws InterruptedException {
        long begun = System.nanoTime();
        var memory = new Memory();
        int failures = 0;
        String last = "";
        for (int round = 0; ; round++) {
            Round next = round(ref, mark, mode, memory);
            if (next instanceof Round.End end) {
                return end.removal();
            }
            if (next instanceof Round.Fails fails) {
                failures++;
                last = fails.why();
            } else if (next instanceof Round.Waits waits) {
                last = waits.why().isEmpty() ? last : waits.why();
            }
            if (failures > MOST_FAILURES || System.nanoTime() - begun > GONE_WITHIN.toNanos()) {
                return new Removal.Unknown(ref + " could not be removed: " + last);
            }
            TimeUnit.MILLISECONDS.sleep(Math.min(FIRST_PAUSE_MILLIS << Math.min(round, 10), LONGEST_PAUSE_MILLIS));
        }
    }

    /** What earlier rounds know. */
    private static final class Memory {
        /** Whether the guest was seen as the one that is meant. */
        private boolean wasThere;
        /** Whether a task has ended well that destroyed it. */
        private boolean destroyed;
        /** Why nothing more will come of the destruction that was begun; empty while something may. */
        private String killed = "";
        /** A destroying request whose end is not known yet; null if there is none. */
        private @Nullable Sent sent;
    }

    /**
     * A destroying request that was not answered, or whose task was lost sight of. It may be carried out minutes later (596),
     * when another guest may have the number, so there is never a second beside it.
     *
     * @param seat the guest that it was for
     * @param before the tasks that there were before it
     * @param at when it was sent
     * @param why why its end is not known
     */
    private record Sent(Seats.Seat seat, Set<String> before, long at, String why) {}

    private Round round(GuestRef ref, Mark mark, Removal.Mode mode, Memory memory) throws InterruptedException {
        try {
            Looking.Seen seen = api.ask(talk -> looking.see(talk, ref));
            if (seen.sighting() instanceof Sighting.Absent absent) {
                return new Round.End(
                        memory.wasThere ? new Removal.Removed() : new Removal.WasAbsent(absent.evidence()));
            }
            if (seen.sighting() instanceof Sighting.Unknown unknown) {
                return new Round.Waits(unknown.reason());
            }
            Instance instance = seen.sighting().seen().orElseThrow();
            if (memory.wasThere && isHalfDestroyed(seen)) {
                String why = ref + " is half destroyed: nothing is left of its configuration but its lock";
                return memory.killed.isEmpty()
                        ? new Round.Waits(why)
                        : new Round.End(new Removal.Unknown(why + ", and " + memory.killed
                                + "; remove it by hand, and see what is left of its disks"));
            }
            if (!instance.mark().equals(Optional.of(mark))) {
                // An id that is used again, if we have destroyed it or it carries another mark. Else its tags may just
                // have
                // been edited.
                boolean other =
                        memory.destroyed || (memory.wasThere && instance.mark().isPresent());
                return new Round.End(
                        other
                                ? new Removal.Removed()
                                : new Removal.Kept("it does not carry the mark" + (memory.wasThere ? " any more" : "")
                                        + ": " + instance));
            }
            memory.wasThere = true;
            if (memory.sent != null) {
                return awaited(memory.sent, memory);
            }
            return seen.found().isPresent()
                    ? step(seen.found().get(), instance, mode, memory)
                    : new Round.End(new Removal.Unknown(
                            ref + " is on a node that is off or does not answer, where" + " nothing can be removed"));
        } catch (Trouble trouble) {
            LOG.debug("removal of {}: {}", ref, trouble.fault());
            return trouble.fault() instanceof Fault.Rejected
                    ? new Round.End(new Removal.Unknown(trouble.fault().detail()))
                    : new Round.Fails(trouble.fault().detail());
        }
    }

    /** PVE/LXC.pm: before disks are destroyed, {@code lock: destroyed} takes the place of all that is configured. */
    private static boolean isHalfDestroyed(Looking.Seen seen) {
        return seen.found()
                .flatMap(found -> found.guest().lock())
                .filter("destroyed"::equals)
                .isPresent();
    }

    private Round step(Looking.Found found, Instance instance, Removal.Mode mode, Memory memory)
            throws InterruptedException {
        Guest guest = found.guest();
        if (instance.guard().isPresent()) {
            return new Round.End(new Removal.Kept(instance.guard().get()));
        }
        if (guest.lock().isPresent()) {
            String why = guest.ref() + " is locked (" + guest.lock().get() + ")";
            return PASSING.contains(guest.lock().get())
                    ? new Round.Waits(why)
                    : new Round.End(new Removal.Kept(why + "; whoever locked it has to end first"));
        }
        if (mode == Removal.Mode.IF_STOPPED && !guest.state().isAtRest()) {
            return new Round.End(new Removal.Kept("it runs, or may run: " + instance));
        }
        if (guest.state() == InstanceState.UNKNOWN) {
            // Nor is it known then whether HA looks after it, whose guests are not to be stopped behind its back.
            return new Round.Fails("its node does not say what " + guest.ref() + " does");
        }
        Optional<String> changed = fence(found);
        if (changed.isPresent()) {
            return new Round.Fails(changed.get());
        }
        return guest.state().isAtRest() ? destroy(guest, mode, memory) : stop(guest, memory);
    }

    /** Empty if nobody has changed the guest since it was seen, and the cluster takes changes. */
    private Optional<String> fence(Looking.Found found) throws InterruptedException {
        Guest guest = found.guest();
        List<String> tags = new ArrayList<>(guest.tags());
        if (!tags.contains(Tags.GOING)) {
            tags.add(Tags.GOING);
        }
        Answer answer = api.change(talk -> {
            talk.cluster();
            return talk.put(guest.seat().path() + "/config", Map.of("tags", Tags.join(tags), "digest", found.digest()));
        });
        return answer.isGood() ? Optional.empty() : Optional.of(answer.text());
    }

    private Round stop(Guest guest, Memory memory) throws InterruptedException {
        Answer answer = api.change(talk -> {
            talk.cluster();
            return talk.post(guest.seat().path() + "/status/stop", Map.of());
        });
        return outcome(answer, memory);
    }

    private Round destroy(Guest guest, Removal.Mode mode, Memory memory) throws InterruptedException {
        Map<String, Tasks.Progress> known = tasks.destructions(guest.seat());
        Set<String> before = Set.copyOf(known.keySet());
        for (var one : known.entrySet()) {
            if (one.getValue() == Tasks.Progress.RUNS) {
                return destroyed(guest.seat(), before, tasks.end(one.getKey()), memory);
            }
        }
        Answer answer;
        try {
            answer = api.change(talk -> {
                talk.cluster();
                return talk.delete(guest.seat().path(), query(guest.type(), mode));
            });
        } catch (Trouble trouble) {
            if (trouble.fault().mayHaveHappened()) {
                return lost(guest.seat(), before, trouble.fault().detail(), memory);
            }
            throw trouble;
        }
        if (answer.isGood()) {
            return destroyed(guest.seat(), before, tasks.end(answer), memory);
        }
        return answer.isRefused() || answer.fault(Answer.Purpose.WRITE) instanceof Fault.Unreachable
                ? outcome(answer, memory)
                : lost(guest.seat(), before, answer.text(), memory);
    }

    private Round destroyed(Seats.Seat seat, Set<String> before, Tasks.End end, Memory memory) {
        if (end instanceof Tasks.End.Lost lost) {
            return lost(seat, before, lost.detail(), memory);
        }
        memory.sent = null;
        memory.destroyed |= end instanceof Tasks.End.Done;
        return outcome(end, memory);
    }

    private static Round lost(Seats.Seat seat, Set<String> before, String why, Memory memory) {
        if (memory.sent == null) {
            memory.sent = new Sent(seat, before, System.nanoTime(), why);
        }
        return new Round.Waits(why);
    }

    /** The guest is there still: what became of the request is for its task to say, if there is one. */
    private Round awaited(Sent sent, Memory memory) throws InterruptedException {
        for (String task : tasks.destructions(sent.seat()).keySet()) {
            if (!sent.before().contains(task)) {
                return destroyed(sent.seat(), sent.before(), tasks.end(task), memory);
            }
        }
        return System.nanoTime() - sent.at() > spans.late().toNanos()
                ? new Round.End(new Removal.Unknown(sent.seat().ref()
                        + " is there, and was asked to be destroyed: " + sent.why()
                        + "; it may be destroyed later still, so look at the tasks of its node before you ask again"))
                : new Round.Waits(sent.why());
    }

    /** One that was started in between is to be refused by the cluster itself, unless even one that runs is to go. */
    private Map<String, String> query(GuestType type, Removal.Mode mode) {
        Map<String, String> query = new LinkedHashMap<>();
        options.stream()
                .filter(option -> option.isFor(type))
                .filter(option -> option != DestroyOption.FORCE || mode == Removal.Mode.EVEN_IF_RUNNING)
                .forEach(option -> query.put(option.parameter(), "1"));
        return query;
    }

    /** What came of it is for the next look to say. */
    private Round outcome(Answer answer, Memory memory) throws InterruptedException {
        if (!answer.isGood()) {
            Fault fault = answer.fault(Answer.Purpose.WRITE);
            return fault instanceof Fault.Rejected
                    ? new Round.End(new Removal.Unknown(fault.detail()))
                    : new Round.Fails(answer.text());
        }
        return outcome(tasks.end(answer), memory);
    }

    private static Round outcome(Tasks.End end, Memory memory) {
        if (end instanceof Tasks.End.Failed failed) {
            return new Round.Fails(failed.detail());
        }
        if (end instanceof Tasks.End.Killed killed) {
            memory.killed = killed.detail();
            return new Round.Fails(killed.detail());
        }
        return new Round.Waits(end instanceof Tasks.End.Lost lost ? lost.detail() : "");
    }
}
