package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testkit.proxmox.FakeProxmox;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What is left when a runtime is closed: nothing. */
@Isolated("counts the threads of this process")
class ClosingTest {
    /** Law L9. Before Java 21 the client's own thread goes once the collector has seen that nobody has the client. */
    @Test
    void closingEndsAllThreads() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site = new Site(lab)) {
            Set<Thread> before = threads();
            for (int i = 0; i < 3; i++) {
                try (var one = Labs.to(lab).build()) {
                    one.inventory();
                }
            }
            Site.await("the threads to end", () -> {
                System.gc();
                return before.containsAll(threads());
            });
            assertThat(site.runtime.inventory().instances()).hasSize(1);
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("berth-proxmox-")
                        || thread.getName().startsWith("HttpClient-"))
                .collect(Collectors.toSet());
    }
}
