package dev.berth.proxmox;

import dev.berth.runtime.InstanceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds guests by name. A listing proves that a name is there, and that it is not only where every guest tells its own: those
 * that tell none are asked for their configuration, and where one does not answer, nothing is proven.
 */
final class HostNames {
    private static final int AT_ONCE = 16;

    private final Api api;
    private final Listing listing;

    HostNames(Api api, Listing listing) {
        this.api = api;
        this.listing = listing;
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
    private static Map<Integer, String> configured(Talk talk, ClusterStatus status, List<Guest> guests)
            throws InterruptedException {
        Map<Integer, String> told = new HashMap<>();
        Map<String, List<Guest>> byNode = guests.stream()
                .filter(guest -> status.isOnline(guest.node()))
                .collect(Collectors.groupingBy(Guest::node, TreeMap::new, Collectors.toList()));
        for (List<Guest> ofNode : byNode.values()) {
            for (int from = 0; from < ofNode.size(); from += AT_ONCE) {
                List<Guest> some = ofNode.subList(from, Math.min(ofNode.size(), from + AT_ONCE));
                Map<String, Answer> answers =
                        talk.getAll(some.stream().map(HostNames::config).toList(), Listing.NODE_ANSWERS_WITHIN);
                if (answers.isEmpty()) {
                    // The node is silent, and would be for all the others, one time-out after the other.
                    break;
                }
                for (Guest guest : some) {
                    Answer answer = answers.get(config(guest));
                    if (answer != null && isWritten(answer)) {
                        told.put(
                                guest.number(),
                                Answer.text(answer.data(), guest.type().nameParameter()));
                    }
                }
            }
        }
        return told;
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
