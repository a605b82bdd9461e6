package dev.berth.reaper;

import dev.berth.ledger.LedgerRecord;
import java.time.Duration;
import java.time.Instant;

/**
 * That something was not as it should be in one listing after the other: a claim without its instance, or an instance without
 * a claim. Kept in the ledger between sweeps, by its clock.
 *
 * @param name the record's name
 * @param version the record's version, 0 before it is written
 * @param seen what was judged: a claim's token, an instance's id; another one begins anew
 * @param since when it was first seen so
 * @param last when it was last counted: the end of that listing
 * @param sightings how often it was counted
 */
record Missing(String name, long version, String seen, Instant since, Instant last, int sightings) {
    static Missing first(String name, long version, String seen, Instant now) {
        return new Missing(name, version, seen, now, now, 1);
    }

    static Missing read(LedgerRecord found) {
        String[] lines = found.value().split("\n", 4);
        return new Missing(
                found.name(),
                found.version(),
                lines[3],
                Instant.parse(lines[0]),
                Instant.parse(lines[1]),
                Integer.parseInt(lines[2]));
    }

    String written() {
        return since + "\n" + last + "\n" + sightings + "\n" + seen;
    }

    /**
     * What the mark is after one more sighting. Sightings that are close together count as one, or two reapers would be twice
     * as sure; after a long time without any it begins anew.
     *
     * @param now what is judged
     * @param begun when the listing was begun
     * @param ended when it was there: a slow one is no nearer to the one before than it says, and no farther
     */
    Missing again(String now, Instant begun, Instant ended, ReaperPolicy policy) {
        Duration rest = Duration.between(last, begun);
        // A clock that was set back, by more than two listings that cross each other can be apart, proves nothing.
        boolean back = rest.plus(policy.recheck()).isNegative();
        if (!now.equals(seen) || back || rest.compareTo(policy.interval().multipliedBy(2)) > 0) {
            return first(name, version, now, ended);
        }
        boolean apart = rest.compareTo(policy.recheck().dividedBy(2)) >= 0;
        // Once it is due, being counted again tells nothing new, but that somebody is looking; early enough that one
        // more
        // interval, with its jitter, does not make it begin anew while a breaker rests.
        boolean worth = !isDue(policy) || rest.compareTo(policy.interval().dividedBy(2)) >= 0;
        return apart && worth ? new Missing(name, version, seen, since, ended, sightings + 1) : this;
    }

    /** Whether it was seen so often enough, and for long enough. */
    boolean isDue(ReaperPolicy policy) {
        return sightings >= policy.confirmations()
                && Duration.between(since, last).compareTo(policy.absenceGrace()) >= 0;
    }
}
