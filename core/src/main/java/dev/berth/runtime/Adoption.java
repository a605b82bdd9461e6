package dev.berth.runtime;

import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes instances that are there already their owners' own, without touching them. */
final class Adoption {
    private static final int ROUNDS = 64;

    private final Kit<?> kit;

    Adoption(Kit<?> kit) {
        this.kit = kit;
    }

    Claim adopt(String id, ClaimRequest request) {
        Owner owner = request.owner();
        var steps = new Steps(kit.pacing());
        kit.gate().check().ifPresent(wrong -> {
            throw failed(owner, wrong, steps);
        });
        Sighting seen = kit.runtime().look(id);
        steps.add(Action.LOOK, id, seen.toString());
        if (seen instanceof Sighting.Unknown unknown) {
            throw failed(owner, ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()), steps);
        }
        Instance instance = seen.seen()
                .filter(one -> one.state() != InstanceState.REMOVING)
                .orElseThrow(() -> failed(
                        owner, ProvisionFailure.of(Kind.NOT_THERE, "there is no instance " + id + ": " + seen), steps));
        return adopt(instance, request, steps);
    }

    private Claim adopt(Instance instance, ClaimRequest request, Steps steps) {
        for (int round = 0; round < ROUNDS; round++) {
            try {
                Claim claim = round(instance, request, steps);
                if (claim != null) {
                    return claim;
                }
            } catch (StaleTokenException moved) {
                steps.add(Action.CLAIM, request.owner().toString(), Texts.of(moved));
            }
        }
        throw failed(
                request.owner(),
                ProvisionFailure.of(Kind.GAVE_UP, "others were quicker " + ROUNDS + " times in a row"),
                steps);
    }

    /** One round; null if the claim has moved on meanwhile. */
    private @Nullable Claim round(Instance instance, ClaimRequest request, Steps steps) {
        Owner owner = request.owner();
        instance.mark()
                .filter(mark -> mark.ledger().equals(kit.ledger().identity().ledger())
                        && !mark.owner().tenant().equals(owner.tenant()))
                .ifPresent(mark -> {
                    throw failed(
                            owner,
                            new ProvisionFailure(
                                    Kind.NOT_OURS,
                                    "it was made for the tenant " + mark.owner().tenant(),
                                    Optional.of(instance)),
                            steps);
                });
        Optional<Claim> mine =
                kit.ledger().find(owner).filter(claim -> claim.instance().isPresent());
        if (mine.isPresent() && !isGone(mine.get())) {
            if (!mine.get().instance().equals(Optional.of(instance.id()))) {
                throw failed(
                        owner,
                        new ProvisionFailure(
                                Kind.LIVES_ALREADY,
                                "the owner has another instance, "
                                        + mine.get().instance().get(),
                                Optional.of(instance)),
                        steps);
            }
            return with(mine.get(), request);
        }
        Optional<Claim> maker = instance.mark().flatMap(mark -> kit.ledger().find(mark.claim()));
        if (maker.isPresent()) {
            throw failed(
                    owner,
                    new ProvisionFailure(
                            Kind.NOT_OURS,
                            "it was made for the claim of " + maker.get().owner() + ", which lives",
                            Optional.of(instance)),
                    steps);
        }
        AttemptOutcome asked = mine.isPresent()
                ? kit.ledger()
                        .attempt(
                                with(mine.get(), request).token(),
                                kit.scope(),
                                kit.policy().span())
                : kit.ledger().attempt(request, kit.scope(), kit.policy().span());
        if (asked instanceof AttemptOutcome.Refused refused) {
            if (isOurDecline(refused.refusal(), instance)) {
                return null;
            }
            throw new ClaimRefusedException(refused.refusal());
        }
        if (asked instanceof AttemptOutcome.Joined joined) {
            return joined(owner, joined, steps);
        }
        return asked instanceof AttemptOutcome.Granted granted ? activate(granted, instance, steps) : null;
    }

    /** The claim, with what the request asks for beside. */
    private Claim with(Claim mine, ClaimRequest request) {
        return request.parts().isEmpty() ? mine : kit.ledger().claim(request);
    }

    /** Whether the instance that a claim has is gone, and was made anew by somebody else. */
    private boolean isGone(Claim claim) {
        return Survey.look(kit, claim, BoundedRuntime.Beat.NONE) instanceof Sighting.Absent
                && kit.gate().check().isEmpty();
    }

    /** Where names and ports are passed over because an outsider has them, and the outsider is the one to adopt. */
    private boolean isOurDecline(Refusal refusal, Instance instance) {
        List<Resource> declined = new ArrayList<>();
        for (Obstacle obstacle : refusal.obstacles()) {
            if (!(obstacle instanceof Obstacle.Taken taken
                    && taken.occupant() instanceof Occupant.Block block
                    && block.reason() == BlockReason.DECLINE
                    && has(instance, block.resource()))) {
                return false;
            }
            declined.add(block.resource());
        }
        declined.forEach(kit.ledger()::unblock);
        return !declined.isEmpty();
    }

    /** Whether a resource is the instance's own name, or a port that it publishes. */
    private static boolean has(Instance instance, Resource resource) {
        return instance.names().contains(resource.value())
                || Stream.concat(instance.published().stream(), instance.configured().stream())
                        .anyMatch(port -> port.kind().name().equals(resource.kind())
                                && resource.number().orElse(0) == port.port());
    }

    private @Nullable Claim joined(Owner owner, AttemptOutcome.Joined joined, Steps steps) {
        try {
            kit.pacing().pause(java.time.Duration.ofMillis(20));
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ProvisionException(
                    owner, new ProvisionOutcome.Joined(joined.claim(), joined.attempt(), steps.report()));
        }
    }

    /** Who pinned a container before it was claimed has pinned the claim. */
    private static Map<String, String> labels(Instance instance) {
        Map<String, String> labels = new HashMap<>(instance.remembered());
        if (Claim.isKept(instance.labels())) {
            labels.put(Claim.KEEP, "yes");
        }
        return labels;
    }

    private @Nullable Claim activate(AttemptOutcome.Granted granted, Instance instance, Steps steps) {
        Attempt attempt = granted.attempt();
        try {
            Claim active = kit.ledger().activate(attempt, instance.id(), labels(instance));
            return instance.state().isAtRest() ? kit.ledger().stop(active.token()) : active;
        } catch (ClaimRefusedException another) {
            if (Ghost.givesUp(kit, instance, steps)) {
                return activate(granted, instance, steps);
            }
            if (granted.claim().token().revision() == 1) {
                kit.ledger().abandon(attempt);
            } else {
                kit.ledger().fail(attempt, another.refusal().toString());
            }
            throw another;
        } catch (StaleTokenException moved) {
            return null;
        }
    }

    Recovery recover(Function<Instance, Optional<ClaimRequest>> others) {
        Optional<ProvisionFailure> wrong = kit.gate().check();
        if (wrong.isPresent()) {
            return new Recovery(
                    List.of(), List.of(), List.of(), List.of(), List.of(), wrong.map(ProvisionFailure::detail));
        }
        Inventory listing = kit.runtime().inventory();
        List<Claim> claimed = new ArrayList<>();
        List<Claim> unchanged = new ArrayList<>();
        List<Instance> leftovers = new ArrayList<>();
        List<Instance> ignored = new ArrayList<>();
        List<Recovery.Unclaimed> unclaimed = new ArrayList<>();
        for (Instance instance : listing.instances()) {
            Optional<Claim> holder = kit.ledger().holder(kit.key(instance.id())).filter(claim -> instance.isOf(claim));
            if (holder.isPresent()) {
                unchanged.add(holder.get());
                continue;
            }
            if (instance.mark().flatMap(mark -> kit.ledger().find(mark.claim())).isPresent()) {
                leftovers.add(instance);
                continue;
            }
            try {
                Optional<ClaimRequest> request = isOurs(instance)
                        ? instance.claimed()
                        : InvalidInputException.requireNonNull(
                                "what is to be claimed for " + instance.name(), others.apply(instance));
                if (request.isEmpty()) {
                    ignored.add(instance);
                } else {
                    claimed.add(adopt(instance.id(), request.get()));
                }
            } catch (ClaimRefusedException | ProvisionException | InvalidInputException no) {
                unclaimed.add(new Recovery.Unclaimed(instance, reason(no)));
            }
        }
        return new Recovery(claimed, unchanged, leftovers, ignored, unclaimed, listing.gap());
    }

    private static String reason(BerthException failure) {
        return Texts.of(failure);
    }

    private boolean isOurs(Instance instance) {
        return instance.mark()
                .filter(mark -> mark.ledger().equals(kit.ledger().identity().ledger()))
                .isPresent();
    }

    private static ProvisionException failed(Owner owner, ProvisionFailure failure, Steps steps) {
        return new ProvisionException(owner, new ProvisionOutcome.Failed(failure, Optional.empty(), steps.report()));
    }
}
