package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Coverage;
import java.util.List;

/**
 * A listing of a cluster's guests, those of nodes that are off included.
 *
 * @param coverage how much of the cluster it shows
 * @param guests the guests, by number
 * @param doubts what is there and cannot be told in full, in words: nodes that are off or silent, guests without a name
 */
public record Guests(Coverage coverage, List<Guest> guests, List<String> doubts) {
    /**
     * Copies the lists.
     *
     * @param coverage how much of the cluster it shows
     * @param guests the guests
     * @param doubts what cannot be told in full
     * @throws InvalidInputException if one is null
     */
    public Guests {
        InvalidInputException.requireNonNull("coverage", coverage);
        guests = InvalidInputException.copyOf("guests", guests);
        doubts = InvalidInputException.copyOf("doubts", doubts);
    }
}
