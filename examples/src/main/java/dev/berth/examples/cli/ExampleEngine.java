package dev.berth.examples.cli;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.docker.DockerPortProbe;
import dev.berth.docker.DockerRuntime;
import dev.berth.ledger.Scope;
import dev.berth.port.Port;
import dev.berth.port.PortProbe;
import dev.berth.port.PortSighting;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Instance;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A container engine for an example to work on.
 *
 * @param <S> what it is told about what to create
 * @param told which engine it is, for people
 * @param lasting whether containers are there still when this process has ended
 * @param runtime the engine
 * @param probe tells which ports containers have open
 * @param container says what to create: an image, and the command to run in it, which may be empty
 */
public record ExampleEngine<S>(
        String told,
        boolean lasting,
        ContainerRuntime<S> runtime,
        PortProbe probe,
        BiFunction<String, List<String>, S> container) {
    /** The variable that names an engine. */
    public static final String VARIABLE = "BERTH_ENGINE";

    /**
     * Takes the engine that {@code BERTH_ENGINE} names: {@code docker} for the one of this host, the address of any other,
     * such as {@code unix:///run/podman/podman.sock}; without it a fake one in this process.
     *
     * @param environment the variables
     * @param scope where its containers are
     * @return the engine
     */
    public static ExampleEngine<?> of(Map<String, String> environment, Scope scope) {
        String named = environment.getOrDefault(VARIABLE, "fake");
        if (named.equals("fake")) {
            return fake(FakeEngine.of(Clock.systemUTC()), scope);
        }
        if (!named.equals("docker") && !named.contains("://")) {
            throw new UsageException(VARIABLE + " is \"" + named
                    + "\"; say docker, fake, or the address of an engine, such as" + " unix:///run/podman/podman.sock");
        }
        return docker(
                named.equals("docker")
                        ? DockerRuntime.connect(scope)
                        : DockerRuntime.at(scope).host(URI.create(named)).build(),
                named);
    }

    /**
     * Takes a fake engine.
     *
     * @param engine the engine
     * @param scope where its containers are
     * @return the engine
     */
    public static ExampleEngine<FakeSpec> fake(FakeEngine engine, Scope scope) {
        return new ExampleEngine<>(
                "a fake one in this process; " + VARIABLE + "=docker takes a real one",
                false,
                FakeRuntime.on(engine, scope),
                (host, ports) -> sightings(engine, ports),
                (image, command) -> FakeSpec.of(image));
    }

    /**
     * Refuses a single command on an engine that would be gone before the next one.
     *
     * @param args what was typed
     * @param usage what the example can do
     * @throws UsageException if nothing would be there for the next command
     */
    public void requireLasting(List<String> args, String usage) {
        if (!lasting && Shell.isCommand(args)) {
            throw new UsageException("the fake engine ends with this process: use the console, or a real one ("
                    + VARIABLE + "=docker)\n" + usage);
        }
    }

    private static Map<Port, PortSighting> sightings(FakeEngine engine, Iterable<Port> ports) {
        Map<Port, PortSighting> seen = new HashMap<>();
        ports.forEach(port -> seen.put(port, PortSighting.free()));
        for (Instance instance : engine.instances()) {
            instance.published().stream()
                    .map(open -> Port.tcp(open.port()))
                    .filter(seen::containsKey)
                    .forEach(port -> seen.put(port, new PortSighting.Busy(instance.name() + " has " + port)));
        }
        return seen;
    }

    private static ExampleEngine<CreateContainerCmd> docker(DockerRuntime docker, String address) {
        return new ExampleEngine<>(
                "the one at " + (address.equals("docker") ? "unix:///var/run/docker.sock" : address),
                true,
                docker,
                DockerPortProbe.on(docker),
                (image, command) -> {
                    CreateContainerCmd create = docker.docker().createContainerCmd(image);
                    return command.isEmpty() ? create : create.withCmd(command);
                });
    }
}
