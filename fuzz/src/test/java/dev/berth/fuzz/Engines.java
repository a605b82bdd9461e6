package dev.berth.fuzz;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.sun.net.httpserver.HttpServer;
import dev.berth.docker.DockerConnection;
import dev.berth.docker.DockerPortProbe;
import dev.berth.docker.DockerRuntime;
import dev.berth.ledger.Scope;
import dev.berth.proxmox.Credentials;
import dev.berth.proxmox.GuestIds;
import dev.berth.proxmox.GuestSpec;
import dev.berth.proxmox.ProxmoxConnection;
import dev.berth.proxmox.ProxmoxRuntime;
import dev.berth.proxmox.Trust;
import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An engine that has no container, and a cluster of one node: both are asked over real connections. */
final class Engines implements AutoCloseable {
    private static final Scope NODE = Scope.of("node-1");
    private static final Map<String, String> ANSWERS = Map.of(
            "/info", "{\"ID\":\"engine\",\"Name\":\"engine\",\"ServerVersion\":\"28.0.0\"}",
            "/version", "{\"Version\":\"28.0.0\",\"ApiVersion\":\"1.48\"}",
            "/_ping", "\"OK\"",
            "/containers/json", "[]");

    private final HttpServer engine;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeProxmox cluster;
    private DockerRuntime docker;
    private ProxmoxRuntime proxmox;

    Engines() throws IOException {
        engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        engine.setExecutor(threads);
        engine.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath().replaceFirst("^/v[0-9.]+", "");
            String known = ANSWERS.get(path);
            byte[] body = (known == null ? "{\"message\":\"no such thing\"}" : known).getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(known == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        engine.start();
        cluster = FakeProxmox.cluster("lab").nodes("pve1").start();
    }

    void offer(Samples samples) {
        samples.put(DockerRuntime.class, this::docker)
                .put(DockerConnection.class, this::dockerConnection)
                .put(DockerClient.class, () -> docker().docker())
                .put(CreateContainerCmd.class, () -> docker().docker().createContainerCmd("image:1"))
                .put(DockerPortProbe.class, () -> DockerPortProbe.on(docker(), Duration.ofSeconds(2)))
                .put(ProxmoxRuntime.class, this::proxmox)
                .put(ProxmoxConnection.class, this::proxmoxConnection)
                .put(Credentials.class, this::credentials)
                .put(Trust.class, this::trust)
                .put(URI.class, () -> cluster.uris().get(0))
                .put(GuestIds.class, () -> GuestIds.of(NODE, 100, 200))
                .put(GuestSpec.class, () -> GuestSpec.container("pve1", cluster.template()));
    }

    private DockerConnection dockerConnection() {
        return DockerRuntime.at(NODE)
                .host(URI.create("tcp://127.0.0.1:" + engine.getAddress().getPort()))
                .connectTimeout(Duration.ofSeconds(2))
                .responseTimeout(Duration.ofSeconds(2));
    }

    private DockerRuntime docker() {
        if (docker == null) {
            docker = dockerConnection().build();
        }
        return docker;
    }

    private Credentials credentials() {
        return Credentials.token(
                cluster.operator().id(), cluster.operator().secret().toCharArray());
    }

    private Trust trust() {
        return Trust.fingerprints(
                cluster.nodes().stream().map(FakeNode::fingerprint).toArray(String[]::new));
    }

    private ProxmoxConnection proxmoxConnection() {
        return ProxmoxRuntime.at(NODE, cluster.uris().toArray(new URI[0]))
                .credentials(credentials())
                .trust(trust())
                .connectsWithin(Duration.ofSeconds(2))
                .answersWithin(Duration.ofSeconds(2))
                .tasksWithin(Duration.ofSeconds(2))
                .stopsWithin(Duration.ZERO);
    }

    private ProxmoxRuntime proxmox() {
        if (proxmox == null) {
            proxmox = proxmoxConnection().build();
        }
        return proxmox;
    }

    void reopen() {
        if (docker != null) {
            docker.close();
        }
        if (proxmox != null) {
            proxmox.close();
        }
        docker = null;
        proxmox = null;
    }

    @Override
    public void close() {
        reopen();
        engine.stop(0);
        threads.shutdownNow();
        cluster.close();
    }
}
