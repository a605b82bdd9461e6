package dev.berth.proxmox;

import dev.berth.runtime.Coverage;
import dev.berth.runtime.InstanceState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Lists a cluster's guests. Which ids there are, on which nodes and with which tags, comes from the cluster's file system
 * ({@code /cluster/resources}) and is current wherever there is quorum, for nodes that are off as well. States and names in
 * it come from a broadcast that is up to ten seconds old and is forgotten after five minutes, so each node that is on is
 * asked for its own.
 */
final class Listing {
    private static final int MOST_UNLISTED = 64;

    private final Api api;
    private final Seats seats;
    private final OptionalInt canary;
    private final Spans spans;

    Listing(Api api, Seats seats, OptionalInt canary, Spans spans) {
        this.api = api;
        this.seats = seats;
        this.canary = canary;
        this.spans = spans;
    }

    Guests guests() throws InterruptedException {
        return api.ask(talk -> {
            Guests all = guests(talk);
            talk.conclude();
            return all;
        });
    }

    /** As part of a conversation that goes on: what it says counts once that has been {@linkplain Talk#conclude concluded}. */
    Guests guests(Talk talk) throws InterruptedException {
        ClusterStatus status = talk.cluster();
        List<String> gaps = new ArrayList<>(Rights.gaps(talk));
        Map<Integer, Guest> known = rows(talk);
        // Before those that are missing are asked for by their ids: who vouches for the list has to be in it.
        if (canary.isPresent() && !known.containsKey(canary.getAsInt())) {
            gaps.add("guest " + canary.getAsInt() + ", which is always there, is not listed");
        }
        List<String> doubts = new ArrayList<>();
        live(talk, status, known, doubts);
        // What may be seen may have changed while it was listed.
        Rights.gaps(talk).stream().filter(gap -> !gaps.contains(gap)).forEach(gaps::add);
        if (gaps.isEmpty()) {
            unlisted(talk, known, doubts).ifPresent(gaps::add);
        }
        known.values().forEach(guest -> seats.note(guest.seat()));
        known.values().stream()
                .filter(guest -> guest.name().isEmpty())
                .forEach(guest -> doubts.add(guest.id() + " on " + guest.node() + " tells no name"));
        return new Guests(coverage(gaps), List.copyOf(known.values()), doubts);
    }

    private Coverage coverage(List<String> gaps) {
        Coverage whole = canary.isPresent()
                ? Coverage.complete("guest " + canary.getAsInt() + ", which is always there, is listed")
                : Coverage.complete();
        return gaps.stream().map(Coverage::partial).reduce(Coverage::and).orElse(whole);
    }

    /** What the cluster's file system has, without a word on what runs. */
    static Map<Integer, Guest> rows(Talk talk) throws InterruptedException {
        return rows(talk.get("/cluster/resources?type=vm"));
    }

    static Map<Integer, Guest> rows(Answer answer) {
        JsonNode rows = answer.goodOr(() -> Trouble.unanswered(answer.text(), null));
        if (!rows.isArray()) {
            throw Trouble.unanswered(answer.text() + ", and no list", null);
        }
        Map<Integer, Guest> known = new TreeMap<>();
        for (JsonNode row : rows) {
            int number = Answer.number(row.path("vmid"));
            Optional<GuestType> type = GuestType.of(Answer.text(row, "type"));
            String node = Answer.text(row, "node");
            if (number < GuestRef.LEAST || type.isEmpty() || node.isEmpty()) {
                throw Trouble.unanswered(answer.text() + ", with a row that is no guest", null);
            }
            known.put(
                    number,
                    Guest.listed(
                            new Seats.Seat(node, type.get(), number),
                            Guest.name(Answer.text(row, "name"), number),
                            InstanceState.UNKNOWN,
                            Tags.split(Answer.text(row, "tags")),
                            lock(row),
                            guard(Answer.flag(row.path("template")), false, Answer.text(row, "hastate"))));
        }
        return known;
    }

    static Optional<String> lock(JsonNode row) {
        return Optional.of(Answer.text(row, "lock")).filter(lock -> !lock.isEmpty());
    }

    /** Why a guest must not be removed whoever it belongs to. */
    static Optional<String> guard(boolean template, boolean guarded, String ha) {
        if (template) {
            return Optional.of("it is a template");
        }
        if (guarded) {
            return Optional.of("it is protected");
        }
        return ha.isEmpty() || ha.equals("unmanaged") ? Optional.empty() : Optional.of("HA manages it (" + ha + ")");
    }

    /**
     * A rule of its own may hide one guest while all others are seen ({@code NoAccess} on {@code /vms/105}), and one that moves
     * is nowhere for an instant. So those that were there the last time, and are not listed any more, are asked for by their
     * ids, which needs no right. Says what is lacking if there are too many of them.
     */
    private Optional<String> unlisted(Talk talk, Map<Integer, Guest> known, List<String> doubts)
            throws InterruptedException {
        List<Seats.Seat> missing = seats.missing(known.keySet(), MOST_UNLISTED + 1);
        for (Seats.Seat seat : missing) {
            if (talk.taken(seat.number()) == Talk.Taken.FREE) {
                seats.forget(seat.number());
                continue;
            }
            doubts.add(seat.ref() + " is there and not listed");
            known.put(
                    seat.number(),
                    Guest.listed(
                            seat,
                            Optional.empty(),
                            InstanceState.UNKNOWN,
                            List.of(),
                            Optional.empty(),
                            Optional.of("the credentials may not see it")));
        }
        // Those that are gone are forgotten, so the next listing asks for others.
        return missing.size() > MOST_UNLISTED
                ? Optional.of("more than " + MOST_UNLISTED + " guests that were there are not listed")
                : Optional.empty();
    }

    // ------------------------------------------------------------------ what each node says of its own

    private void live(Talk talk, ClusterStatus status, Map<Integer, Guest> known, List<String> doubts)
            throws InterruptedException {
        var paths = new LinkedHashMap<String, String>();
        for (var node : status.online().entrySet()) {
            if (node.getValue()) {
                for (GuestType type : GuestType.values()) {
                    paths.put(Talk.node(node.getKey()) + "/" + type.word(), node.getKey());
                }
            } else {
                doubts.add("node " + node.getKey() + " is off");
            }
        }
        Map<String, Answer> answers = talk.getAll(List.copyOf(paths.keySet()), spans.node());
        paths.forEach((path, node) -> {
            Answer answer = answers.get(path);
            if (answer == null || !answer.isGood() || !answer.data().isArray()) {
                doubts.add(path + (answer == null ? " does not answer" : ": " + answer.text()));
            } else {
                answer.data()
                        .forEach(row ->
                                update(known, node, path.endsWith("/lxc") ? GuestType.LXC : GuestType.QEMU, row));
            }
        });
    }

    private static void update(Map<Integer, Guest> known, String node, GuestType type, JsonNode row) {
        int number = Answer.number(row.path("vmid"));
        if (number < GuestRef.LEAST) {
            return;
        }
        Guest before = known.get(number);
        if (before != null && !(before.node().equals(node) && before.type() == type)) {
            // It has moved in between; either may be the older word, so what it does is not known.
            return;
        }
        List<String> tags = row.has("tags") || before == null ? Tags.split(Answer.text(row, "tags")) : before.tags();
        Optional<String> lock = lock(row);
        Optional<String> name = lock.filter("create"::equals).isPresent()
                ? Optional.empty()
                : Guest.name(Answer.text(row, "name"), number)
                        .or(() -> before == null ? Optional.empty() : before.name());
        String machine = Answer.text(row, "qmpstatus");
        known.put(
                number,
                Guest.listed(
                        new Seats.Seat(node, type, number),
                        name,
                        Guest.state(Answer.text(row, "status"), machine, lock, tags),
                        tags,
                        lock,
                        guard(Answer.flag(row.path("template")), false, "")
                                .or(() -> before == null ? Optional.empty() : before.guard())));
    }
}
