package dev.berth.proxmox;

import dev.berth.ledger.Scope;
import dev.berth.testkit.proxmox.FakeProxmox;
import dev.berth.testkit.proxmox.FakeToken;
import java.net.URI;
import java.time.Duration;

/** Ways into fake clusters. */
final class Labs {
    static final Scope SCOPE = Scope.of("lab");
    /** A guest that is always there. */
    static final int CANARY = 100;

    /** Shorter than usual: what is waited for here is a thread of the same process. */
    static final Spans SPANS = new Spans(
            Duration.ofSeconds(8),
            Duration.ofMillis(600),
            Duration.ofSeconds(2),
            Duration.ofMillis(1_500),
            Spans.USUAL.fresh(),
            Spans.USUAL.asked());

    private Labs() {}

    /** Three nodes and one guest. */
    static FakeProxmox three() {
        FakeProxmox lab =
                FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3").start();
        lab.addContainer(CANARY, "pve1").named("always.example.test");
        return lab;
    }

    static ProxmoxConnection to(FakeProxmox lab) {
        return to(lab, lab.operator());
    }

    static ProxmoxConnection to(FakeProxmox lab, FakeToken token) {
        return through(lab, token, lab.uris().toArray(new URI[0]));
    }

    /** By some nodes alone. */
    static ProxmoxConnection through(FakeProxmox lab, String... nodes) {
        URI[] uris = new URI[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            uris[i] = lab.node(nodes[i]).uri();
        }
        return through(lab, lab.operator(), uris);
    }

    private static ProxmoxConnection through(FakeProxmox lab, FakeToken token, URI... uris) {
        return ProxmoxRuntime.at(SCOPE, uris)
                .credentials(Credentials.token(token.id(), token.secret().toCharArray()))
                .trust(pins(lab))
                .connectsWithin(Duration.ofSeconds(5))
                .spans(SPANS)
                .stopsWithin(Duration.ZERO);
    }

    static Trust pins(FakeProxmox lab) {
        return Trust.fingerprints(
                lab.nodes().stream().map(node -> node.fingerprint()).toArray(String[]::new));
    }

    static GuestSpec container(FakeProxmox lab) {
        return container(lab, "pve1");
    }

    static GuestSpec container(FakeProxmox lab, String node) {
        return GuestSpec.container(node, lab.template())
                .with("rootfs", "local:0")
                .with("memory", "64")
                .with("unprivileged", "1");
    }
}
