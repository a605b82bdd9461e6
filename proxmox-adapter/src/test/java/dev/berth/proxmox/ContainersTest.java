package dev.berth.proxmox;

import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The laws of a runtime on containers of a fake cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainersTest extends ContainerRuntimeContract<GuestSpec> {
    private final AtomicInteger numbers = new AtomicInteger(1_000);
    private FakeProxmox lab;

    @BeforeAll
    void start() {
        lab = Labs.three();
    }

    @AfterAll
    void stop() {
        lab.close();
    }

    @Override
    protected RuntimeFixture<GuestSpec> open() {
        return new LabFixture(GuestType.LXC, lab, numbers);
    }
}
