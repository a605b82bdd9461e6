package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import dev.berth.testkit.proxmox.SeenRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a runtime talks to: which certificates count, and which of several nodes answers. */
class ReachingTest {
    @TempDir
    Path files;

    // ------------------------------------------------------------------ certificates

    @Test
    void pinnedNodeIsTrustedAndNoOther() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site = new Site(lab);
                var one = ProxmoxRuntime.at(Labs.SCOPE, lab.node("pve2").uri())
                        .credentials(Credentials.token(
                                lab.operator().id(), lab.operator().secret().toCharArray()))
                        .trust(Trust.fingerprints(lab.node("pve1").fingerprint()))
                        .build()) {
            assertThat(site.fault(one::inventory))
                    .isInstanceOfSatisfying(
                            Fault.Unreachable.class,
                            fault -> assertThat(fault.detail()).contains("fingerprint"));
            assertThat(lab.requests()).isEmpty();
        }
    }

    @Test
    void renewedCertificateIsToldAsSuch() throws Exception {
        try (var site = new Site()) {
            site.lab.nodes().forEach(FakeNode::renewsItsCertificate);

            assertThat(site.fault(site.runtime::fingerprint))
                    .isInstanceOfSatisfying(
                            Fault.Unreachable.class,
                            fault -> assertThat(fault.detail()).contains("renewed"));
        }
    }

    @Test
    void authorityOfTheClusterIsTrustedAndOnlyWhereItIsSaid() throws Exception {
        FakeProxmox lab = Labs.three();
        Path file = Files.writeString(files.resolve("pve-root-ca.pem"), lab.authorityAsPem());
        var token = lab.operator();
        try (var site = new Site(lab);
                var known = ProxmoxRuntime.at(Labs.SCOPE, lab.uris().toArray(new URI[0]))
                        .credentials(
                                Credentials.token(token.id(), token.secret().toCharArray()))
                        .trust(Trust.authority(file))
                        .build();
                var strange = ProxmoxRuntime.at(Labs.SCOPE, lab.uris().get(0))
                        .credentials(
                                Credentials.token(token.id(), token.secret().toCharArray()))
                        .build()) {
            assertThat(known.inventory().instances()).hasSize(1);
            assertThat(site.fault(strange::inventory)).isInstanceOf(Fault.Unreachable.class);
        }
    }

    @Test
    void trustThatIsNoneIsRefused() throws Exception {
        Path empty = Files.writeString(files.resolve("empty.pem"), "");
        for (ThrowingCase wrong : List.<ThrowingCase>of(
                () -> Trust.fingerprints(),
                () -> Trust.fingerprints("AA:BB"),
                () -> Trust.fingerprints("z".repeat(64)),
                () -> Trust.authority(empty),
                () -> Trust.authority(files.resolve("missing.pem")))) {
            assertThatThrownBy(wrong::run).isInstanceOf(InvalidInputException.class);
        }
    }

    private interface ThrowingCase {
        void run();
    }

    // ------------------------------------------------------------------ endpoints

    @Test
    void endpointThatIsOffIsPassedOver() throws Exception {
        try (var site = new Site()) {
            site.lab.node("pve1").goesOffline();
            site.lab.forgetRequests();

            assertThat(site.runtime.inventory().coverage().isComplete()).isTrue();
            assertThat(site.lab.requests())
                    .extracting(SeenRequest::node)
                    .doesNotContain("pve1")
                    .containsOnly("pve2");
            assertThat(Arrays.asList("pve2", "pve3"))
                    .contains(site.lab.requests().get(0).node());
        }
    }

    /** Each verdict comes from one node: all that it rests on was asked there. */
    @Test
    void verdictComesFromOneEndpoint() throws Exception {
        try (var site = new Site()) {
            site.lab.forgetRequests();
            assertThat(site.runtime.look("lxc/999")).isInstanceOf(Sighting.Absent.class);

            assertThat(site.lab.requests()).extracting(SeenRequest::node).containsOnly("pve1");
            assertThat(site.lab.requests())
                    .extracting(SeenRequest::path)
                    .startsWith("/cluster/status", "/cluster/resources", "/cluster/nextid", "/cluster/nextid")
                    .endsWith("/cluster/nextid", "/cluster/status", "/cluster/status");
        }
    }
}
