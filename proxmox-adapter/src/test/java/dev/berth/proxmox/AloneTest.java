package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import org.junit.jupiter.api.Test;

/** A node that stands alone is its own majority; one that has only forgotten its cluster is not. */
class AloneTest {
    /** A stand-alone node has no cluster row, and is its own majority. */
    @Test
    void standAloneNodeIsQuorate() throws Exception {
        FakeProxmox lab = FakeProxmox.cluster("alone").nodes("pve").start();
        lab.addContainer(Labs.CANARY, "pve");
        try (var site = new Site(lab)) {
            Mark mark = site.mark();
            String id = site.create(103, mark, "pve");
            assertThat(site.runtime.fingerprint().parts()).containsEntry("node", "pve");
            assertThat(site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);
        }
    }

    /** A cluster's node that cannot read its cluster says that it stands alone: then it says nothing of guests. */
    @Test
    void nodeThatForgetsItsClusterIsIll() throws Exception {
        try (var site = new Site();
                var alone = Labs.through(site.lab, "pve1").build()) {
            String id = site.create(103, site.mark(), "pve2");
            assertThat(alone.inventory().coverage().isComplete()).isTrue();
            site.lab.node("pve1").forgetsItsCluster();

            assertThat(alone.look("lxc/999")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.fault(alone::inventory).mayHaveHappened()).isFalse();
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Present.class);
        }
    }

    /** A process that was started just now has seen no cluster yet, but was told of one: it was given several of its nodes. */
    @Test
    void freshProcessDoesNotBelieveANodeThatForgotItsCluster() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark(), "pve2");
            site.lab.nodes().forEach(FakeNode::forgetsItsCluster);
            try (var fresh = Labs.to(site.lab).build()) {
                assertThat(fresh.look("lxc/999"))
                        .isInstanceOfSatisfying(
                                Sighting.Unknown.class,
                                unknown -> assertThat(unknown.reason()).contains("stands alone", "several endpoints"));
                assertThat(fresh.look(id)).isInstanceOf(Sighting.Unknown.class);
                assertThat(site.fault(fresh::inventory)).isInstanceOf(Fault.Busy.class);
                assertThat(site.fault(fresh::fingerprint)).isInstanceOf(Fault.Busy.class);
            }
        }
    }

    /** Through one endpoint alone it is believed, but it is not the cluster that it was: its fingerprint says so. */
    @Test
    void nodeThatForgotItsClusterIsAnotherThanTheCluster() throws Exception {
        try (var site = new Site();
                var before = Labs.through(site.lab, "pve1").build()) {
            var cluster = before.fingerprint();
            site.lab.node("pve1").forgetsItsCluster();
            try (var fresh = Labs.through(site.lab, "pve1").build()) {
                assertThat(fresh.fingerprint().differences(cluster)).isNotEmpty();
            }
        }
    }
}
