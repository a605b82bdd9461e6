package dev.berth.proxmox;

import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Creates guests. What a cluster never has twice is a guest's number, so that is what the name of a deployment must be. A
 * request without an answer may be carried out minutes later; asked again with the same number it meets itself.
 */
final class Creating {
    private static final int MOST_NUMBERS = 32;
    private static final Duration MADE_WITHIN = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 100;
    private static final String CLOSED = "this runtime was closed before it was known what came of it";

    private final Api api;
    private final Looking looking;
    private final Tasks tasks;
    private final Seats seats;
    private final Spans spans;
    private final AskedFor asked = new AskedFor();

    Creating(Api api, Looking looking, Tasks tasks, Seats seats, Spans spans) {
        this.api = api;
        this.looking = looking;
        this.tasks = tasks;
        this.seats = seats;
        this.spans = spans;
    }

    String create(Deployment<GuestSpec> deployment) throws InterruptedException {
        if (!deployment.publications().isEmpty()) {
            throw Trouble.rejected("Proxmox VE publishes no ports of a host, so " + deployment.publications()
                    + " cannot be; claim the ports, and let the guest or a proxy open them");
        }
        if (deployment.name().isPresent()) {
            String name = deployment.name().get();
            int number = GuestRef.number(name)
                    .orElseThrow(() -> Trouble.rejected("\"" + name + "\" is no guest id, " + GuestRef.LEAST + " to "
                            + GuestRef.MOST + ": name the instance by the part that holds its guest id, and give the"
                            + " host name to the specification"));
            return create(deployment, number);
        }
        return unnamed(deployment);
    }

    /** Takes the cluster's own proposal. It reserves nothing, so another may be quicker, again and again. */
    private String unnamed(Deployment<GuestSpec> deployment) throws InterruptedException {
        Trouble held = Trouble.busy("no id was proposed");
        for (int round = 0; round < MOST_NUMBERS; round++) {
            Answer proposed = api.ask(talk -> {
                talk.cluster();
                return talk.get("/cluster/nextid");
            });
            int number = GuestRef.number(proposed.goodOr(() -> Trouble.of(proposed.fault(Answer.Purpose.READ)))
                            .asString(""))
                    .orElseThrow(() -> Trouble.unknown(proposed.text() + ", and proposed no id"));
            try {
                return create(deployment, number);
            } catch (Trouble trouble) {
                if (!(trouble.fault() instanceof dev.berth.runtime.Fault.NameHeld)) {
                    throw trouble;
                }
                held = trouble;
            }
        }
        throw Trouble.busy("others were quicker " + MOST_NUMBERS + " times: "
                + held.fault().detail());
    }

    private String create(Deployment<GuestSpec> deployment, int number) throws InterruptedException {
        GuestSpec spec = deployment.spec();
        Map<String, String> form = form(deployment, number);
        GuestRef ref = GuestRef.of(spec.type(), number);
        Answer answer;
        boolean again = asked.again(deployment.mark(), number);
        try {
            answer = api.change(talk -> {
                talk.cluster();
                return talk.post(Talk.node(spec.node()) + "/" + spec.type().word(), form);
            });
        } catch (Trouble trouble) {
            if (trouble.fault().mayHaveHappened()) {
                return lost(ref, deployment, trouble.fault().detail());
            }
            throw trouble;
        }
        if (answer.isGood()) {
            // That is where it will be: looking there first saves a list of the whole cluster.
            seats.note(new Seats.Seat(spec.node(), spec.type(), number));
            try {
                return made(ref, deployment, tasks.end(answer));
            } catch (Trouble trouble) {
                throw trouble.isClosed() ? Trouble.unknown(ref + " was asked for: " + CLOSED) : trouble;
            }
        }
        if (answer.mayHaveBegun()) {
            return lost(ref, deployment, answer.text());
        }
        // 403 also comes for the id of a guest that the credentials may not see.
        if (answer.status() == 500 || answer.status() == 403) {
            if (!again) {
                asked.forget(deployment.mark(), number);
            }
            return refused(ref, deployment, answer, again);
        }
        if (answer.fault(Answer.Purpose.WRITE).mayHaveHappened()) {
            return lost(ref, deployment, answer.text());
        }
        throw Trouble.of(answer.fault(Answer.Purpose.WRITE));
    }

    private static Map<String, String> form(Deployment<GuestSpec> deployment, int number) {
        GuestSpec spec = deployment.spec();
        List<String> tags = new ArrayList<>(spec.tags());
        tags.addAll(Tags.of(number, deployment.mark(), deployment.allLabels()));
        var form = new LinkedHashMap<>(spec.parameters());
        form.put("vmid", Integer.toString(number));
        form.put("tags", Tags.join(tags));
        return form;
    }

    // ------------------------------------------------------------------ what came of it

    private String made(GuestRef ref, Deployment<GuestSpec> deployment, Tasks.End end) throws InterruptedException {
        // Of one that was killed nothing more will come.
        Looking.Seen seen = awaitMade(ref, end instanceof Tasks.End.Killed ? spans.shown() : MADE_WITHIN);
        if (isOurs(seen, deployment.mark())) {
            if (end instanceof Tasks.End.Done) {
                return here(ref, deployment);
            }
            throw Trouble.unknown(ref + " is there, but " + detail(end));
        }
        if (end instanceof Tasks.End.Failed failed && seen.sighting() instanceof Sighting.Absent) {
            throw Trouble.rejected(failed.detail());
        }
        throw Trouble.unknown(ref + " is not as it should be: " + detail(end) + "; " + seen.sighting());
    }

    private static String detail(Tasks.End end) {
        if (end instanceof Tasks.End.Failed failed) {
            return failed.detail();
        }
        if (end instanceof Tasks.End.Killed killed) {
            return killed.detail();
        }
        return end instanceof Tasks.End.Lost lost ? lost.detail() : "its task is done";
    }

    private String here(GuestRef ref, Deployment<GuestSpec> deployment) {
        seats.note(new Seats.Seat(deployment.spec().node(), deployment.spec().type(), ref.number()));
        return ref.id();
    }

    /** The answer says no, and only the cluster can say why: whoever has the id now had it first. */
    private String refused(GuestRef ref, Deployment<GuestSpec> deployment, Answer answer, boolean again)
            throws InterruptedException {
        Looking.Seen seen = look(GuestRef.unseen(ref.number()));
        if (seen.sighting() instanceof Sighting.Unknown unknown) {
            // What this attempt has asked for before may be what is made there, wherever that is, and whatever tasks
            // are told.
            Optional<Guest> holder = again ? Optional.empty() : another(deployment.spec(), ref.number());
            if (holder.isPresent()) {
                throw Trouble.nameHeld("the guest id " + ref.number() + " is that of "
                        + holder.get().id() + " on " + holder.get().node() + ", which nobody has asked for here: "
                        + unknown.reason());
            }
            seen = awaitMade(GuestRef.unseen(ref.number()), MADE_WITHIN);
        }
        if (isOurs(seen, deployment.mark())) {
            return here(ref, deployment);
        }
        if (seen.sighting() instanceof Sighting.Present present) {
            GuestRef holder = GuestRef.parse(present.instance().id()).orElse(GuestRef.unseen(ref.number()));
            throw Trouble.nameHeld(holder, "the guest id " + ref.number() + " is that of " + present.instance());
        }
        if (seen.sighting() instanceof Sighting.Absent) {
            throw answer.status() == 500
                    ? Trouble.rejected(answer.text())
                    : Trouble.of(answer.fault(Answer.Purpose.WRITE));
        }
        throw Trouble.busy(answer.text() + "; " + ((Sighting.Unknown) seen.sighting()).reason());
    }

    /**
     * The guest that has a number, where it cannot be what an attempt makes that asks for the number for the first time: it is
     * of another kind or on another node than was asked for, or its node knows of no task of these credentials that may be
     * making it. Empty where that is not certain.
     */
    private Optional<Guest> another(GuestSpec spec, int number) throws InterruptedException {
        try {
            Optional<Guest> holder = unmarked(number);
            if (holder.isEmpty()
                    || holder.get().type() != spec.type()
                    || !holder.get().node().equals(spec.node())) {
                return holder;
            }
            List<Tasks.Listed> own = tasks.creations(holder.get().seat()).stream()
                    .filter(Tasks.Listed::isOwn)
                    .toList();
            // One that was cut off may have left it half made. One that ended well has made a whole guest, long ago
            // perhaps,
            // so what has the number and is in the making after that is another; a number is created once at a time.
            return own.stream().allMatch(Tasks.Listed::isDone)
                    ? (own.isEmpty() ? holder : unmarked(number).filter(Creating::isInTheMaking))
                    : Optional.empty();
        } catch (Trouble trouble) {
            if (trouble.isClosed()) {
                throw trouble;
            }
            return Optional.empty();
        }
    }

    /** The guest that has a number, unless its tags tell whose it is: then that is not for guessing. */
    private Optional<Guest> unmarked(int number) throws InterruptedException {
        return Optional.ofNullable(api.ask(talk -> {
                            talk.cluster();
                            return Listing.rows(talk);
                        })
                        .get(number))
                .filter(one -> one.instance().mark().isEmpty());
    }

    private static boolean isInTheMaking(Guest guest) {
        return guest.lock().filter("create"::equals).isPresent();
    }

    /** Looked up for a moment; whoever asks again with the same number meets what came of it. */
    private String lost(GuestRef ref, Deployment<GuestSpec> deployment, String detail) throws InterruptedException {
        long begun = System.nanoTime();
        try {
            do {
                Looking.Seen seen = awaitMade(ref, MADE_WITHIN);
                if (isOurs(seen, deployment.mark())) {
                    return here(ref, deployment);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } while (System.nanoTime() - begun < spans.shown().toNanos());
        } catch (Trouble closed) {
            throw Trouble.unknown(detail + "; " + CLOSED);
        }
        throw Trouble.unknown(detail);
    }

    /** Looks until the guest, whosever it is, is no longer in the making: before that it has no tags. */
    private Looking.Seen awaitMade(GuestRef ref, Duration span) throws InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            Looking.Seen seen = look(ref);
            if (!(seen.sighting() instanceof Sighting.Unknown) || System.nanoTime() - begun > span.toNanos()) {
                return seen;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    private Looking.Seen look(GuestRef ref) throws InterruptedException {
        try {
            return api.ask(talk -> looking.see(talk, ref));
        } catch (Trouble trouble) {
            if (trouble.isClosed()) {
                throw trouble;
            }
            return new Looking.Seen(new Sighting.Unknown(trouble.fault().detail()), Optional.empty());
        }
    }

    private static boolean isOurs(Looking.Seen seen, Mark mark) {
        return seen.sighting()
                .seen()
                .filter(instance -> instance.mark().equals(Optional.of(mark)))
                .isPresent();
    }
}
