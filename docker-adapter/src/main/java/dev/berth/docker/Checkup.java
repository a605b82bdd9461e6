package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.HealthState;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import dev.berth.runtime.Health;
import dev.berth.runtime.InstanceState;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks how a container does. */
final class Checkup {
    /** What Docker's listing says behind how long a container has been up ({@code container/state.go}). */
    private static final Pattern TOLD = Pattern.compile(".*\\((?:health: )?(healthy|unhealthy|starting)\\)");

    private final DockerClient docker;
    private final Looking looking;

    Checkup(DockerClient docker, Looking looking) {
        this.docker = docker;
        this.looking = looking;
    }

    Health health(String id) {
        InspectContainerResponse answer;
        try {
            answer = docker.inspectContainerCmd(id).exec();
        } catch (DockerException refusal) {
            throw refusal;
        } catch (RuntimeException failure) {
            Faults.requireUnreadable(failure);
            return looking.listed(id).map(this::health).orElseThrow(() -> failure);
        }
        InspectContainerResponse.ContainerState state = answer.getState();
        HealthState check = state == null ? null : state.getHealth();
        return health(state == null ? null : state.getStatus(), check == null ? null : check.getStatus());
    }

    private Health health(Container listed) {
        Matcher told = TOLD.matcher(listed.getStatus() == null ? "" : listed.getStatus());
        boolean says = told.matches();
        if (!says && looking.isPodman() && Instances.state(listed.getState()) == InstanceState.RUNNING) {
            return new Health(Health.Verdict.UNKNOWN, "it runs, and its listing does not tell how it does");
        }
        return health(listed.getState(), says ? told.group(1) : "");
    }

    private static Health health(@Nullable String status, @Nullable String check) {
        String told = status == null ? "" : status;
        if (Instances.state(told) != InstanceState.RUNNING) {
            return new Health(Health.Verdict.UNHEALTHY, "it does not run: " + told);
        }
        String verdict = check == null ? "" : check;
        return switch (verdict.toLowerCase(Locale.ROOT)) {
            case "", "none" -> new Health(Health.Verdict.UNCHECKED, "it runs, and has no check");
            case "healthy" -> new Health(Health.Verdict.HEALTHY, verdict);
            case "starting" -> new Health(Health.Verdict.STARTING, verdict);
            case "unhealthy" -> new Health(Health.Verdict.UNHEALTHY, verdict);
            default -> new Health(Health.Verdict.UNKNOWN, verdict);
        };
    }
}
