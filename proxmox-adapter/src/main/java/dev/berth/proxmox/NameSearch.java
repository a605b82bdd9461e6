package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import java.util.List;

/**
 * What a search for a host name found. Names are not unique in a cluster, so there may be several. That nothing was found
 * proves something only where there is no gap.
 *
 * @param found the guests that have the name
 * @param gaps why there may be more, in words; empty if there are not
 */
public record NameSearch(List<Guest> found, List<String> gaps) {
    /**
     * Copies the lists.
     *
     * @param found the guests that have the name
     * @param gaps why there may be more
     * @throws InvalidInputException if one is null
     */
    public NameSearch {
        found = InvalidInputException.copyOf("guests", found);
        gaps = InvalidInputException.copyOf("gaps", gaps);
    }

    /**
     * Says whether it is certain that no guest has the name which the credentials may see, and neither has one that was listed
     * to this runtime before. A guest that a rule of its own has hidden from them all along ({@code NoAccess} on {@code
     * /vms/105}) shows in no list, so it may have the name; claim names, and do not rely on this alone.
     *
     * @return true if none was found and there is no gap; false proves nothing
     */
    public boolean isProvenFree() {
        return found.isEmpty() && gaps.isEmpty();
    }
}
