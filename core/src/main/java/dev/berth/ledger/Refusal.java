package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a claim was not granted. Nothing was changed. Each obstacle was in the way when it was read, during the call; where
 * a choice or an overlap is among them they were read one after the other, and one may have gone while the next was read.
 *
 * @param owner who asked
 * @param obstacles everything that stood in the way, at least one
 */
public record Refusal(Owner owner, List<Obstacle> obstacles) {
    private static final int NAMED = 10;

    /**
     * Copies the list.
     *
     * @param owner who asked
     * @param obstacles everything that stood in the way, at least one
     */
    public Refusal {
        obstacles = InvalidInputException.copyOf("obstacles", obstacles);
    }

    /**
     * Gives the tokens of all claims in the way, for a decision to {@link ClaimRequest#superseding supersede} them.
     *
     * @return the tokens, without duplicates; those of exhausted choices are not among them
     */
    public List<Token> holders() {
        return obstacles.stream()
                .<Occupant>mapMulti((obstacle, found) -> {
                    if (obstacle instanceof Obstacle.Taken taken) {
                        found.accept(taken.occupant());
                    } else if (obstacle instanceof Obstacle.Overlapping overlapping) {
                        found.accept(overlapping.occupant());
                    }
                })
                .<Token>mapMulti((occupant, found) -> {
                    if (occupant instanceof Occupant.Holder holder) {
                        found.accept(holder.token());
                    }
                })
                .distinct()
                .toList();
    }

    @Override
    public String toString() {
        return "claim of " + owner + " refused: "
                + obstacles.stream().limit(NAMED).map(Object::toString).collect(Collectors.joining("; "))
                + (obstacles.size() > NAMED ? "; and " + (obstacles.size() - NAMED) + " more" : "");
    }
}
