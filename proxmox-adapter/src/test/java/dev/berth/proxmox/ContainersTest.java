package dev.berth.proxmox;

import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;

/** The laws of a runtime on containers of a fake cluster. */
class ContainersTest extends ContainerRuntimeContract<GuestSpec> {
    @Override
    protected RuntimeFixture<GuestSpec> open() {
        return new LabFixture(GuestType.LXC);
    }
}
