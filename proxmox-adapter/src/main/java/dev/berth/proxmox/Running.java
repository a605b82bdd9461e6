package dev.berth.proxmox;

import dev.berth.runtime.Health;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Starts and stops guests. Whatever a request or its task says, the guest itself is looked at afterwards. */
final class Running {
    private static final int ROUNDS = 5;
    private static final long PAUSE_MILLIS = 100;

    private final Api api;
    private final Looking looking;
    private final Tasks tasks;
    private final Duration graceful;
    private final Spans spans;

    Running(Api api, Looking looking, Tasks tasks, Duration graceful, Spans spans) {
        this.api = api;
        this.looking = looking;
        this.tasks = tasks;
        this.graceful = graceful;
        this.spans = spans;
    }

    void start(GuestRef ref) throws InterruptedException {
        Looking.Found before = unmarkedNew(ref);
        if (before.guest().state().isLiving()) {
            return;
        }
        change(before, "start", Map.of(), InstanceState.RUNNING);
    }

    void stop(GuestRef ref) throws InterruptedException {
        Looking.Found before = found(ref);
        if (before.guest().state().isAtRest()) {
            return;
        }
        if (graceful.isZero()) {
            change(before, "stop", Map.of(), InstanceState.STOPPED);
            return;
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("timeout", Long.toString(Math.max(1, graceful.toSeconds())));
        form.put("forceStop", "1");
        change(before, "shutdown", form, InstanceState.STOPPED);
    }

    Health health(GuestRef ref) throws InterruptedException {
        InstanceState state = found(ref).guest().state();
        return switch (state) {
            case RUNNING -> new Health(Health.Verdict.UNCHECKED, "it runs, and Proxmox VE has no checks");
            case UNKNOWN -> new Health(Health.Verdict.UNKNOWN, "its node does not say whether it runs");
            default -> new Health(Health.Verdict.UNHEALTHY, "it does not run: " + state);
        };
    }

    /** A guest with its configuration, or why there is none. */
    private Looking.Found found(GuestRef ref) throws InterruptedException {
        Looking.Seen seen = api.ask(talk -> looking.see(talk, ref));
        if (seen.sighting() instanceof Sighting.Absent absent) {
            throw Trouble.missing(absent.evidence());
        }
        return seen.found()
                .orElseThrow(() -> seen.sighting() instanceof Sighting.Unknown unknown
                        ? Trouble.unanswered(unknown.reason(), null)
                        : Trouble.unreachable(ref + " is on a node that does not answer", null));
    }

    /** Takes off the tag of guests that were never started, unless somebody has changed the guest at that moment. */
    private Looking.Found unmarkedNew(GuestRef ref) throws InterruptedException {
        Looking.Found found = found(ref);
        for (int round = 0; round < ROUNDS && found.guest().tags().contains(Tags.NEW); round++) {
            if (found.guest().state().isLiving()) {
                return found;
            }
            Answer answer = retag(found, Tags.join(Tags.without(found.guest().tags(), Tags.NEW)));
            if (!answer.isGood() && answer.status() != 500) {
                // That it looks as if it had never been started harms nobody.
                return found;
            }
            found = found(ref);
        }
        return found;
    }

    private Answer retag(Looking.Found found, String tags) throws InterruptedException {
        try {
            return api.change(talk -> {
                talk.cluster();
                return talk.put(
                        found.guest().seat().path() + "/config", Map.of("tags", tags, "digest", found.digest()));
            });
        } catch (Trouble trouble) {
            throw trouble.fault().mayHaveHappened()
                    ? Trouble.unanswered(trouble.fault().detail(), trouble)
                    : trouble;
        }
    }

    /** What is known of a request's outcome before the guest is looked at. */
    private enum Told {
        DONE,
        REFUSED,
        NOTHING
    }

    /** The outcome, and what was said. */
    private record Word(Told told, String detail) {}

    private void change(Looking.Found before, String verb, Map<String, String> form, InstanceState wanted)
            throws InterruptedException {
        Guest guest = before.guest();
        var sent = new AtomicBoolean();
        try {
            confirm(guest.ref(), verb, wanted, asked(guest, verb, form, sent));
        } catch (Trouble trouble) {
            throw trouble.isClosed() && sent.get()
                    ? Trouble.unknown(verb + " of " + guest.ref()
                            + ": this runtime was closed before it was known what came of it")
                    : trouble;
        }
    }

    private Word asked(Guest guest, String verb, Map<String, String> form, AtomicBoolean sent)
            throws InterruptedException {
        Answer answer;
        try {
            answer = api.change(talk -> {
                talk.cluster();
                return talk.post(guest.seat().path() + "/status/" + verb, form);
            });
        } catch (Trouble trouble) {
            if (trouble.fault().mayHaveHappened()) {
                sent.set(true);
                return new Word(Told.NOTHING, trouble.fault().detail());
            }
            throw trouble;
        }
        sent.set(true);
        if (answer.isGood()) {
            Tasks.End end = tasks.end(answer);
            if (end instanceof Tasks.End.Failed failed) {
                return new Word(Told.REFUSED, failed.detail());
            }
            if (end instanceof Tasks.End.Killed killed) {
                return new Word(Told.NOTHING, killed.detail());
            }
            return end instanceof Tasks.End.Lost lost
                    ? new Word(Told.NOTHING, lost.detail())
                    : new Word(Told.DONE, "its task is done");
        }
        if (answer.status() == 500) {
            return new Word(Told.REFUSED, answer.text());
        }
        if (answer.fault(Answer.Purpose.WRITE).mayHaveHappened()) {
            return new Word(Told.NOTHING, answer.text());
        }
        throw Trouble.of(answer.fault(Answer.Purpose.WRITE));
    }

    /** What has become of it: it is as it should be, or it is known that it was refused, or it is not known. */
    private void confirm(GuestRef ref, String verb, InstanceState wanted, Word word) throws InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            Guest now = found(ref).guest();
            boolean reached = wanted == InstanceState.RUNNING
                    ? now.state().isLiving()
                    : now.state().isAtRest();
            // What was started and has ended since was started.
            if (reached || (word.told() == Told.DONE && wanted == InstanceState.RUNNING)) {
                return;
            }
            if (word.told() == Told.REFUSED) {
                throw now.lock().isPresent()
                        ? Trouble.busy(ref + " is locked (" + now.lock().get() + "): " + word.detail())
                        : Trouble.rejected(word.detail());
            }
            if (System.nanoTime() - begun > spans.shown().toNanos()) {
                throw Trouble.unknown(verb + " of " + ref + ": " + word.detail() + "; it is " + now.state());
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }
}
