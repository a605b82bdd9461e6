package dev.berth.runtime;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Moves parts of a claim to their next candidates, where somebody else has in the runtime what they hold. */
final class Moving {
    private static final int MOVES = 16;

    private final Kit<?> kit;
    private final ProvisionRequest request;
    private final Turn turn;
    private final Steps steps;
    private final Stake stake;

    Moving(Kit<?> kit, ProvisionRequest request, Turn turn, Steps steps, Stake stake) {
        this.kit = kit;
        this.request = request;
        this.turn = turn;
        this.steps = steps;
        this.stake = stake;
    }

    /**
     * What a runtime may mean that would not give a port.
     *
     * @param ports the publications of which one is taken, or all
     * @param parts the claim's parts that hold them
     * @param declined the ports that are taken for certain
     */
    record Suspects(List<Publication> ports, List<String> parts, List<Resource> declined) {}

    /** Which ports are meant; empty if it is none of the claim's. */
    Optional<Suspects> suspects(Set<Integer> told) {
        List<Publication> asked = publications();
        List<Publication> taken =
                asked.stream().filter(one -> told.contains(one.port())).toList();
        if (taken.isEmpty() && !told.isEmpty()) {
            return Optional.empty();
        }
        List<Publication> suspects = taken.isEmpty() ? asked : taken;
        List<Resource> ports = suspects.stream().map(this::resource).toList();
        boolean certain = !taken.isEmpty() || asked.size() == 1;
        return Optional.of(new Suspects(suspects, parts(ports), certain ? ports : List.of()));
    }

    List<Publication> publications() {
        return Parts.publications(stake.claim(), request);
    }

    private Resource resource(Publication port) {
        return port.kind().in(Parts.scope(stake.claim(), port), port.port());
    }

    private List<String> parts(List<Resource> ports) {
        return ports.stream()
                .map(port -> Parts.of(stake.claim(), port))
                .distinct()
                .toList();
    }

    /** Whether all these ports have other candidates by the request. */
    boolean canMove(List<Publication> ports) {
        return canMoveParts(parts(ports.stream().map(this::resource).toList()));
    }

    /** Whether all these parts have other candidates by the request. */
    boolean canMoveParts(List<String> parts) {
        return !parts.isEmpty() && parts.stream().allMatch(request.claim()::isChoice);
    }

    /** Moves a part on; why not, if nothing else is free. */
    Optional<Refusal> move(String part, List<Resource> declined, String why) {
        Map<String, Resource> before = stake.claim().part(part);
        try {
            stake.claim(moved(part, declined, why));
            steps.add(Action.MOVE, part, before + " to " + stake.claim().part(part));
            return Optional.empty();
        } catch (ClaimRefusedException none) {
            steps.add(Action.MOVE, part, none.refusal().toString());
            return Optional.of(none.refusal());
        }
    }

    /** Moves a part, though the host may have changed the claim meanwhile, such as by claiming more for its owner. */
    private Claim moved(String part, List<Resource> declined, String why) {
        Claim claim = stake.claim();
        for (int round = 1; ; round++) {
            try {
                return Parts.moved(kit, claim, part, request.claim(), declined, why);
            } catch (StaleTokenException changed) {
                claim = changed.current()
                        .filter(now -> now.state() == ClaimState.PENDING && isOfThisAttempt(now))
                        .orElseThrow(() -> changed);
                if (round == MOVES) {
                    throw changed;
                }
            }
        }
    }

    private boolean isOfThisAttempt(Claim claim) {
        return claim.attempt()
                .map(now -> now.nonce().equals(turn.attempt().nonce()))
                .orElse(false);
    }
}
