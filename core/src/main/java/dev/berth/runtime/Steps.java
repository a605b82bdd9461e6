package dev.berth.runtime;

import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.ProvisionReport.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects what is tried. For one thread at a time. */
final class Steps {
    private static final Logger LOG = LoggerFactory.getLogger(Provisioner.class);
    private static final int MOST = 1_000;

    private final Pacing pacing;
    private final long begun;
    private final List<Step> steps = new ArrayList<>();

    Steps(Pacing pacing) {
        this.pacing = pacing;
        this.begun = pacing.nanos();
    }

    void add(Action action, String subject, String result) {
        var step = new Step(action, subject, Texts.line(result), Duration.ofNanos(pacing.nanos() - begun));
        LOG.debug("{}", step);
        if (steps.size() < MOST) {
            steps.add(step);
        }
    }

    ProvisionReport report() {
        return new ProvisionReport(steps);
    }
}
