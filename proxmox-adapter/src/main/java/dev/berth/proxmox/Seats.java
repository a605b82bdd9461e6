package dev.berth.proxmox;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Where guests were seen last: saves a listing when one is looked at. A guest that has moved is found by a listing. */
final class Seats {
    private final Map<Integer, Seat> known = new ConcurrentHashMap<>();

    /**
     * Where a guest is.
     *
     * @param node the node
     * @param type what it is
     * @param number its number
     */
    record Seat(String node, GuestType type, int number) {
        String path() {
            return Talk.guest(node, type, number);
        }

        GuestRef ref() {
            return GuestRef.of(type, number);
        }
    }

    Optional<Seat> of(GuestRef ref) {
        return Optional.ofNullable(known.get(ref.number()))
                .filter(seat -> ref.type().map(type -> type == seat.type()).orElse(true));
    }

    void note(Seat seat) {
        known.put(seat.number(), seat);
    }

    /** The number of any guest but that one. */
    OptionalInt other(int number) {
        return known.keySet().stream()
                .mapToInt(Integer::intValue)
                .filter(other -> other != number)
                .findFirst();
    }

    /** Those that a listing lacks, so many at most. */
    List<Seat> missing(Set<Integer> listed, int most) {
        return known.values().stream()
                .filter(seat -> !listed.contains(seat.number()))
                .sorted(Comparator.comparingInt(Seat::number))
                .limit(most)
                .toList();
    }

    void forget(int number) {
        known.remove(number);
    }
}
