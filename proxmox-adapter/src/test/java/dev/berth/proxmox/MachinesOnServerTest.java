package dev.berth.proxmox;

import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The laws of a runtime on virtual machines of a real server, where the environment names one. They have no disk. */
@Execution(ExecutionMode.SAME_THREAD)
@ResourceLock(Server.LOCK)
class MachinesOnServerTest extends ContainerRuntimeContract<GuestSpec> {
    @Override
    protected RuntimeFixture<GuestSpec> open() {
        return new ServerFixture(GuestType.QEMU, new Server());
    }
}
