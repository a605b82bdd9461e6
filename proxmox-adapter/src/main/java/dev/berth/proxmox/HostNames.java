package dev.berth.proxmox;

import dev.berth.runtime.InstanceState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds guests by name. A listing proves that a name is there, and that it is not only where every guest tells its own: those
 * that tell none are asked for their configuration, all within the time that one node has, and where one does not answer,
 * nothing is proven.
 */
final class HostNames {
    private static final int AT_ONCE = 16;
    /** So many rounds at least fit into the time that there is for all: one silent node leaves enough for the others. */
    private static final int ROUNDS = 4;

    private final Api api;
    private final Listing listing;
    private final Spans spans;

    HostNames(Api api, Listing listing, Spans spans) {
        this.api = api;
        this.listing = listing;
        this.spans = spans;
    }

    NameSearch find(String name) throws InterruptedException {
        return api.ask(talk -> {
            Guests all = listing.guests(talk);
            ClusterStatus status = talk.cluster();
            List<Guest> doubtful = all.guests().stream()
                    .filter(guest -> !hasName(guest, name) && isDoubtful(guest))
                    .toList();
            Map<Integer, String> told = configured(talk, status, doubtful);
            talk.conclude();
            List<Guest> found = all.guests().stream()
                    .filter(guest -> hasName(guest, name) || isSame(told.getOrDefault(guest.number(), ""), name))
                    .toList();
            List<String> gaps = new ArrayList<>(all.coverage().gaps());
            doubtful.stream()
                    .filter(guest -> !told.containsKey(guest.number()))
                    .forEach(guest -> gaps.add(guest.id() + " on " + guest.node() + " does not tell its name"));
            return new NameSearch(found, gaps);
        });
    }

    private static boolean hasName(Guest guest, String name) {
        return guest.name().filter(own -> isSame(own, name)).isPresent();
    }

    private static boolean isSame(String one, String other) {
        return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
    }

    /** What its own node did not tell just now may be another name, or none, because it is not written yet. */
    private static boolean isDoubtful(Guest guest) {
        return guest.name().isEmpty()
                || guest.state() == InstanceState.UNKNOWN
                || guest.lock().isPresent();
    }

    /** The configured names by number, empty text for none; those that could not be told are not in it. */
    private Map<Integer, String> configured(Talk talk, ClusterStatus status, List<Guest> guests)
            throws InterruptedException {
        Map<Integer, String> told = new HashMap<>();
        Map<String, Deque<Guest>> left = new TreeMap<>();
        guests.stream()
                .filter(guest -> status.isOnline(guest.node()))
                .forEach(guest -> left.computeIfAbsent(guest.node(), node -> new ArrayDeque<>())
                        .add(guest));
        long until = System.nanoTime() + spans.node().toNanos();
        Duration most = spans.node().dividedBy(ROUNDS);
        for (Duration rest = spans.node();
                !left.isEmpty() && !rest.isNegative() && !rest.isZero();
                rest = Duration.ofNanos(until - System.nanoTime())) {
            List<Guest> some = some(left);
            Map<String, Answer> answers =
                    talk.getAll(some.stream().map(HostNames::config).toList(), rest.compareTo(most) < 0 ? rest : most);
            for (Guest guest : some) {
                Answer answer = answers.get(config(guest));
                if (answer == null) {
                    // A node that is silent, or partly so, would be for others too, one time-out after the other.
                    left.remove(guest.node());
                } else if (isWritten(answer)) {
                    told.put(
                            guest.number(),
                            Answer.text(answer.data(), guest.type().nameParameter()));
                }
            }
        }
        return told;
    }

    /** The next that are asked for at once, of each node in turn. */
    private static List<Guest> some(Map<String, Deque<Guest>> left) {
        List<Guest> some = new ArrayList<>();
        while (!left.isEmpty() && some.size() < AT_ONCE) {
            for (Deque<Guest> ofNode : left.values()) {
                if (some.size() < AT_ONCE) {
                    some.add(ofNode.remove());
                }
            }
            left.values().removeIf(Deque::isEmpty);
        }
        return some;
    }

    private static String config(Guest guest) {
        return guest.seat().path() + "/config";
    }

    /** Every configuration has a digest; one that is not written yet has a lock and no name. */
    private static boolean isWritten(Answer answer) {
        return answer.isGood()
                && !Answer.text(answer.data(), "digest").isEmpty()
                && Listing.lock(answer.data()).filter("create"::equals).isEmpty();
    }
}
