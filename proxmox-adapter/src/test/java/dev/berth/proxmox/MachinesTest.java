package dev.berth.proxmox;

import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;
import org.junit.jupiter.api.Tag;

/** The laws of a runtime on virtual machines of a fake cluster. */
@Tag("deep")
class MachinesTest extends ContainerRuntimeContract<GuestSpec> {
    @Override
    protected RuntimeFixture<GuestSpec> open() {
        return new LabFixture(GuestType.QEMU);
    }
}
