package dev.berth.proxmox;

import dev.berth.runtime.InstanceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds guests by name. A listing proves that a name is there, and that it is not only where every guest tells its own: those
 * that tell none are asked for their configuration, and where one does not answer, nothing is proven.
 */
final class HostNames {
    private final Api api;
    private final Listing listing;

    HostNames(Api api, Listing listing) {
        this.api = api;
        this.listing = listing;
    }

    NameSearch find(String name) throws InterruptedException {
        Guests all = listing.guests();
        List<Guest> found = new ArrayList<>();
        List<String> gaps = new ArrayList<>(all.coverage().gaps());
        for (Guest guest : all.guests()) {
            if (guest.name().filter(own -> isSame(own, name)).isPresent()) {
                found.add(guest);
            } else if (isDoubtful(guest)) {
                Optional<String> told = configured(guest);
                if (told.isEmpty()) {
                    gaps.add(guest.id() + " on " + guest.node() + " does not tell its name");
                } else if (isSame(told.get(), name)) {
                    found.add(guest);
                }
            }
        }
        return new NameSearch(found, gaps);
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

    /** The configured name, empty text if there is none; empty if that cannot be told. */
    private Optional<String> configured(Guest guest) throws InterruptedException {
        try {
            Answer answer = api.ask(
                            talk -> talk.getAll(List.of(guest.seat().path() + "/config"), Listing.NODE_ANSWERS_WITHIN))
                    .getOrDefault(guest.seat().path() + "/config", Answer.of("", 0, new byte[0]));
            boolean unwritten =
                    Listing.lock(answer.data()).filter("create"::equals).isPresent();
            return answer.isGood() && !unwritten
                    ? Optional.of(Answer.text(answer.data(), guest.type().nameParameter()))
                    : Optional.empty();
        } catch (Trouble trouble) {
            return Optional.empty();
        }
    }
}
