package dev.berth.torture.check;

import dev.berth.ledger.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToLongFunction;

/**
 * What was surely held, and when. An owner counts as something that its claim holds: it has one claim at a time.
 *
 * <p>A claim's id is never used again, and whoever changes a claim by its token changes just the revision that it names. So a
 * hold that was told with revision r is ended by calls that name r or a later one, and by none that names an earlier one. Calls
 * that name no token, but an owner, may end it if they were under way at any time since the call began that told it.
 */
final class Holds {
    /** Store and callers measure spans by clocks that a machine may slew. */
    private static final long SLACK = Duration.ofMillis(100).toNanos();

    /** How long after its end a call of unknown outcome may still take effect: longer than any fault lasts. */
    private static final long AFTERMATH = Duration.ofSeconds(20).toNanos();

    private static final String OWNER = "owner:";

    private final History history;
    private final Map<UUID, List<Operation>> enders = new HashMap<>();
    private final Map<Token, Operation> lastTold = new HashMap<>();
    private final Map<String, Reach> byOwner = new HashMap<>();
    private final Map<String, Long> gone = new HashMap<>();
    private final Map<String, List<Hold>> all = new HashMap<>();

    /**
     * That a claim surely held a resource.
     *
     * @param told the call that tells so
     * @param token the claim, as it was told
     * @param resource the resource
     * @param from from when on
     * @param to until when; {@link Operation#NEVER} for ever
     */
    record Hold(Operation told, Token token, String resource, long from, long to) {
        boolean covers(long begin, long end) {
            return from <= begin && end <= to;
        }
    }

    private Holds(History history) {
        this.history = history;
    }

    static Holds of(History history) {
        var holds = new Holds(history);
        holds.index();
        holds.history.operations().stream()
                .filter(operation -> operation.seen().isPresent())
                .forEach(holds::add);
        holds.all.values().forEach(list -> list.sort(Comparator.comparingLong(Hold::from)));
        return holds;
    }

    /** All holds by what was held, each list by when they begin. */
    Map<String, List<Hold>> all() {
        return all;
    }

    /** The holds of an owner's claims. */
    List<Hold> ofOwner(String owner) {
        return all.getOrDefault(owner(owner), List.of());
    }

    static String owner(String owner) {
        return OWNER + owner;
    }

    static boolean isOwner(String resource) {
        return resource.startsWith(OWNER);
    }

    private void index() {
        Map<String, List<Operation>> owners = new HashMap<>();
        for (Operation operation : history.operations()) {
            Deed deed = operation.deed();
            if ((deed == Deed.SHRINK || deed == Deed.RELEASE) && operation.mayHaveHappened()) {
                enders.computeIfAbsent(operation.token().orElseThrow().claim(), any -> new ArrayList<>())
                        .add(operation);
            }
            if (deed.endsByOwner()) {
                owners.computeIfAbsent(operation.owner(), any -> new ArrayList<>())
                        .add(operation);
            }
            operation
                    .seen()
                    .ifPresent(seen -> lastTold.merge(
                            seen.token(), operation, (one, other) -> one.begun() >= other.begun() ? one : other));
        }
        owners.forEach((owner, operations) -> byOwner.put(owner, new Reach(operations, this::reach)));
        history.ran().forEach(ran -> gone.merge(ran.instance(), ran.to(), Math::min));
    }

    /** Until when a call may take effect. */
    private long reach(Operation operation) {
        if (operation.answer() != Answer.UNKNOWN) {
            return operation.ended();
        }
        long last = operation.ended() == Operation.NEVER
                ? history.deaths().getOrDefault(operation.process(), Operation.NEVER)
                : operation.ended();
        return last == Operation.NEVER ? last : last + AFTERMATH;
    }

    private void add(Operation told) {
        Seen seen = told.seen().orElseThrow();
        long to = until(told, seen);
        put(told, owner(told.owner()), byToken(told, seen, Optional.empty(), to));
        seen.held().forEach((resource, part) -> put(told, resource, byToken(told, seen, Optional.of(part), to)));
    }

    private void put(Operation told, String resource, long to) {
        long from = told.ended();
        if (to > from) {
            all.computeIfAbsent(resource, any -> new ArrayList<>())
                    .add(new Hold(told, told.seen().orElseThrow().token(), resource, from, to));
        }
    }

    /** Until when nothing but a call that names its token can have ended it. */
    private long until(Operation told, Seen seen) {
        long to = Operation.NEVER;
        if (told.lease().isPresent()) {
            // Reading, shrinking and the like leave the lease as it is, and how long it still runs is not known.
            to = told.deed().setsLease() ? told.begun() + told.lease().get().toNanos() - SLACK : told.ended();
        }
        Reach owners = byOwner.get(told.owner());
        if (owners != null) {
            to = Math.min(to, owners.firstSince(told));
        }
        Optional<String> instance = seen.instance();
        return instance.isPresent() ? Math.min(to, gone.getOrDefault(instance.get(), Operation.NEVER)) : to;
    }

    private long byToken(Operation told, Seen seen, Optional<String> part, long until) {
        long to = until;
        for (Operation ender : enders.getOrDefault(seen.token().claim(), List.of())) {
            boolean ends = ender.deed() == Deed.RELEASE || ender.part().equals(part);
            if (ends
                    && !ender.equals(told)
                    && ender.token().orElseThrow().revision() >= seen.token().revision()) {
                to = Math.min(to, ender.begun());
            }
        }
        // Told once more with the same revision, it was held all the while.
        Operation last = lastTold.get(seen.token());
        return last == null ? to : Math.max(to, last.begun());
    }

    /** Calls for one owner, by how long they may take effect. */
    private static final class Reach {
        private final List<Operation> operations;
        private final long[] reaches;
        /** The earliest call of those from here on, and the earliest but that one. */
        private final Operation[] first;

        private final Operation[] second;

        Reach(List<Operation> unsorted, ToLongFunction<Operation> reach) {
            operations =
                    unsorted.stream().sorted(Comparator.comparingLong(reach)).toList();
            int count = operations.size();
            reaches = operations.stream().mapToLong(reach).toArray();
            first = new Operation[count];
            second = new Operation[count];
            for (int i = count - 1; i >= 0; i--) {
                Operation here = operations.get(i);
                Operation best = i + 1 < count ? first[i + 1] : here;
                Operation next = i + 1 < count ? second[i + 1] : here;
                if (i + 1 == count || here.begun() < best.begun()) {
                    next = best;
                    best = here;
                } else if (next.equals(best) || here.begun() < next.begun()) {
                    next = here;
                }
                first[i] = best;
                second[i] = next;
            }
        }

        /** When the first other call began that may have taken effect since a call began. */
        long firstSince(Operation told) {
            int low = 0;
            int high = reaches.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (reaches[middle] > told.begun()) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            if (low == reaches.length) {
                return Operation.NEVER;
            }
            Operation found = first[low].equals(told) ? second[low] : first[low];
            return found.equals(told) ? Operation.NEVER : found.begun();
        }
    }
}
