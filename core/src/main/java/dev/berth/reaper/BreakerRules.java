package dev.berth.reaper;

import dev.berth.reaper.Breaker.Cause;
import dev.berth.reaper.Breaker.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** When a breaker opens, and when it closes. Knows nothing but what it is given. */
final class BreakerRules {
    /** Fewer missing claims are no wave, whatever part of all they are. */
    private static final int LEAST = 3;

    private static final int PERCENT = 100;

    private final ReaperPolicy policy;
    private final Instant now;

    BreakerRules(ReaperPolicy policy, Instant now) {
        this.policy = policy;
        this.now = now;
    }

    /**
     * What a sweep saw of a scope.
     *
     * @param listed how many instances the runtime listed
     * @param living how many claims have their instance
     * @param missing those whose instance is missing, confirmed or not, with the old errors
     * @param lately how many were freed within the last hour, which counts as missing
     * @param back what was sure to be gone and was seen again, in words
     */
    record View(int listed, int living, List<Verdict> missing, int lately, List<String> back) {
        View without(List<Verdict> others) {
            Set<UUID> left =
                    others.stream().map(verdict -> verdict.claim().id()).collect(Collectors.toSet());
            return new View(
                    listed,
                    living,
                    missing.stream()
                            .filter(verdict -> !left.contains(verdict.claim().id()))
                            .toList(),
                    lately,
                    back);
        }
    }

    /**
     * What a breaker lets go.
     *
     * @param breaker the breaker from now on; empty if it is closed
     * @param allowed what may go, before the cap
     */
    record Ruling(Optional<Breaker> breaker, List<Verdict> allowed) {}

    /** Judges a view with all that is due. */
    Ruling rule(Optional<Breaker> before, View view, List<Verdict> due, ReapPlan plan) {
        if (before.isEmpty()) {
            return opened(view, due, plan)
                    .map(open -> new Ruling(Optional.of(open), List.<Verdict>of()))
                    .orElseGet(() -> new Ruling(Optional.empty(), due));
        }
        Breaker breaker = before.get();
        return breaker.stage() == Stage.DRAINING ? draining(breaker, view, due, plan) : open(breaker, view, due, plan);
    }

    private Optional<Breaker> opened(View view, List<Verdict> due, ReapPlan plan) {
        return trigger(view, due)
                .map(cause -> new Breaker(cause, detail(cause, view), now, now, plan.hash(), Stage.OPEN));
    }

    private Ruling open(Breaker breaker, View view, List<Verdict> due, ReapPlan plan) {
        if (!breaker.plan().equals(plan.hash()) || !view.back().isEmpty()) {
            return new Ruling(Optional.of(since(breaker, now, plan, Stage.OPEN)), List.of());
        }
        Duration rest = Duration.between(breaker.unchangedSince(), now);
        if (rest.isNegative()) {
            return new Ruling(Optional.of(since(breaker, now, plan, Stage.OPEN)), List.of());
        }
        boolean rested = rest.compareTo(policy.breakerRest()) >= 0;
        return rested
                ? draining(since(breaker, breaker.unchangedSince(), plan, Stage.DRAINING), view, due, plan)
                : new Ruling(Optional.of(breaker), List.of());
    }

    /** What was missing before the rest began may go; what came after is judged as if there were no breaker. */
    private Ruling draining(Breaker breaker, View view, List<Verdict> due, ReapPlan plan) {
        List<Verdict> old =
                due.stream().filter(verdict -> isOld(verdict, breaker)).toList();
        List<Verdict> young =
                due.stream().filter(verdict -> !isOld(verdict, breaker)).toList();
        Optional<Breaker> anew = opened(view.without(old), young, plan);
        if (anew.isPresent()) {
            return new Ruling(anew, List.of());
        }
        return new Ruling(old.isEmpty() ? Optional.empty() : Optional.of(breaker), due);
    }

    private static boolean isOld(Verdict verdict, Breaker breaker) {
        return verdict.missingSince()
                .map(since -> !since.isAfter(breaker.unchangedSince()))
                .orElse(false);
    }

    private static Breaker since(Breaker breaker, Instant since, ReapPlan plan, Stage stage) {
        return new Breaker(breaker.cause(), breaker.detail(), breaker.openedAt(), since, plan.hash(), stage);
    }

    /** The breaker that what came back opens before all is known of a sweep: the one that is open already rests anew. */
    static Breaker returned(Optional<Breaker> open, List<String> back, Instant now) {
        return open.map(breaker ->
                        new Breaker(breaker.cause(), breaker.detail(), breaker.openedAt(), now, "", Stage.OPEN))
                .orElseGet(() -> new Breaker(Cause.REAPPEARANCE, returned(back), now, now, "", Stage.OPEN));
    }

    private static String returned(List<String> back) {
        return "what was sure to be gone is there again: " + String.join("; ", back);
    }

    private Optional<Cause> trigger(View view, List<Verdict> due) {
        if (!view.back().isEmpty()) {
            return Optional.of(Cause.REAPPEARANCE);
        }
        if (due.isEmpty()) {
            return Optional.empty();
        }
        long ghosts = view.missing().stream()
                .filter(verdict -> verdict.claim().state() != dev.berth.ledger.ClaimState.FAILED)
                .count();
        if (ghosts > 1 && view.living() == 0) {
            return Optional.of(view.listed() == 0 ? Cause.EMPTY_VIEW : Cause.ALL_MISSING);
        }
        int gone = view.missing().size() + view.lately();
        int all = gone + view.living();
        boolean wave = gone >= LEAST && (long) gone * PERCENT > (long) policy.ratio() * all;
        return wave ? Optional.of(Cause.RATIO) : Optional.empty();
    }

    private String detail(Cause cause, View view) {
        int gone = view.missing().size() + view.lately();
        return switch (cause) {
            case EMPTY_VIEW ->
                "the runtime lists nothing, and " + view.missing().size() + " claims wait to be seen";
            case ALL_MISSING -> "not one of " + view.missing().size() + " claims has its instance";
            case RATIO ->
                gone + " of " + (gone + view.living()) + " claims are missing"
                        + (view.lately() > 0 ? ", counting " + view.lately() + " freed within the hour" : "")
                        + "; more than " + policy.ratio() + " %";
            case REAPPEARANCE -> returned(view.back());
            case FAILING -> "removals fail";
        };
    }
}
