package dev.berth.reaper;

import dev.berth.ledger.ClaimState;
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
     * @param stay how many more claims lack the instance that they list, and stay: pinned ones and young ones
     * @param lately how many were freed within the last hour, which counts as missing
     * @param back what was sure to be gone and was seen again, in words
     */
    record View(int listed, int living, List<Verdict> missing, int stay, int lately, List<String> back) {
        View coming(List<String> back) {
            return new View(listed, living, missing, stay, lately, back);
        }

        View without(List<Verdict> others) {
            Set<UUID> left =
                    others.stream().map(verdict -> verdict.claim().id()).collect(Collectors.toSet());
            return new View(
                    listed,
                    living,
                    missing.stream()
                            .filter(verdict -> !left.contains(verdict.claim().id()))
                            .toList(),
                    stay,
                    lately,
                    back);
        }

        /** How many claims the listing should have had an instance for, and had not. */
        int absent() {
            return stay + (int) missing.stream().filter(View::isAwaited).count();
        }

        /** Of one that failed long ago nothing is awaited. */
        private static boolean isAwaited(Verdict verdict) {
            return verdict.claim().state() != ClaimState.FAILED;
        }

        /** Tells which claims are missing: nothing of it depends on a policy, so that processes with several agree. */
        String hash() {
            return ReapPlan.sha256(missing.stream()
                    .filter(View::isAwaited)
                    .map(verdict -> verdict.claim().token().toString())
                    .sorted()
                    .collect(Collectors.joining("\n")));
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
    Ruling rule(Optional<Breaker> before, View view, List<Verdict> due) {
        if (before.isEmpty()) {
            return closed(Optional.empty(), view, due);
        }
        Breaker breaker = before.get();
        if (breaker.cause() == Cause.FAILING) {
            boolean over =
                    isOver(breaker, breaker.openedAt()) || breaker.openedAt().isAfter(now);
            return closed(over ? Optional.empty() : before, view, due);
        }
        return breaker.stage() == Stage.DRAINING ? draining(breaker, view, due) : open(breaker, view, due);
    }

    /** Nothing holds claims back, until something does. */
    private Ruling closed(Optional<Breaker> before, View view, List<Verdict> due) {
        return opened(view, due)
                .map(open -> new Ruling(Optional.of(open), List.<Verdict>of()))
                .orElseGet(() -> new Ruling(before, due));
    }

    private Optional<Breaker> opened(View view, List<Verdict> due) {
        return trigger(view, due).map(cause -> opened(cause, detail(cause, view), view.hash()));
    }

    /** A breaker that opens now. */
    Breaker opened(Cause cause, String detail, String missing) {
        return new Breaker(cause, detail, now, now, missing, policy.breakerRest(), Stage.OPEN);
    }

    private Ruling open(Breaker breaker, View view, List<Verdict> due) {
        if (!view.back().isEmpty()) {
            boolean known = breaker.returnedAt().equals(Optional.of(now));
            return new Ruling(
                    Optional.of(
                            known
                                    ? since(breaker, now, view, Stage.OPEN)
                                    : returned(Optional.of(breaker), view.back(), view.hash())),
                    List.of());
        }
        if (!breaker.missing().equals(view.hash())
                || Duration.between(breaker.unchangedSince(), now).isNegative()) {
            return new Ruling(Optional.of(since(breaker, now, view, Stage.OPEN)), List.of());
        }
        return isOver(breaker, breaker.unchangedSince())
                ? draining(since(breaker, breaker.unchangedSince(), view, Stage.DRAINING), view, due)
                : new Ruling(Optional.of(breaker), List.of());
    }

    /** Whether it has rested for as long as whoever opened it, and whoever asks now, wants. */
    private boolean isOver(Breaker breaker, Instant since) {
        Duration rested = Duration.between(since, now);
        return rested.compareTo(breaker.rest()) >= 0 && rested.compareTo(policy.breakerRest()) >= 0;
    }

    /** What was missing before the rest began may go; what came after is judged as if there were no breaker. */
    private Ruling draining(Breaker breaker, View view, List<Verdict> due) {
        List<Verdict> old =
                due.stream().filter(verdict -> isOld(verdict, breaker)).toList();
        List<Verdict> young =
                due.stream().filter(verdict -> !isOld(verdict, breaker)).toList();
        Optional<Breaker> anew = opened(view.without(old), young);
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

    private static Breaker since(Breaker breaker, Instant since, View view, Stage stage) {
        return new Breaker(
                breaker.cause(), breaker.detail(), breaker.openedAt(), since, view.hash(), breaker.rest(), stage);
    }

    /** The breaker that what came back opens, whatever was open before: who knew of that did not know of this. */
    Breaker returned(Optional<Breaker> before, List<String> back, String missing) {
        String detail = before.filter(breaker -> breaker.cause() != Cause.REAPPEARANCE)
                .map(breaker -> "; before that: " + breaker.cause() + ", " + breaker.detail())
                .orElse("");
        return opened(Cause.REAPPEARANCE, returned(back) + detail, missing);
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
        if (view.absent() > 1 && view.living() == 0) {
            return Optional.of(view.listed() == 0 ? Cause.EMPTY_VIEW : Cause.ALL_MISSING);
        }
        int gone = gone(view);
        int all = gone + view.living();
        boolean wave = gone >= LEAST && (long) gone * PERCENT > (long) policy.ratio() * all;
        return wave ? Optional.of(Cause.RATIO) : Optional.empty();
    }

    /** What the policy never lets go is no part of a wave, or it would keep all else for ever. */
    private int gone(View view) {
        return view.lately()
                + (int) view.missing().stream()
                        .filter(verdict -> policy.reapsGhosts() || !View.isAwaited(verdict))
                        .count();
    }

    private String detail(Cause cause, View view) {
        int gone = gone(view);
        return switch (cause) {
            case EMPTY_VIEW -> "the runtime lists nothing, and " + view.absent() + " claims wait to be seen";
            case ALL_MISSING -> "not one of " + view.absent() + " claims has its instance";
            case RATIO ->
                gone + " of " + (gone + view.living()) + " claims are missing"
                        + (view.lately() > 0 ? ", counting " + view.lately() + " freed within the hour" : "")
                        + "; more than " + policy.ratio() + " %";
            case REAPPEARANCE -> returned(view.back());
            case FAILING -> "removals fail";
        };
    }
}
