package dev.berth.proxmox;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is ours. A destroying request has no precondition of its own, and without quorum it deletes the disk and
 * then fails (facts of 9.2), so it is sent through a {@link Fence}. Gone is what the cluster says is gone.
 *
 * <p>A request without an answer may be carried out minutes later, when the number may be another guest's, so there is never
 * a second beside it: neither in this call, nor in a later one of whatever process, for which the fence leaves a tag.
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
    private final Clock clock;
    private final Fence fence;

    Removing(Api api, Looking looking, Tasks tasks, Set<DestroyOption> options, Spans spans, Clock clock) {
        this.api = api;
        this.clock = clock;
        this.fence = new Fence(api, spans);
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
        var memory = new Pending();
        int failures = 0;
        String last = "";
        for (int round = 0; ; round++) {
            Round next = round(ref, mark, mode, memory);
            if (next instanceof Round.End end) {
                return ended(ref, mark, end.removal(), memory);
            }
            if (next instanceof Round.Fails fails) {
                failures++;
                last = fails.why();
            } else if (next instanceof Round.Waits waits) {
                last = waits.why().isEmpty() ? last : waits.why();
            }
            if (failures > MOST_FAILURES || System.nanoTime() - begun > GONE_WITHIN.toNanos()) {
                return ended(ref, mark, new Removal.Unknown(ref + " could not be removed: " + last), memory);
            }
            TimeUnit.MILLISECONDS.sleep(Math.min(FIRST_PAUSE_MILLIS << Math.min(round, 10), LONGEST_PAUSE_MILLIS));
        }
    }

    private Round round(GuestRef ref, Mark mark, Removal.Mode mode, Pending memory) throws InterruptedException {
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
                                + "; see at its node what is left of it, and remove that by hand"));
            }
            if (!instance.mark().equals(Optional.of(mark))) {
                // An id that is used again, if we have destroyed it or it carries another mark. Else its tags may have
                // been
                // edited.
                boolean other =
                        memory.destroyed || (memory.wasThere && instance.mark().isPresent());
                return new Round.End(
                        other
                                ? new Removal.Removed()
                                : new Removal.Kept("it does not carry the mark" + (memory.wasThere ? " any more" : "")
                                        + ": " + instance));
            }
            memory.wasThere = true;
            if (memory.sent == null && seen.found().isPresent()) {
                memory.sent = sentBefore(seen.found().get().guest(), memory);
            }
            if (memory.sent != null) {
                return awaited(memory.sent, memory);
            }
            return seen.found().isPresent()
                    ? step(seen.found().get(), instance, mark, mode, memory)
                    : new Round.End(new Removal.Unknown(
                            ref + " is on a node that is off or does not answer, where" + " nothing can be removed"));
        } catch (Trouble trouble) {
            LOG.debug("removal of {}: {}", ref, trouble.fault());
            return trouble.isClosed() || trouble.fault() instanceof Fault.Rejected
                    ? new Round.End(new Removal.Unknown(trouble.fault().detail() + memory.asked()))
                    : new Round.Fails(trouble.fault().detail());
        }
    }

    /**
     * PVE/LXC.pm, destroy_lxc_container: once the disks are destroyed, {@code lock: destroyed} takes the place of all that is
     * configured. Killed before that, it leaves a guest with its tags and without a disk, which is destroyed like any other.
     */
    private static boolean isHalfDestroyed(Looking.Seen seen) {
        return seen.found()
                .flatMap(found -> found.guest().lock())
                .filter("destroyed"::equals)
                .isPresent();
    }

    private Round step(Looking.Found found, Instance instance, Mark mark, Removal.Mode mode, Pending memory)
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
        if (!guest.state().isAtRest()) {
            return stop(found, mark, memory);
        }
        memory.stop = null;
        return destroy(found, mark, mode, memory);
    }

    // ------------------------------------------------------------------ stopping

    private Round stop(Looking.Found found, Mark mark, Pending memory) throws InterruptedException {
        Guest guest = found.guest();
        if (memory.stop != null) {
            // A second one might stop whoever has the number when the first is carried out.
            return isOver(memory.stop)
                    ? new Round.End(
                            new Removal.Unknown(guest.ref() + " runs, and was asked to stop: " + memory.stop.why()))
                    : new Round.Waits(memory.stop.why());
        }
        Fence.Way way = fence.pass(
                found,
                mark,
                Tags.going(guest.tags(), Optional.of(Tags.GOING)),
                (talk, until) -> talk.post(guest.seat().path() + "/status/stop", Map.of(), until));
        if (way instanceof Fence.Way.Barred barred) {
            return new Round.Fails(barred.why());
        }
        if (way instanceof Fence.Way.Answered told) {
            Answer answer = told.answer();
            if (answer.isGood()) {
                Tasks.End end = tasks.end(answer);
                return end instanceof Tasks.End.Lost lost ? late(lost.detail(), memory) : outcome(end, memory);
            }
            return isNothingDone(answer) ? refused(answer) : late(answer.text(), memory);
        }
        return late(((Fence.Way.Unanswered) way).why(), memory);
    }

    private static Round late(String why, Pending memory) {
        memory.stop = new Pending.Late(System.nanoTime(), why);
        return new Round.Waits(why);
    }

    private boolean isOver(Pending.Late late) {
        return System.nanoTime() - late.at() > spans.late().toNanos();
    }

    // ------------------------------------------------------------------ destroying

    private Round destroy(Looking.Found found, Mark mark, Removal.Mode mode, Pending memory)
            throws InterruptedException {
        Guest guest = found.guest();
        // All that takes its time is asked before the fence.
        List<Tasks.Listed> known = tasks.destructions(guest.seat());
        Set<String> before = known.stream().map(Tasks.Listed::upid).collect(Collectors.toSet());
        for (Tasks.Listed one : known) {
            if (memory.runs(one)) {
                return destroyed(guest.seat(), before, one.upid(), tasks.end(one.upid()), memory);
            }
        }
        var asked = new Tags.Asked(
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                known.stream().mapToLong(Tasks.Listed::begun).max().orElse(0));
        memory.own.add(asked);
        Fence.Way way = fence.pass(
                found,
                mark,
                Tags.going(guest.tags(), Optional.of(asked.tag())),
                (talk, until) -> talk.delete(guest.seat().path(), query(guest.type(), mode), until));
        if (way instanceof Fence.Way.Barred barred) {
            return new Round.Fails(barred.why());
        }
        if (way instanceof Fence.Way.Answered told) {
            Answer answer = told.answer();
            if (answer.isGood()) {
                return destroyed(guest.seat(), before, Tasks.upid(answer), tasks.end(answer), memory);
            }
            return isNothingDone(answer) ? refused(answer) : lost(guest.seat(), before, answer.text(), memory);
        }
        return lost(guest.seat(), before, ((Fence.Way.Unanswered) way).why(), memory);
    }

    private Round destroyed(Seats.Seat seat, Set<String> before, String upid, Tasks.End end, Pending memory) {
        if (end instanceof Tasks.End.Lost lost) {
            return lost(seat, before, lost.detail(), memory);
        }
        memory.ended.add(upid);
        memory.sent = null;
        memory.destroyed |= end instanceof Tasks.End.Done;
        return outcome(end, memory);
    }

    private static Round lost(Seats.Seat seat, Set<String> before, String why, Pending memory) {
        if (memory.sent == null) {
            memory.sent = new Pending.Sent(seat, before, -1, new Pending.Late(System.nanoTime(), why));
        }
        return new Round.Waits(why);
    }

    /**
     * What an earlier call, perhaps of a process that has died since, was about to ask; null if none was, or so long ago that
     * nothing comes of it any more, or its task has ended: then what is there may be asked for anew.
     */
    private Pending.@Nullable Sent sentBefore(Guest guest, Pending memory) throws InterruptedException {
        Optional<Tags.Asked> asked = Tags.asked(guest.tags()).filter(one -> !memory.own.contains(one));
        if (asked.isEmpty()) {
            return null;
        }
        Duration ago = Duration.between(asked.get().at(), clock.instant());
        if (ago.compareTo(spans.asked()) >= 0) {
            return null;
        }
        var sent = new Pending.Sent(
                guest.seat(),
                Set.of(),
                asked.get().task(),
                // One that is late already is not waited for: a reaper asks again and again.
                new Pending.Late(
                        System.nanoTime() - (ago.isNegative() ? 0 : ago.toNanos()),
                        "another call was about to, at " + asked.get().at() + ", and did not say what came of it"));
        for (Tasks.Listed task : tasks.destructions(guest.seat())) {
            if (sent.isOf(task) && !memory.runs(task)) {
                memory.own.add(asked.get());
                return null;
            }
        }
        return sent;
    }

    /** The guest is there still: what became of the request is for its task to say, if there is one. */
    private Round awaited(Pending.Sent sent, Pending memory) throws InterruptedException {
        for (Tasks.Listed task : tasks.destructions(sent.seat())) {
            if (sent.isOf(task)) {
                return destroyed(sent.seat(), sent.before(), task.upid(), tasks.end(task.upid()), memory);
            }
        }
        return isOver(sent.late())
                ? new Round.End(new Removal.Unknown(sent.seat().ref()
                        + " is there, and was asked to be destroyed: "
                        + sent.late().why()
                        + "; it may be destroyed later still, so nobody asks again for " + spans.asked()
                        + ": to have it asked at once, look at the tasks of its node, and take the tag that begins with "
                        + Tags.GOING + " off it"))
                : new Round.Waits(sent.late().why());
    }

    // ------------------------------------------------------------------ what came of it

    /** Takes off what the fence has left on a guest that stays, and of which nobody waits for anything. */
    private Removal ended(GuestRef ref, Mark mark, Removal removal, Pending memory) throws InterruptedException {
        if (removal.isGone() || memory.mayBeLate() || !memory.wasThere) {
            return removal;
        }
        try {
            Optional<Looking.Found> found = api.ask(talk -> looking.see(talk, ref))
                    .found()
                    .filter(one -> isOursToTakeOff(one.guest(), mark, memory));
            if (found.isPresent()) {
                Guest guest = found.get().guest();
                api.change(talk -> {
                    talk.cluster();
                    return talk.put(
                            guest.seat().path() + "/config",
                            Map.of(
                                    "tags",
                                    Tags.join(Tags.going(guest.tags(), Optional.empty())),
                                    "digest",
                                    found.get().digest()));
                });
            }
        } catch (Trouble trouble) {
            LOG.debug("{} keeps the tag {}: {}", ref, Tags.GOING, trouble.fault());
        }
        return removal;
    }

    private static boolean isOursToTakeOff(Guest guest, Mark mark, Pending memory) {
        return guest.tags().stream().anyMatch(tag -> tag.startsWith(Tags.GOING))
                && guest.instance().mark().equals(Optional.of(mark))
                && Tags.asked(guest.tags()).map(memory.own::contains).orElse(true);
    }

    private static boolean isNothingDone(Answer answer) {
        return answer.isRefused() || answer.fault(Answer.Purpose.WRITE) instanceof Fault.Unreachable;
    }

    private static Round refused(Answer answer) {
        Fault fault = answer.fault(Answer.Purpose.WRITE);
        return fault instanceof Fault.Rejected
                ? new Round.End(new Removal.Unknown(fault.detail()))
                : new Round.Fails(answer.text());
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

    /** The rest is for the next look to say. */
    private static Round outcome(Tasks.End end, Pending memory) {
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
