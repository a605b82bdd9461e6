package dev.berth.proxmox;

import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The laws of a runtime on containers of a real server, where the environment names one. */
@Execution(ExecutionMode.SAME_THREAD)
@ResourceLock(Server.LOCK)
class ContainersOnServerTest extends ContainerRuntimeContract<GuestSpec> {
    @Override
    protected RuntimeFixture<GuestSpec> open() {
        return new ServerFixture(GuestType.LXC, new Server());
    }
}
