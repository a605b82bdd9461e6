package dev.berth.fuzz;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AuthConfig;
import com.sun.net.httpserver.HttpServer;
import dev.berth.BerthException;
import dev.berth.docker.DockerRuntime;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSettings;
import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A process in which every logger is at its most talkative, and which knows passwords. */
final class Talk {
    private static final Scope NODE = Scope.of("node-1");

    private Talk() {}

    /**
     * Works with databases and an engine, in good days and bad.
     *
     * @param bases of each database its JDBC URL, its user and the password
     */
    public static void main(String[] bases) throws Exception {
        for (int i = 0; i < bases.length; i += 3) {
            String url = bases[i];
            String user = bases[i + 1];
            String password = bases[i + 2];
            var settings = JdbcSettings.defaults().patience(Duration.ofSeconds(2));
            tried("its user", () -> work(url, settings.user(user).password(password)));
            tried(
                    "in the URL",
                    () -> work(
                            url + (url.contains("?") ? "&" : "?") + "user=" + user + "&password=" + password,
                            settings));
            tried("nobody", () -> work(url, settings.user("nobody").password(Secrets.MARK + "-wrong")));
            tried(
                    "nowhere",
                    () -> work(
                            url.replaceFirst(":[0-9]+/", ":1/"),
                            settings.user("anna").password(Secrets.MARK + "-nowhere")));
            System.out.println("settings: " + settings.user(user).password(password));
        }
        engine();
        System.out.println("the end");
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void tried(String what, Step step) throws Exception {
        try {
            step.run();
            System.out.println(what + ": worked");
        } catch (BerthException refused) {
            System.out.println(what + ": refused");
            refused.printStackTrace(System.out);
        }
    }

    private static void work(String url, JdbcSettings settings) {
        try (var ledger = ResourceLedger.on(JdbcLedgerStore.open(url, settings));
                var sync = JdbcSyncStore.open(url, settings)) {
            ledger.claim(ClaimRequest.by(Owner.of("lab", UUID.randomUUID().toString()))
                    .in(NODE)
                    .fixed("name", ResourceKind.CONTAINER_NAME, "n" + UUID.randomUUID()));
            System.out.println(sync.describe() + " " + sync.tables());
        }
    }

    /** An engine that takes nothing: what it is asked has environment variables and the password of a registry. */
    private static void engine() throws Exception {
        HttpServer engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        engine.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = "{\"message\":\"conflict\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(409, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        engine.start();
        try (DockerRuntime docker = DockerRuntime.at(NODE)
                .host(URI.create("tcp://127.0.0.1:" + engine.getAddress().getPort()))
                .build()) {
            CreateContainerCmd wish = docker.docker()
                    .createContainerCmd("image:1")
                    .withEnv("DB_PASSWORD=" + Secrets.MARK + "-env")
                    .withAuthConfig(new AuthConfig().withUsername("anna").withPassword(Secrets.MARK + "-registry"));
            var mark = new Mark(UUID.randomUUID(), UUID.randomUUID(), "nonce", Owner.of("lab", "app"));
            var deployment = new Deployment<>(wish, Optional.of("app"), List.of(), mark, Map.of());
            try {
                System.out.println(docker.create(deployment));
            } catch (RuntimeException refused) {
                System.out.println("engine: refused, " + docker.classify(refused));
                refused.printStackTrace(System.out);
            }
        } finally {
            engine.stop(0);
        }
    }
}
