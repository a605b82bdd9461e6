package dev.berth.testkit;

import dev.berth.runtime.Health;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** An instance within a fake engine; guarded by the engine's lock. */
final class FakeInstance {
    /** Tells apart what had the same id one after the other. */
    final long serial;

    final String id;
    final String name;
    final FakeSpec spec;
    final List<Publication> configured;
    private final Map<String, String> labels;
    private final Instant createdAt;
    private Instant startedAt;
    private Instant stateSince;

    InstanceState state = InstanceState.CREATED;
    Optional<String> guard = Optional.empty();
    /** Its last start failed on a port. */
    boolean portFailed;
    /** How often it was started: what was due in an earlier run does not concern a later one. */
    int runs;

    private boolean open;

    FakeInstance(
            long serial,
            String id,
            String name,
            FakeSpec spec,
            List<Publication> configured,
            Map<String, String> labels,
            Instant createdAt) {
        this.serial = serial;
        this.id = id;
        this.name = name;
        this.spec = spec;
        this.configured = configured;
        this.labels = labels;
        this.createdAt = createdAt;
        this.startedAt = createdAt;
        this.stateSince = createdAt;
    }

    void begin(Instant at, boolean withPorts) {
        become(InstanceState.STARTING, at);
        startedAt = at;
        open = withPorts;
        runs++;
    }

    void end(InstanceState next, Instant at) {
        become(next, at);
        open = false;
    }

    void become(InstanceState next, Instant at) {
        state = next;
        stateSince = at;
    }

    /** Gives the ports that it has open. */
    List<Publication> published() {
        return open && state.isLiving() ? configured : List.of();
    }

    Instance told() {
        return new Instance(
                id,
                List.of(name),
                state,
                labels,
                Mark.of(labels),
                published(),
                configured,
                Optional.of(createdAt),
                Optional.of(stateSince),
                guard);
    }

    Health health(Instant now) {
        if (state == InstanceState.PAUSED) {
            return new Health(Health.Verdict.UNKNOWN, "it is paused, and so is its check");
        }
        if (state == InstanceState.STARTING) {
            return new Health(Health.Verdict.STARTING, "it is on its way up");
        }
        if (state != InstanceState.RUNNING) {
            return new Health(Health.Verdict.UNHEALTHY, "it is " + state.name().toLowerCase(Locale.ROOT));
        }
        if (spec.check() == FakeSpec.Check.NONE) {
            return new Health(Health.Verdict.UNCHECKED, "it has no check");
        }
        if (now.isBefore(startedAt.plus(spec.checkAfter()))) {
            return new Health(Health.Verdict.STARTING, "its check has not passed yet");
        }
        return spec.check() == FakeSpec.Check.PASSES
                ? new Health(Health.Verdict.HEALTHY, "its check passes")
                : new Health(Health.Verdict.UNHEALTHY, "its check fails");
    }
}
