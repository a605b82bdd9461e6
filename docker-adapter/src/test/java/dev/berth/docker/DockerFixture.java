package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Ports;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.testkit.RuntimeFixture;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the contract suite needs around an engine. */
final class DockerFixture implements RuntimeFixture<CreateContainerCmd> {
    static final Scope NODE = Scope.of("node-1");

    private final Relay relay;
    private final DockerRuntime runtime;
    private final DockerRuntime outsider;
    private final List<String> strangers = new ArrayList<>();

    DockerFixture(Engine engine, Relay relay) {
        this.relay = relay;
        this.runtime = open(relay.uri());
        this.outsider = open(engine.uri());
    }

    static DockerFixture overUnixSocket(Engine engine) throws IOException {
        return new DockerFixture(engine.orSkip(), Relay.onUnixSocket(engine.socket()));
    }

    static DockerFixture overTcp(Engine engine) throws IOException {
        return new DockerFixture(engine.orSkip(), Relay.onTcp(engine.socket()));
    }

    static DockerRuntime open(URI host) {
        return DockerRuntime.at(NODE).host(host).build();
    }

    @Override
    public ContainerRuntime<CreateContainerCmd> runtime() {
        return runtime;
    }

    Relay relay() {
        return relay;
    }

    @Override
    public DockerRuntime another() {
        return open(relay.uri());
    }

    @Override
    public CreateContainerCmd running() {
        return sleeper(runtime.docker());
    }

    /** Runs until it is told to end, and ends at once then. */
    static CreateContainerCmd sleeper(DockerClient docker) {
        return docker.createContainerCmd(Engine.IMAGE)
                .withCmd("/bin/sh", "-c", "trap 'exit 0' TERM; sleep 36000 & wait");
    }

    @Override
    public CreateContainerCmd exiting() {
        return runtime.docker().createContainerCmd(Engine.IMAGE).withCmd("/bin/true");
    }

    @Override
    public CreateContainerCmd rejected() {
        return runtime.docker().createContainerCmd("berth/nope:1").withCmd("/bin/true");
    }

    @Override
    public String stranger(String name, List<Publication> publications) {
        String id = stranger(outsider.docker(), name, publications);
        strangers.add(id);
        return id;
    }

    /** Makes and starts a container past the library. */
    static String stranger(DockerClient docker, String name, List<Publication> publications) {
        var ports = new Ports();
        publications.forEach(one -> ports.bind(Publications.exposed(one), Publications.binding(one)));
        String id = sleeper(docker)
                .withName(name)
                .withExposedPorts(
                        publications.stream().map(Publications::exposed).toList())
                .withHostConfig(HostConfig.newHostConfig().withPortBindings(ports))
                .exec()
                .getId();
        docker.startContainerCmd(id).exec();
        return id;
    }

    /** Labels are as they were made, so what others look after is so from its first instant. */
    @Override
    public Optional<String> guarded(String name, Mark mark) {
        Map<String, String> labels = new HashMap<>(mark.labels());
        labels.put("com.docker.compose.config-hash", "0a1b2c");
        String id = sleeper(outsider.docker())
                .withName(name)
                .withLabels(labels)
                .exec()
                .getId();
        strangers.add(id);
        return Optional.of(id);
    }

    @Override
    public Optional<Road> road() {
        return Optional.of(relay);
    }

    @Override
    public int rounds() {
        return 3;
    }

    @Override
    public void close() {
        try (relay;
                outsider;
                runtime) {
            for (String stranger : strangers) {
                try {
                    outsider.docker()
                            .removeContainerCmd(stranger)
                            .withForce(true)
                            .exec();
                } catch (DockerException gone) {
                    // Somebody was faster.
                }
            }
        }
    }
}
