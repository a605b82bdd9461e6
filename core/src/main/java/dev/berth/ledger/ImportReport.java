package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.List;

/**
 * How an import of existing assignments ended; each request is in exactly one of the lists.
 *
 * @param created claims that were made
 * @param extended claims that their owners held before and that got requested parts which they did not have
 * @param unchanged claims that held just that already
 * @param differing claims that hold other resources in a requested part, and keep them; parts that they did not have
 *     they may have got
 * @param refused requests that were not granted, with everything in their way
 */
public record ImportReport(
        List<Claim> created,
        List<Claim> extended,
        List<Claim> unchanged,
        List<Claim> differing,
        List<Refusal> refused) {
    /**
     * Copies the lists.
     *
     * @param created claims that were made
     * @param extended claims that got requested parts which they did not have
     * @param unchanged claims that held just that already
     * @param differing claims that hold other resources in a requested part, and keep them
     * @param refused requests that were not granted, with everything in their way
     */
    public ImportReport {
        created = InvalidInputException.copyOf("created", created);
        extended = InvalidInputException.copyOf("extended", extended);
        unchanged = InvalidInputException.copyOf("unchanged", unchanged);
        differing = InvalidInputException.copyOf("differing", differing);
        refused = InvalidInputException.copyOf("refused", refused);
    }

    /**
     * Counts the requests.
     *
     * @return the sum of all lists
     */
    public int read() {
        return created.size() + extended.size() + unchanged.size() + differing.size() + refused.size();
    }

    @Override
    public String toString() {
        return "read " + read() + ": created " + created.size() + ", extended " + extended.size() + ", unchanged "
                + unchanged.size() + ", differing " + differing.size() + ", refused " + refused.size();
    }
}
