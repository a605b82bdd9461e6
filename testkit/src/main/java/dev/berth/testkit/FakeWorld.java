package dev.berth.testkit;

import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Hint;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;

/** The instances of a fake engine, and what becomes of them; guarded by the engine's lock. */
final class FakeWorld {
    /** What Docker and Podman take; see {@code daemon/names} of moby. */
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");

    private static final int FIRST_NUMBER = 100;

    private final FakeHints hints;
    private final FakeAgenda agenda = new FakeAgenda();
    private final Map<String, FakeInstance> rows = new LinkedHashMap<>();
    private final List<FakeEngine.Gone> gone = new ArrayList<>();
    private Instant now;
    private long serial;

    final Set<Integer> occupied = new TreeSet<>();
    final Set<String> missingImages = new TreeSet<>();
    String seed = "engine";
    boolean reusesIds;
    boolean startsAnewWithoutPorts;
    Duration removalTakes = Duration.ZERO;

    FakeWorld(FakeHints hints, Instant now) {
        this.hints = hints;
        this.now = now;
    }

    /** How a removal began: ended at once, or in progress. */
    record Begun(Optional<Removal> ended, long serial) {}

    // ------------------------------------------------------------------ time

    /** Lets everything happen that was due until now, each at its time. */
    void settle(Instant time) {
        for (var due = agenda.next(time); due.isPresent(); due = agenda.next(time)) {
            now = due.get().due();
            due.get().work().run();
        }
        now = time;
    }

    Instant now() {
        return now;
    }

    void later(Optional<Duration> after, Runnable work) {
        if (after.isPresent()) {
            agenda.add(now.plus(after.get()), FakeAgenda.Kind.FORGOTTEN, work);
        } else {
            agenda.hold(work);
        }
    }

    void releaseLate() {
        agenda.release().forEach(Runnable::run);
    }

    void forgetLate() {
        agenda.forget();
    }

    void clear() {
        agenda.clear();
        rows.clear();
    }

    // ------------------------------------------------------------------ reading

    List<FakeInstance> rows() {
        return List.copyOf(rows.values());
    }

    Optional<FakeInstance> find(String id) {
        return Optional.ofNullable(rows.get(id));
    }

    Optional<FakeInstance> named(String name) {
        return rows.values().stream().filter(row -> row.name.equals(name)).findFirst();
    }

    FakeInstance require(String id) throws FakeEngineException {
        FakeInstance row = rows.get(id);
        if (row == null) {
            throw new FakeEngineException(new Fault.Missing("No such instance: " + id));
        }
        return row;
    }

    List<FakeEngine.Gone> gone() {
        return List.copyOf(gone);
    }

    boolean isThere(long wanted) {
        return rows.values().stream().anyMatch(row -> row.serial == wanted);
    }

    /** Names the host's ports of these that are taken by others, or wanted twice. */
    Set<Integer> taken(List<Publication> wanted) {
        Set<Integer> taken = new TreeSet<>();
        List<Publication> open = new ArrayList<>();
        rows.values().forEach(row -> open.addAll(row.published()));
        for (Publication one : wanted) {
            boolean byHost = one.kind().name().equals(ResourceKind.TCP_PORT.name()) && occupied.contains(one.port());
            if (byHost || open.stream().anyMatch(other -> overlap(one, other))) {
                taken.add(one.port());
            }
            open.add(one);
        }
        return taken;
    }

    /** All addresses overlap every address; two single ones only if they are the same. */
    private static boolean overlap(Publication one, Publication other) {
        return one.port() == other.port()
                && one.kind().name().equals(other.kind().name())
                && (isEverywhere(one) || isEverywhere(other) || one.address().equals(other.address()));
    }

    private static boolean isEverywhere(Publication one) {
        return one.address()
                .map(address -> address.equals("0.0.0.0") || address.equals("::"))
                .orElse(true);
    }

    // ------------------------------------------------------------------ changing

    FakeInstance create(Deployment<FakeSpec> deployment) throws FakeEngineException {
        return create(
                deployment.spec(),
                deployment.name().orElse("unnamed-" + serial),
                deployment.publications(),
                deployment.allLabels());
    }

    FakeInstance create(FakeSpec spec, String name, List<Publication> publications, Map<String, String> labels)
            throws FakeEngineException {
        // A missing image is told before a taken name, as Docker does.
        if (missingImages.contains(spec.image())) {
            throw new FakeEngineException(new Fault.Rejected("No such image: " + spec.image()));
        }
        if (!NAME.matcher(name).matches()) {
            throw new FakeEngineException(
                    new Fault.Rejected("Invalid name (" + name + "), only " + NAME + " is taken"));
        }
        Optional<FakeInstance> holder = named(name);
        if (holder.isPresent()) {
            String id = holder.get().id;
            throw new FakeEngineException(new Fault.NameHeld(
                    Optional.of(id), "Conflict. The name \"" + name + "\" is already in use by \"" + id + "\"."));
        }
        long number = serial++;
        var row = new FakeInstance(number, id(number), name, spec, publications, labels, now);
        rows.put(row.id, row);
        hints.tell(Hint.Kind.CREATED, row.id);
        return row;
    }

    private String id(long number) {
        if (!reusesIds) {
            return half(seed + "/" + number) + half(number + "/" + seed);
        }
        int lowest = FIRST_NUMBER;
        while (rows.containsKey(Integer.toString(lowest))) {
            lowest++;
        }
        return Integer.toString(lowest);
    }

    private static String half(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
    }

    void start(String id) throws FakeEngineException {
        FakeInstance row = require(id);
        switch (row.state) {
            case STARTING, RUNNING -> {
                return;
            }
            case REMOVING -> throw busy(row);
            case PAUSED -> throw new FakeEngineException(new Fault.Rejected(id + " is paused: resume it instead"));
            case BROKEN -> throw new FakeEngineException(new Fault.Rejected(id + " is broken"));
            default -> run(row);
        }
    }

    private void run(FakeInstance row) throws FakeEngineException {
        boolean blind = startsAnewWithoutPorts && row.portFailed;
        Set<Integer> taken = taken(row.configured);
        if (!taken.isEmpty() && !blind) {
            row.portFailed = true;
            throw new FakeEngineException(new Fault.PortHeld(taken, "Ports " + taken + " are already allocated"));
        }
        row.begin(now, !blind);
        hints.tell(Hint.Kind.STARTED, row.id);
        inRun(row, row.spec.starting(), () -> {
            if (row.state == InstanceState.STARTING) {
                row.become(InstanceState.RUNNING, now);
                hints.tell(Hint.Kind.CHANGED, row.id);
            }
        });
        row.spec.exitAfter().ifPresent(after -> inRun(row, after, () -> end(row)));
    }

    /** Does something a while after this start, if that run lasts so long; without delay it is done now. */
    private void inRun(FakeInstance row, Duration after, Runnable work) {
        int run = row.runs;
        Runnable guarded = () -> {
            if (row.runs == run && row.state.isLiving()) {
                work.run();
            }
        };
        if (after.isZero()) {
            guarded.run();
        } else {
            agenda.add(now.plus(after), FakeAgenda.Kind.LASTING, guarded);
        }
    }

    void stop(String id) throws FakeEngineException {
        FakeInstance row = require(id);
        if (row.state == InstanceState.REMOVING) {
            throw busy(row);
        }
        if (row.state.isLiving()) {
            end(row);
        }
    }

    void end(FakeInstance row) {
        row.end(InstanceState.STOPPED, now);
        hints.tell(Hint.Kind.ENDED, row.id);
    }

    /** Ends whatever runs, without a word about each. */
    void endAll() {
        rows.values().stream().filter(row -> row.state.isLiving()).forEach(row -> row.end(InstanceState.STOPPED, now));
    }

    /** Puts one that is not being removed into another state. */
    void put(String id, InstanceState state) throws FakeEngineException {
        FakeInstance row = require(id);
        if (row.state == InstanceState.REMOVING) {
            throw busy(row);
        }
        if (state.isLiving()) {
            row.become(state, now);
        } else {
            row.end(state, now);
        }
        hints.tell(Hint.Kind.CHANGED, id);
    }

    Begun remove(String id, Mark mark, Removal.Mode mode, String by) {
        FakeInstance row = rows.get(id);
        if (row == null) {
            return ended(new Removal.WasAbsent("No such instance: " + id));
        }
        Optional<Mark> carried = row.told().mark();
        if (!carried.equals(Optional.of(mark))) {
            return ended(new Removal.Kept(id
                    + carried.map(other -> " carries another mark, of " + other.owner())
                            .orElse(" carries no mark of ours")));
        }
        if (row.guard.isPresent()) {
            return ended(new Removal.Kept(id + " is guarded: " + row.guard.get()));
        }
        if (mode == Removal.Mode.IF_STOPPED && row.state.isLiving()) {
            return ended(new Removal.Kept(id + " is running: stop it first"));
        }
        delete(row, by);
        return isThere(row.serial)
                ? new Begun(Optional.empty(), row.serial)
                : new Begun(Optional.of(new Removal.Removed()), row.serial);
    }

    private static Begun ended(Removal removal) {
        return new Begun(Optional.of(removal), -1);
    }

    /** Begins to remove; that it is being removed already changes nothing. */
    void delete(FakeInstance row, String by) {
        if (row.state == InstanceState.REMOVING) {
            return;
        }
        var last = row.told();
        row.end(InstanceState.REMOVING, now);
        Runnable erase = () -> {
            rows.remove(row.id, row);
            gone.add(new FakeEngine.Gone(last, now, by));
            hints.tell(Hint.Kind.REMOVED, row.id);
        };
        if (removalTakes.isZero()) {
            erase.run();
        } else {
            agenda.add(now.plus(removalTakes), FakeAgenda.Kind.LASTING, erase);
        }
    }

    private static FakeEngineException busy(FakeInstance row) {
        return new FakeEngineException(new Fault.Busy("removal of " + row.id + " is in progress"));
    }
}
