package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.UUID;

/**
 * The right to make the instance of one claim. Only the current attempt may create, activate or compensate; it is
 * stored, with its nonce, before anything is created, so that whatever a crash leaves behind can be found by it
 * (law L2).
 *
 * @param claim the claim's id
 * @param number counts the attempts of this claim, from 1
 * @param nonce a random name of this attempt, for a label on what it creates
 * @param since when it was granted, by the store's clock
 * @param until when it lapses unless renewed, by the store's clock; then the next caller may be granted its own
 */
public record Attempt(UUID claim, int number, String nonce, Instant since, Instant until) {
    /**
     * Checks the parts.
     *
     * @param claim the claim's id
     * @param number counts the attempts of this claim
     * @param nonce a random name of this attempt, for a label on what it creates
     * @param since when it was granted
     * @param until when it lapses unless renewed
     * @throws InvalidInputException if a part is null, the number below 1 or the nonce not usable as a label
     */
    public Attempt {
        InvalidInputException.requireNonNull("attempt claim", claim);
        InvalidInputException.requireNonNull("attempt since", since);
        InvalidInputException.requireNonNull("attempt until", until);
        Limits.text("attempt nonce", nonce, Limits.NONCE);
        if (number < 1) {
            throw InvalidInputException.of("attempt number", number, "1 or more");
        }
    }
}
