package dev.berth.proxmox;

import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A fake cluster in the place of a real one: it is reached, used and cleaned up by what an environment says of it. */
final class StandIn implements Target {
    /** Somebody's, in the range of the tests, and nothing of theirs. */
    static final int SOMEBODYS = 990_500;

    final FakeProxmox lab = Labs.three();
    private final Server server;

    StandIn() {
        lab.addContainer(SOMEBODYS, "pve2").named("somebodys").tagged("keep").running();
        server = new Server(environment(lab));
    }

    static Map<String, String> environment(FakeProxmox lab) {
        Map<String, String> said = new HashMap<>();
        said.put("URL", lab.uris().stream().map(URI::toString).collect(Collectors.joining(",")));
        said.put("TOKEN", lab.operator().id() + "=" + lab.operator().secret());
        said.put("FINGERPRINT", lab.nodes().stream().map(FakeNode::fingerprint).collect(Collectors.joining(",")));
        said.put("NODE", "pve1");
        said.put("TEMPLATE", lab.template());
        said.put("STORAGE", "local");
        return said.entrySet().stream()
                .collect(Collectors.toMap(entry -> "BERTH_TEST_PROXMOX_" + entry.getKey(), Map.Entry::getValue));
    }

    @Override
    public ProxmoxRuntime runtime() {
        return server.runtime();
    }

    @Override
    public ProxmoxRuntime another() {
        return server.another();
    }

    @Override
    public GuestSpec spec() {
        return server.spec();
    }

    @Override
    public GuestSpec rejected() {
        return server.rejected();
    }

    @Override
    public int ids(int count) {
        return server.ids(count);
    }

    @Override
    public String stranger(int number, String name) {
        return server.stranger(number, name);
    }

    @Override
    public String machine(int number, String name) {
        return server.machine(number, name);
    }

    @Override
    public Hands person() {
        return server.person();
    }

    @Override
    public void close() {
        server.close();
        try (lab) {
            if (!lab.guestIds().equals(java.util.Set.of(Labs.CANARY, SOMEBODYS))
                    || !lab.guest(SOMEBODYS).isRunning()) {
                throw new AssertionError("after the clean-up there are " + lab.guestIds());
            }
        }
    }
}
