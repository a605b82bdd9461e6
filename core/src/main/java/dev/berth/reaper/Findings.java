package dev.berth.reaper;

import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Scope;
import dev.berth.reaper.ReapReport.Occasion;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.reaper.Verdict.Kind;
import dev.berth.runtime.Instance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What a sweep has found and done so far. Claims whose instance is just there are counted, not kept. */
final class Findings {
    private static final Set<Kind> LIVING = EnumSet.of(Kind.PRESENT, Kind.OVERDUE, Kind.ERROR_LIVES, Kind.CONFLICT);
    private static final Set<Kind> MISSING = EnumSet.of(Kind.MISSING, Kind.GHOST, Kind.OLD_ERROR);

    private final Scope scope;
    private final Map<UUID, Verdict> verdicts = new LinkedHashMap<>();
    private final List<String> back = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private Map<String, Missing> marks = new HashMap<>();
    private List<Instance> unlisted = List.of();
    private List<Orphan> orphans = List.of();
    private ReapPlan plan;
    private Outcome outcome = Outcome.FAILED;
    private String detail = "";
    private Optional<Breaker> breaker = Optional.empty();
    private ReapTotals totals = ReapTotals.NONE;
    private int judged;
    private int present;
    private int portsFreed;

    Findings(Scope scope) {
        this.scope = scope;
        this.plan = ReapPlan.of(scope, List.of());
    }

    void add(Verdict verdict) {
        if (verdict.kind() != Kind.LAPSED) {
            judged++;
        }
        if (verdict.kind() == Kind.PRESENT) {
            present++;
        } else {
            present += LIVING.contains(verdict.kind()) && verdict.kind() != Kind.CONFLICT ? 1 : 0;
            verdicts.put(verdict.claim().id(), verdict);
        }
    }

    void replace(Verdict verdict) {
        verdicts.put(verdict.claim().id(), verdict);
    }

    void mark(Missing mark) {
        marks.put(mark.name(), mark);
    }

    void marks(Map<String, Missing> written) {
        marks = written;
    }

    Map<String, Missing> marks() {
        return marks;
    }

    void back(String what) {
        back.add(what);
    }

    List<String> back() {
        return List.copyOf(back);
    }

    void error(String what) {
        errors.add(what);
    }

    void unlisted(List<Instance> instances) {
        unlisted = instances;
    }

    List<Instance> unlisted() {
        return unlisted;
    }

    void orphans(List<Orphan> found) {
        orphans = found;
    }

    ReapPlan plan(ReapPlan made) {
        plan = made;
        return made;
    }

    ReapPlan plan() {
        return plan;
    }

    /** How many claims have an instance that is there. */
    int living() {
        return present + of(Kind.CONFLICT).size();
    }

    /** Claims whose instance is missing, confirmed or not, with the old errors; without those that stay in any case. */
    List<Verdict> missing() {
        return verdicts.values().stream()
                .filter(verdict -> MISSING.contains(verdict.kind()))
                .toList();
    }

    /** How many more claims lack the instance that they list: they are witnesses of a view that is too empty. */
    int staying() {
        return (int) verdicts.values().stream()
                .filter(verdict -> verdict.kind() == Kind.PINNED || verdict.kind() == Kind.YOUNG)
                .filter(verdict -> verdict.claim().state() != ClaimState.PENDING)
                .filter(verdict ->
                        !isError(verdict) || verdict.claim().instance().isPresent())
                .count();
    }

    private static boolean isError(Verdict verdict) {
        return verdict.claim().state() == ClaimState.FAILED;
    }

    List<Verdict> of(Kind kind) {
        return verdicts.values().stream()
                .filter(verdict -> verdict.kind() == kind)
                .toList();
    }

    /** All that may go if nothing holds it back. */
    List<Verdict> due(ReaperPolicy policy) {
        return verdicts.values().stream()
                .filter(Verdict::isRemoval)
                .filter(verdict -> verdict.kind() == Kind.OLD_ERROR || policy.reapsGhosts())
                .toList();
    }

    /** Says of all that is due and does not go now why it does not. */
    void hold(List<Verdict> due, List<Verdict> allowed, Fate fate) {
        Set<UUID> going = new HashSet<>();
        allowed.forEach(verdict -> going.add(verdict.claim().id()));
        due.stream()
                .filter(verdict -> !going.contains(verdict.claim().id()))
                .forEach(verdict -> replace(verdict.becomes(fate)));
    }

    /** Takes over what the last step has done, as far as it got. */
    void reaped(Reaping reaping) {
        reaping.results().forEach(this::replace);
        errors.addAll(reaping.errors());
        portsFreed = reaping.portsFreed();
    }

    int done(Kind kind) {
        return (int)
                of(kind).stream().filter(verdict -> verdict.fate() == Fate.DONE).count();
    }

    int portsFreed() {
        return portsFreed;
    }

    void kept(Optional<Breaker> breaker, ReapTotals totals) {
        this.breaker = breaker;
        this.totals = totals;
    }

    void ends(Outcome how, String why) {
        outcome = how;
        detail = why;
    }

    ReapReport report(Occasion occasion, Instant startedAt, Instant finishedAt, ReaperPolicy policy) {
        return new ReapReport(
                scope,
                occasion,
                outcome,
                detail,
                startedAt,
                finishedAt,
                judged,
                present,
                List.copyOf(verdicts.values()),
                orphans,
                plan,
                portsFreed,
                breaker,
                errors,
                totals,
                policy);
    }
}
