package dev.berth.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;
import java.io.IOException;

/** The contract of a runtime, kept by dockerd, over a Unix socket. */
class DockerdContractTest extends ContainerRuntimeContract<CreateContainerCmd> {
    @Override
    protected RuntimeFixture<CreateContainerCmd> open() throws IOException {
        return DockerFixture.overUnixSocket(Engine.DOCKERD);
    }
}
