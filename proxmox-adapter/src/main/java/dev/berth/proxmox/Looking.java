package dev.berth.proxmox;

import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Looks at one guest. That there is none is said only by the cluster itself, asked for that id, between two proofs that the
 * node which answers has quorum and between two answers that a guest known to be there is there. An error never says it.
 */
final class Looking {
    private static final Duration INSTANT = Duration.ofMillis(50);
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final int NO_SUCH_FILE = 500;
    private static final Pattern CREATED = Pattern.compile("(?:^|,)ctime=(\\d{1,11})(?:,|$)");

    private final Seats seats;
    private final OptionalInt canary;
    private final Spans spans;

    Looking(Seats seats, OptionalInt canary, Spans spans) {
        this.seats = seats;
        this.canary = canary;
        this.spans = spans;
    }

    /**
     * What was seen.
     *
     * @param sighting what it means
     * @param found where it is and how it is configured, if that could be read
     */
    record Seen(Sighting sighting, Optional<Found> found) {
        private static Seen unknown(String reason) {
            return new Seen(new Sighting.Unknown(reason), Optional.empty());
        }

        private static Seen absent(String evidence) {
            return new Seen(new Sighting.Absent(evidence), Optional.empty());
        }
    }

    /**
     * A guest whose configuration was read.
     *
     * @param guest as it is
     * @param digest what changes with its configuration
     */
    record Found(Guest guest, String digest) {}

    Seen see(Talk talk, GuestRef ref) throws InterruptedException {
        ClusterStatus status = talk.cluster();
        Optional<Seats.Seat> seat = seats.of(ref).filter(known -> status.isOnline(known.node()));
        if (seat.isPresent()) {
            Optional<Seen> seen = read(talk, seat.get(), Optional.empty());
            if (seen.isPresent()) {
                return seen.get();
            }
        }
        Optional<Seen> gone = asked(talk, ref);
        if (gone.isPresent()) {
            return gone.get();
        }
        Seen seen = searched(talk, ref, status);
        // What is listed and not there was removed, or has moved, between the two questions.
        return seen.found().isEmpty() && !(seen.sighting() instanceof Sighting.Absent)
                ? searched(talk, ref, status)
                : seen;
    }

    /** Without the list of all guests, which is long in a large cluster; empty if that settles nothing. */
    private Optional<Seen> asked(Talk talk, GuestRef ref) throws InterruptedException {
        OptionalInt witness = canary.isPresent() ? canary : seats.other(ref.number());
        if (witness.isEmpty() || talk.taken(ref.number()) == Talk.Taken.TAKEN) {
            return Optional.empty();
        }
        // A witness of our own choice may be gone since; then the list names another.
        if (canary.isEmpty() && talk.taken(witness.getAsInt()) == Talk.Taken.FREE) {
            return Optional.empty();
        }
        return Optional.of(unlisted(talk, ref, witness));
    }

    private Seen searched(Talk talk, GuestRef ref, ClusterStatus status) throws InterruptedException {
        Map<Integer, Guest> rows = Listing.rows(talk);
        Guest row = rows.get(ref.number());
        return row == null ? unlisted(talk, ref, witness(ref, rows)) : listed(talk, ref, status, row);
    }

    private Seen listed(Talk talk, GuestRef ref, ClusterStatus status, Guest row) throws InterruptedException {
        if (ref.type().isPresent() && ref.type().get() != row.type()) {
            // The list has quorum behind it, and an id is never a container's and a machine's at once.
            talk.conclude();
            return Seen.absent("the id " + ref.number() + " is that of " + row.id() + " now");
        }
        seats.note(row.seat());
        String why = "its node " + row.node() + " is off";
        if (status.isOnline(row.node())) {
            Optional<Seen> seen = read(talk, row.seat(), Optional.of(row));
            if (seen.isPresent()) {
                return seen.get();
            }
            why = "its configuration cannot be read on " + row.node();
        }
        return Tags.read(row.number(), row.tags()).mark().isPresent()
                ? new Seen(new Sighting.Present(row.instance()), Optional.empty())
                : Seen.unknown(ref.id() + " is there, but " + why + ", so what it is cannot be told");
    }

    /** Empty where the node has no such guest, or does not answer. */
    private static Optional<Seen> read(Talk talk, Seats.Seat seat, Optional<Guest> row) throws InterruptedException {
        Answer config = talk.get(seat.path() + "/config");
        if (!config.isGood() || Answer.text(config.data(), "digest").isEmpty()) {
            return Optional.empty();
        }
        JsonNode told = config.data();
        Optional<String> lock = Listing.lock(told);
        var tags = Tags.split(Answer.text(told, "tags"));
        if (lock.filter("create"::equals).isPresent()
                && Tags.read(seat.number(), tags).mark().isEmpty()) {
            return Optional.of(
                    Seen.unknown(seat.ref() + " is being made or restored, so whose it is cannot be told yet"));
        }
        JsonNode now = talk.get(seat.path() + "/status/current").data();
        JsonNode ha = now.path("ha");
        String managed = Answer.flag(ha.path("managed")) ? ha.path("state").asString("managed") : "";
        Guest guest = new Guest(
                seat.number(),
                seat.type(),
                seat.node(),
                Guest.name(Answer.text(told, seat.type().nameParameter()), seat.number()),
                Guest.state(Answer.text(now, "status"), Answer.text(now, "qmpstatus"), lock, tags),
                tags,
                lock,
                Listing.guard(Answer.flag(told.path("template")), Answer.flag(told.path("protection")), managed)
                        .or(() -> row.flatMap(Guest::guard)),
                madeAt(told));
        return Optional.of(new Seen(
                new Sighting.Present(guest.instance()), Optional.of(new Found(guest, Answer.text(told, "digest")))));
    }

    /**
     * When a machine was made: from 7.1 on its configuration has {@code meta: creation-qemu=9.2.0,ctime=1756890694}, written by
     * the worker that makes it, and by nothing else; a restored one has that of its backup (qemu-server, {@code
     * new_meta_info_string}). Containers have nothing of the kind.
     */
    private static Optional<Instant> madeAt(JsonNode config) {
        Matcher time = CREATED.matcher(Answer.text(config, "meta"));
        return time.find() ? Optional.of(Instant.ofEpochSecond(Long.parseLong(time.group(1)))) : Optional.empty();
    }

    // ------------------------------------------------------------------ what is not listed

    private OptionalInt witness(GuestRef ref, Map<Integer, Guest> rows) {
        return canary.isPresent()
                ? canary
                : rows.keySet().stream()
                        .mapToInt(Integer::intValue)
                        .filter(number -> number != ref.number())
                        .findFirst();
    }

    private Seen unlisted(Talk talk, GuestRef ref, OptionalInt witness) throws InterruptedException {
        requireThere(talk, witness);
        if (talk.taken(ref.number()) == Talk.Taken.TAKEN) {
            return hidden(ref);
        }
        // A guest that moves to another node is nowhere for an instant. And where nothing else is known to be there,
        // time
        // has to be the witness: the cluster's file system, when it comes up, has no guests for a moment.
        TimeUnit.MILLISECONDS.sleep((witness.isPresent() ? INSTANT : MOMENT).toMillis());
        requireThere(talk, witness);
        if (talk.taken(ref.number()) == Talk.Taken.TAKEN) {
            return hidden(ref);
        }
        if (witness.isEmpty()) {
            requireUnwritten(talk, ref);
        }
        ClusterStatus status = talk.conclude();
        seats.forget(ref.number());
        return Seen.absent("node " + status.local() + " of " + status.cluster().orElse("no cluster")
                + ", which has quorum, says that the id " + ref.number() + " is free"
                + (witness.isPresent() ? ", and that " + witness.getAsInt() + " is not" : ", and knows of no guest"));
    }

    private static void requireThere(Talk talk, OptionalInt witness) throws InterruptedException {
        if (witness.isPresent() && talk.taken(witness.getAsInt()) == Talk.Taken.FREE) {
            throw Trouble.unanswered(
                    "the cluster says that guest " + witness.getAsInt()
                            + " is not there, which should be: it does not see its guests",
                    null);
        }
    }

    /** No node has a configuration of that id, which is read from its file and not from the list of guests. */
    private void requireUnwritten(Talk talk, GuestRef ref) throws InterruptedException {
        List<String> paths = new ArrayList<>();
        for (String node : talk.cluster().online().keySet()) {
            for (GuestType type : GuestType.values()) {
                paths.add(Talk.guest(node, type, ref.number()) + "/config");
            }
        }
        Map<String, Answer> answers = talk.getAll(paths, spans.node());
        for (String path : paths) {
            Answer answer = answers.get(path);
            // PVE says with a 500 that there is no such file; silence, or a node that cannot be reached, says nothing.
            if (answer == null || answer.status() != NO_SUCH_FILE) {
                throw Trouble.unanswered(
                        answer != null && answer.isGood()
                                ? "the cluster lists no guest, and yet " + ref + " has a configuration"
                                : "the cluster lists no guest, and it could not be made sure that it has none: " + path
                                        + (answer == null ? " was not answered" : ": " + answer.text()),
                        null);
            }
        }
    }

    /** Taken, and not to be seen: there is something, whatever it is. */
    private static Seen hidden(GuestRef ref) {
        if (ref.type().isPresent()) {
            return Seen.unknown("the id " + ref.number() + " is taken, by a guest that the credentials may not see");
        }
        return new Seen(new Sighting.Present(hiddenGuest(ref)), Optional.empty());
    }

    private static Instance hiddenGuest(GuestRef ref) {
        return new Instance(
                ref.id(),
                List.of(Integer.toString(ref.number())),
                InstanceState.UNKNOWN,
                Map.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.of("the credentials may not see it"));
    }
}
