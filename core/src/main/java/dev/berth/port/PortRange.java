package dev.berth.port;

import dev.berth.InvalidInputException;

/**
 * Ports from one number to another, both included.
 *
 * @param first the least number, 1 to 65535
 * @param last the greatest number, {@code first} to 65535
 */
public record PortRange(int first, int last) {
    /**
     * Checks the numbers.
     *
     * @param first the least number
     * @param last the greatest number, {@code first} to 65535
     * @throws InvalidInputException if a number is not 1 to 65535, or the range is empty
     */
    public PortRange {
        if (first < 1 || last > 65_535 || first > last) {
            throw InvalidInputException.of(
                    "port range",
                    first + "-" + last,
                    "a range within 1-65535 whose first number is not above its last");
        }
    }

    /**
     * Says whether a number is in the range.
     *
     * @param number the number
     * @return true if it is
     */
    public boolean contains(int number) {
        return number >= first && number <= last;
    }

    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
