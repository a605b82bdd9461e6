package dev.berth.docker;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.LocalDirectorySSLConfig;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.SSLConfig;
import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How an engine is reached. Immutable: each method gives a changed copy. The version of the API is left to the engine, so
 * that old and new ones understand.
 */
public final class DockerConnection {
    private static final URI THIS_HOST = URI.create("unix:///var/run/docker.sock");
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Scope scope;
    private final URI host;
    private final @Nullable SSLConfig tls;
    private final Duration connectTimeout;
    private final Duration responseTimeout;
    private final Beacon beacon;
    private final @Nullable DockerClientConfig whole;

    private DockerConnection(
            Scope scope,
            URI host,
            @Nullable SSLConfig tls,
            Duration connectTimeout,
            Duration responseTimeout,
            Beacon beacon,
            @Nullable DockerClientConfig whole) {
        this.scope = InvalidInputException.requireNonNull("scope", scope);
        this.host = host;
        this.tls = tls;
        this.connectTimeout = connectTimeout;
        this.responseTimeout = responseTimeout;
        this.beacon = beacon;
        this.whole = whole;
    }

    static DockerConnection to(Scope scope) {
        return new DockerConnection(
                scope, THIS_HOST, null, Duration.ofSeconds(10), Duration.ofMinutes(3), Beacon.WHERE_NEEDED, null);
    }

    static DockerConnection fromEnvironment(Scope scope) {
        DockerConnection plain = to(scope);
        DefaultDockerClientConfig.Builder builder = DefaultDockerClientConfig.createDefaultConfigBuilder();
        boolean saysHost = builder.isDockerHostSetExplicitly();
        DefaultDockerClientConfig config = builder.build();
        if (!saysHost) {
            Contexts.requireKnown(Optional.ofNullable(System.getenv("DOCKER_CONTEXT")), config);
        }
        return new DockerConnection(
                scope,
                Addresses.checked(config.getDockerHost(), config.getSSLConfig() != null),
                config.getSSLConfig(),
                plain.connectTimeout,
                plain.responseTimeout,
                plain.beacon,
                config);
    }

    /**
     * Says where the engine listens. Unless said, that is {@code unix:///var/run/docker.sock}.
     *
     * @param address {@code unix:///path}, {@code tcp://host:port} or, on Windows, {@code npipe:////./pipe/name}
     * @return the connection
     * @throws InvalidInputException if it is not one of those, or carries a user or a secret, which is not shown then
     */
    public DockerConnection host(URI address) {
        URI given = InvalidInputException.requireNonNull("engine's address", address);
        if ("tcp".equalsIgnoreCase(given.getScheme()) && given.getPort() < 0) {
            throw InvalidInputException.of("engine's address", Addresses.shown(given), "tcp://host:port");
        }
        return new DockerConnection(
                scope, Addresses.checked(given, false), tls, connectTimeout, responseTimeout, beacon, null);
    }

    /**
     * Reads the keys for TLS from a directory, as Docker's command line has them: {@code ca.pem}, {@code cert.pem} and {@code
     * key.pem}. They are read when the runtime is built.
     *
     * @param certificates the directory
     * @return the connection
     * @throws InvalidInputException if it is not a directory
     */
    public DockerConnection tls(Path certificates) {
        if (!Files.isDirectory(InvalidInputException.requireNonNull("directory of certificates", certificates))) {
            throw InvalidInputException.of("directory of certificates", certificates, "a directory that is there");
        }
        return with(new LocalDirectorySSLConfig(certificates.toString()));
    }

    /**
     * Takes keys for TLS from wherever the host has them.
     *
     * @param context the context, with the client's key and whom it trusts
     * @return the connection
     * @throws InvalidInputException if it is null
     */
    public DockerConnection tls(SSLContext context) {
        InvalidInputException.requireNonNull("TLS context", context);
        return with(() -> context);
    }

    private DockerConnection with(SSLConfig keys) {
        return new DockerConnection(scope, host, keys, connectTimeout, responseTimeout, beacon, null);
    }

    /**
     * Says how long connecting may take. Unless said, 10 s. Without effect on Unix sockets, which connect at once or fail.
     *
     * @param span 1 ms to 1 day
     * @return the connection
     * @throws InvalidInputException if it is out of range
     */
    public DockerConnection connectTimeout(Duration span) {
        return new DockerConnection(
                scope, host, tls, checked("connect time-out", span), responseTimeout, beacon, whole);
    }

    /**
     * Says how long the engine may say nothing. Unless said, 3 min: longer than the {@link dev.berth.runtime.Deadlines}, so
     * that those decide. Without effect on Unix sockets, where only deadlines and interrupts end a call.
     *
     * @param span 1 ms to 1 day
     * @return the connection
     * @throws InvalidInputException if it is out of range
     */
    public DockerConnection responseTimeout(Duration span) {
        return new DockerConnection(
                scope, host, tls, connectTimeout, checked("response time-out", span), beacon, whole);
    }

    private static Duration checked(String what, Duration span) {
        InvalidInputException.requireNonNull(what, span);
        if (span.compareTo(Duration.ofMillis(1)) < 0 || span.compareTo(LONGEST) > 0) {
            throw InvalidInputException.of(what, span, "1 ms to 1 day");
        }
        return span;
    }

    /**
     * Says where a beacon is left. Unless said, {@link Beacon#WHERE_NEEDED}.
     *
     * @param where where
     * @return the connection
     * @throws InvalidInputException if it is null
     */
    public DockerConnection beacon(Beacon where) {
        return new DockerConnection(
                scope,
                host,
                tls,
                connectTimeout,
                responseTimeout,
                InvalidInputException.requireNonNull("beacon", where),
                whole);
    }

    /**
     * Makes the runtime. Nothing is asked of the engine yet.
     *
     * @return the runtime, which has a client of its own and closes it
     * @throws InvalidInputException if there are keys for TLS, and the engine is not reached by TCP
     * @throws RuntimeException of docker-java's, if the keys cannot be read
     */
    public DockerRuntime build() {
        boolean tcp = "tcp".equals(host.getScheme());
        if (tls != null && !tcp && whole == null) {
            throw InvalidInputException.of("engine's address with TLS", host, "tcp://host:port");
        }
        DockerClientConfig config = whole == null ? new PlainConfig(host) : whole;
        DockerHttpClient transport = new ApacheDockerHttpClient.Builder()
                .dockerHost(host)
                .sslConfig(tls)
                .connectionTimeout(connectTimeout)
                .responseTimeout(responseTimeout)
                .build();
        FreshConnections fresh = tcp ? FreshConnections.onDeaf(transport) : FreshConnections.on(transport);
        return new DockerRuntime(
                scope, DockerClientImpl.getInstance(config, fresh), DockerRuntime.Ownership.OURS, beacon);
    }

    @Override
    public String toString() {
        return scope + " at " + host + (tls == null ? "" : " by TLS");
    }
}
