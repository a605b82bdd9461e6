package dev.berth.benchmarks;

import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * A process of its own with a fake cluster of Proxmox VE, so that its work and its heap are not its client's. It does what is
 * said on its standard input: {@code lose FROM COUNT}.
 */
public final class ProxmoxCluster {
    /** A guest that is always there. */
    static final int CANARY = 100;

    private static final int FIRST_STRANGER = 100_000;

    private ProxmoxCluster() {}

    /**
     * Prints one line when it is there: addresses, the token's id, its secret, fingerprints and a template, with tabs between.
     *
     * @param args how many guests there are that nobody in the ledger knows
     * @throws IOException if the standard input cannot be read
     */
    public static void main(String[] args) throws IOException {
        int strangers = Integer.parseInt(args[0]);
        try (FakeProxmox lab =
                        FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3").start();
                var said = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            lab.addContainer(CANARY, "pve1").named("always");
            for (int i = 1; i < strangers; i++) {
                lab.addContainer(FIRST_STRANGER + i, "pve" + (1 + i % 3)).named("stranger-" + i);
            }
            lab.statisticsArrive();
            System.out.println(String.join(
                    "\t",
                    lab.uris().stream().map(URI::toString).collect(Collectors.joining(",")),
                    lab.operator().id(),
                    lab.operator().secret(),
                    lab.nodes().stream().map(FakeNode::fingerprint).collect(Collectors.joining(",")),
                    lab.template()));
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                String[] words = line.split(" ", 3);
                int from = Integer.parseInt(words[1]);
                for (int i = from; i < from + Integer.parseInt(words[2]); i++) {
                    lab.guest(i).vanishes();
                }
                lab.forgetRequests();
                System.out.println("done");
            }
        }
    }
}
