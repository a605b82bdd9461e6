package dev.berth.examples.homelab;

import dev.berth.examples.cli.UsageException;
import dev.berth.examples.cli.Variables;
import dev.berth.ledger.Scope;
import dev.berth.proxmox.Credentials;
import dev.berth.proxmox.GuestSpec;
import dev.berth.proxmox.ProxmoxConnection;
import dev.berth.proxmox.ProxmoxRuntime;
import dev.berth.proxmox.Trust;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The cluster that the homelab is on: the real one that the environment names, or a fake one of three nodes in this process.
 *
 * @param told which one it is, for people
 * @param runtime the way to it
 * @param apps what an app's container is made from
 * @param fake the fake cluster, for the tour to make trouble on
 */
record Cluster(String told, ProxmoxRuntime runtime, GuestSpec apps, Optional<FakeProxmox> fake)
        implements AutoCloseable {
    static final Scope SCOPE = Scope.of("homelab");

    static Cluster of(Map<String, String> environment, Clock clock) {
        return environment.containsKey("PROXMOX_URL") ? real(environment) : madeUp(clock);
    }

    private static Cluster real(Map<String, String> environment) {
        var variables = new Variables(environment);
        URI[] nodes = variables.addresses("PROXMOX_URL").toArray(URI[]::new);
        String[] token = needed(environment, "PROXMOX_TOKEN").split("=", 2);
        if (token.length < 2) {
            throw new UsageException("PROXMOX_TOKEN has no secret; it looks like user@realm!name=secret");
        }
        ProxmoxConnection connection = ProxmoxRuntime.at(SCOPE, nodes)
                .credentials(Credentials.token(token[0], token[1].toCharArray()))
                .trust(trust(environment));
        variables.number("PROXMOX_CANARY", 100, 999_999_999).ifPresent(connection::canary);
        String storage = environment.getOrDefault("PROXMOX_STORAGE", "local-lvm");
        GuestSpec apps = GuestSpec.container(
                        needed(environment, "PROXMOX_NODE"), needed(environment, "PROXMOX_TEMPLATE"))
                .with("rootfs", storage + ":8")
                .with("memory", "512")
                .with("net0", "name=eth0,bridge=vmbr0,ip=dhcp")
                .with("unprivileged", "1");
        return new Cluster("the cluster at " + nodes[0].getHost(), connection.open(), apps, Optional.empty());
    }

    private static Trust trust(Map<String, String> environment) {
        if (environment.containsKey("PROXMOX_CA")) {
            return Trust.authority(Path.of(environment.get("PROXMOX_CA")));
        }
        return environment.containsKey("PROXMOX_FINGERPRINT")
                ? Trust.fingerprints(environment.get("PROXMOX_FINGERPRINT").split(","))
                : Trust.system();
    }

    private static String needed(Map<String, String> environment, String variable) {
        String value = environment.getOrDefault(variable, "");
        if (value.isBlank()) {
            throw new UsageException(variable + " is not set; PROXMOX_URL needs it beside it");
        }
        return value;
    }

    static Cluster madeUp(Clock clock) {
        FakeProxmox lab = FakeProxmox.cluster("lab")
                .nodes("pve1", "pve2", "pve3")
                .clock(clock)
                .start();
        lab.addContainer(100, "pve1").named("router").running();
        lab.addContainer(201, "pve2").named("existing-nginx-lxc-port80").running();
        lab.addMachine(105, "pve3").named("windows").running();
        ProxmoxRuntime runtime = ProxmoxRuntime.at(SCOPE, lab.uris().toArray(URI[]::new))
                .credentials(Credentials.token(
                        lab.operator().id(), lab.operator().secret().toCharArray()))
                .trust(Trust.fingerprints(
                        lab.nodes().stream().map(node -> node.fingerprint()).toArray(String[]::new)))
                .canary(100)
                .open();
        return new Cluster(
                "a fake one of three nodes in this process; PROXMOX_URL names a real one",
                runtime,
                GuestSpec.container("pve1", lab.template()).with("unprivileged", "1"),
                Optional.of(lab));
    }

    @Override
    public void close() {
        runtime.close();
        fake.ifPresent(FakeProxmox::close);
    }
}
