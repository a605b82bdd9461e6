package dev.berth.proxmox;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Stranger;
import java.time.Clock;
import java.util.UUID;

/** A ledger, a target, and requests as the homelab has them. */
final class Homelab implements AutoCloseable {
    final Target target;
    final ResourceLedger ledger;
    final ProxmoxRuntime runtime;
    final int first;
    private final String prefix = "t" + UUID.randomUUID().toString().substring(0, 6) + "-";
    final Provisioner<GuestSpec> provisioner;

    Homelab(Target target) {
        this(target, Clock.systemUTC());
    }

    /** With a ledger whose clock is another than the target's. */
    Homelab(Target target, Clock clock) {
        this.ledger = ResourceLedger.inMemory(clock);
        this.target = target;
        this.runtime = target.runtime();
        this.first = target.ids(10);
        provisioner = provisioner(runtime);
    }

    Provisioner<GuestSpec> provisioner(ProxmoxRuntime client) {
        return Provisioner.of(ledger, client)
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS, Stranger.NEXT_CANDIDATE)
                .build();
    }

    String host(String name) {
        return prefix + name;
    }

    ProvisionRequest request(String app) {
        return request(app, host(app));
    }

    ProvisionRequest request(String app, String host) {
        return ProvisionRequest.of(ClaimRequest.by(Owner.of("homelab", app))
                        .in(runtime.scope())
                        .choose("guest", GuestIds.of(runtime.scope(), first, first + 9))
                        .fixed("host", ResourceKind.DNS_NAME, host)
                        .choose(
                                "http",
                                PortPool.named("http")
                                        .onHost(runtime.scope())
                                        .range(30_001, 30_010)
                                        .build()))
                .named("guest");
    }

    Provisioned provision(String app) {
        return provisioner.provision(request(app), granted -> target.spec().hostName(granted.value("host")));
    }

    ProvisionOutcome tryProvision(String app) {
        return provisioner.tryProvision(request(app), granted -> target.spec().hostName(granted.value("host")));
    }

    int number(Claim claim) {
        return Integer.parseInt(claim.value("guest"));
    }

    @Override
    public void close() {
        provisioner.close();
        target.close();
    }
}
